"""The screen of the tutor: the dialogue left, task, output and figures right.

The rule of this module: the screen paints first and lives on. The tutor opens in a thread of
its own after the first paint, and no error of a turn ends the program.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import App, ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.getters import query_one
from textual.widgets import OptionList
from textual.worker import Worker, WorkerState

from tutor.events import Event
from tutor.host import TurnHandle, TutorHost, explain_error
from tutor.tui.bars import StatusLine, TopLine
from tutor.tui.chat import (
    Chat,
    ErrorPanel,
    LearnerMessage,
    Prose,
    TermChosen,
    TutorMessage,
    last_code_block,
)
from tutor.tui.commands import TutorCommands
from tutor.tui.confidence import Confidence
from tutor.tui.lexicon import Lexicon
from tutor.tui.prompt import Prompt
from tutor.tui.side import Side, open_outside
from tutor.tui.terminal import stderr_to_log
from tutor.tui.terms import TermCard
from tutor.tui.turn import TurnView, batch_tokens
from tutor.tui.workspace import SaveWatch, Workspace, edit, workspace_of
from tutor.turns import LEAVE_COMMANDS, OpenTutor, real_tutor
from tutor_error import TutorError

if TYPE_CHECKING:
    from tutor.settings import Settings

WELCOME = """\
Ask anything about machine learning: *what is backpropagation?*

`/learn perceptron` begins a lesson, `/next` tells what to study, `/help` the rest.
"""

OPENING = "getting ready…"
READY = "ready"
BREAKPOINTS = [(0, "-narrow"), (90, "-wide")]
RECALLED_MESSAGES = 40
WATCH_SECONDS = 1.0


class TutorApp(App[None]):
    """One thread of talk with a tutor."""

    TITLE = "mltutor"
    CSS_PATH = "mltutor.tcss"
    AUTO_FOCUS = "#prompt"
    COMMANDS: ClassVar = App.COMMANDS | {TutorCommands}
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop", id="stop"),
        Binding("ctrl+o", "open_editor", "Editor", id="editor", priority=True),
        Binding("ctrl+t", "toggle_side", "Pane", id="pane", priority=True),
        Binding("f2", "terms", "Terms", id="terms", priority=True),
        Binding("f3", "confidence", "How sure", id="confidence", priority=True),
    ]

    chat = query_one(Chat)
    side = query_one(Side)
    top = query_one(TopLine)
    status = query_one(StatusLine)
    prompt = query_one(Prompt)
    confidence = query_one(Confidence)

    def __init__(
        self,
        open_tutor: OpenTutor,
        *,
        first: str | None = None,
        thread: str = "default",
        log: Path | None = None,
        lexicon: Lexicon | None = None,
    ) -> None:
        super().__init__()
        self._lexicon = lexicon
        self._first = first
        self._open_tutor = open_tutor
        self._talk = thread
        self._log_file = log
        self._host: TutorHost | None = None
        self._turn: TurnHandle | None = None
        self._arrived: asyncio.Queue[Event | None] = asyncio.Queue()
        self._was_stopped = False
        self.is_answering = False
        self._watch: SaveWatch | None = None
        self.workspace: Workspace | None = None

    def compose(self) -> ComposeResult:
        yield TopLine()
        with Horizontal(id="panes"):
            with Chat():
                yield Prose(WELCOME, id="welcome")
            yield Side()
        yield Confidence()
        yield Prompt()
        yield StatusLine()

    def on_mount(self) -> None:
        self.status.say(OPENING)
        self.call_after_refresh(self._open_host)
        self.set_interval(WATCH_SECONDS, self._check_when_saved)
        if self._first:
            self.submit(self._first)

    async def on_unmount(self) -> None:
        if self._host is not None:
            await asyncio.to_thread(self._host.close)

    def submit(self, text: str) -> None:
        """Send a message, as if the learner had typed it."""
        if text in LEAVE_COMMANDS:
            self.exit()
        elif self.is_answering:
            self.prefill(text)
            self.status.say("still answering: Esc stops it")
        else:
            self.is_answering, self._was_stopped = True, False
            self._take_turn(text)

    def prefill(self, text: str) -> None:
        self.prompt.text = text
        self.prompt.move_cursor(self.prompt.document.end)
        self.prompt.focus()

    def action_stop(self) -> None:
        """Stop the turn at once; the tutor's thread clears up behind it."""
        if self._turn is None:
            self.prompt.focus()
            return
        self._turn.stop()
        self._was_stopped = True
        self._arrived.put_nowait(None)

    def action_toggle_side(self) -> None:
        self.screen.toggle_class("-side-first" if self.screen.has_class("-narrow") else "-side-away")

    def action_check(self) -> None:
        self._send_with_path("/check")

    def action_grade(self) -> None:
        self._send_with_path("/grade")

    def action_copy_code(self) -> None:
        said = [message.text for message in self.query(TutorMessage)]
        code = next(filter(None, map(last_code_block, reversed(said))), None)
        if code is not None:
            self.copy_to_clipboard(code)
        self.status.say("no code block so far" if code is None else "copied the last code block")

    def action_open_editor(self) -> None:
        """Edit the project's main file; a change is checked at once."""
        file = self._main_file()
        if file is None:
            return
        try:
            with self.suspend():
                has_changed = edit(file)
        except SuspendNotSupported:
            self.status.say(f"this terminal cannot make room for an editor: open {file} beside it")
        except TutorError as error:
            self.chat.mount(ErrorPanel(error.message, error.remedy))
        else:
            if has_changed and not self.is_answering:
                self.action_check()

    def action_toggle_watch(self) -> None:
        """Check the project's main file whenever it is saved, in whatever editor."""
        file = None if self._watch else self._main_file()
        if self._watch is not None:
            self._watch = None
            self.status.say("check on save: off")
        elif file is not None:
            self._watch = SaveWatch(file)
            self.status.say(f"check on save: on for {file.name}")

    def action_terms(self) -> None:
        """The terms of what is shown, the newest text first."""
        if not isinstance(self.screen, TermCard):
            self._open_terms(None)

    @on(TermChosen)
    def _open_chosen_term(self, event: TermChosen) -> None:
        self._open_terms(event.term)

    @work(group="terms", exit_on_error=False)
    async def _open_terms(self, chosen: str | None) -> None:
        if self._lexicon is None:
            return
        texts = [message.text for message in self.query(TutorMessage)]
        shown = "\n".join([self.side.prose.said, *reversed(texts)])
        used = await asyncio.to_thread(self._lexicon.terms_in, shown)
        if not used:
            self.status.say("no term of the glossary on the screen")
            return
        first = next((term for term in used if term.term == chosen), None)
        unit = await self.push_screen_wait(TermCard(used, self._lexicon.define, first))
        if unit is not None:
            self.prefill(f"/learn {unit}")

    def action_confidence(self) -> None:
        """How sure: the next choice, while it is asked."""
        self.confidence.step()

    def action_help_quit(self) -> None:
        self.status.say("Ctrl+Q quits, Esc stops an answer")

    @on(Prompt.Submitted)
    def _send_prompt(self, event: Prompt.Submitted) -> None:
        self.submit(event.text)

    @on(OptionList.OptionSelected)
    def _open_figure(self, event: OptionList.OptionSelected) -> None:
        try:
            open_outside(event.option_id or "")
        except TutorError as error:
            self.status.say(f"{error.message} {error.remedy}")

    @on(Worker.StateChanged)
    async def _show_worker_error(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            error = explain_error(event.worker.error, self._log_file)
            await self.chat.add(ErrorPanel(error.message, error.remedy))
            self.status.say("an error: see above")

    def _main_file(self) -> Path | None:
        file = self.workspace.main_file() if self.workspace else None
        if file is None:
            self.status.say("no project yet: /start PROJECT makes a workspace")
        return file

    def _check_when_saved(self) -> None:
        if self._watch is not None and not self.is_answering and self._watch.was_saved():
            self.submit(f"/check {self._watch.file.parent}")

    def _open_host(self) -> TutorHost:
        if self._host is None:
            self._host = TutorHost(self._open_tutor, self._log_file)
            self._host.start()
            self._welcome_back(self._host)
        return self._host

    @work(group="opening", exit_on_error=False)
    async def _welcome_back(self, host: TutorHost) -> None:
        """Wait for the tutor; show what this thread said before."""
        try:
            await asyncio.wrap_future(host.ready())
        except TutorError:
            # The next message tries again with a new tutor.
            self._host = None
            await asyncio.to_thread(host.close)
            raise
        said = await asyncio.wrap_future(host.history(self._talk))
        await self.chat.recall(list(said)[-RECALLED_MESSAGES:])
        # A first turn may have ended already, and what it left in the line is newer.
        if self.status.doing == OPENING:
            self.status.say(READY)

    @work(group="turn", exit_on_error=False)
    async def _take_turn(self, text: str) -> None:
        arrived = self._arrived = asyncio.Queue[Event | None]()
        hand_over = asyncio.get_running_loop().call_soon_threadsafe
        view = TurnView(self.chat, self.side, self.top, self.status)
        self._turn = self._open_host().turn(
            text,
            self._talk,
            lambda event: hand_over(arrived.put_nowait, event) and None,
            self.confidence.value,
        )
        try:
            self.status.say("thinking…")
            await self.chat.follow()
            await self.chat.add(LearnerMessage(text), view.message)
            async for event in batch_tokens(arrived):
                self.workspace = workspace_of(event) or self.workspace
                await view.show(event)
        finally:
            self._turn, self.is_answering = None, False
            await view.end(was_stopped=self._was_stopped)
            if not (view.has_failed or self._was_stopped):
                self.confidence.invite(view.invited)
            await self._link_terms(view.message)
            self._say_done(view)

    async def _link_terms(self, message: TutorMessage) -> None:
        """What was just said is whole: its terms, and those of the task, become links."""
        if self._lexicon is not None and message.is_attached:
            used = await asyncio.to_thread(self._lexicon.terms_in, f"{message.text}\n{self.side.prose.said}")
            if not self.is_answering:
                await message.link(used)
                await self.side.link(used)

    def _say_done(self, view: TurnView) -> None:
        hidden = self.screen.has_class("-narrow") and not self.screen.has_class("-side-first")
        if self._was_stopped:
            self.status.say("stopped")
        elif view.awaits_leave:
            self.status.say("waits for a yes or a no")
        elif view.filled_side and hidden:
            self.status.say("ready: ^T shows the pane")
        else:
            self.status.say(READY)

    def _send_with_path(self, command: str) -> None:
        if self.workspace is None:
            self.prefill(f"{command} ")
        else:
            self.submit(f"{command} {self.workspace.path}")


def run_tui(settings: Settings, *, first: str | None = None, thread: str = "default") -> int:
    """The screen over the real tutor, until the learner leaves; the exit code. `first` is sent at once."""
    logs = settings.home / "logs"
    with stderr_to_log(logs / "stderr.log"):
        log = logs / "tutor.log"
        lexicon = Lexicon(settings.home, settings.content_paths)
        app = TutorApp(real_tutor(settings), first=first, thread=thread, log=log, lexicon=lexicon)
        app.run()
        return app.return_code or 0
