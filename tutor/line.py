"""The dialogue in plain lines, for a pipe: a line in, an answer out, until the input ends.

The rule of this module: it writes no terminal escape, and an answer is complete on stdout
before the next line is read. Ctrl-C stops the answer; pressed again it ends the dialogue.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, TextIO

from knowledge.diagram import FenceStream, draw_fences
from tutor import plain
from tutor.events import (
    ConfirmationAsked,
    CoverageChanged,
    Event,
    MasteryChanged,
    NoticeShown,
    TaskShown,
    TokenStreamed,
    ToolFinished,
    ToolProgressed,
    TurnFailed,
    TurnFinished,
)
from tutor.host import TutorHost
from tutor.turns import LEAVE_COMMANDS, OpenTutor, real_tutor

if TYPE_CHECKING:
    from tutor.settings import Settings

WELCOME = """\
mltutor: a tutor for machine learning that runs and grades what you build.

Write a line and read the answer. Some beginnings:
  what is backpropagation?     an answer with its sources
  /learn perceptron            a lesson, with questions
  /next                        what to study next, and why
  /start PROJECT               a workspace with the brief and a starter
  /check PATH   /grade PATH    the visible checks; the full grade
  /hint   /run FILE            the next hint; a file run in the sandbox
  /progress   /help   /quit

On a terminal, `mltutor` opens the same dialogue with a task pane and reports beside it."""

INTERRUPTED = 130


def run_lines(
    settings: Settings, stdin: TextIO, stdout: TextIO, *, first: str | None = None, thread: str = "default"
) -> int:
    """The dialogue over the real tutor; the exit code. `first` is answered before a line is read."""
    for stream in (stdin, stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    log = settings.home / "logs" / "tutor.log"
    return converse(real_tutor(settings), stdin, stdout, first=first, thread=thread, log=log)


def converse(
    open_tutor: OpenTutor,
    stdin: TextIO,
    stdout: TextIO,
    *,
    first: str | None = None,
    thread: str = "default",
    log: Path | None = None,
) -> int:
    """Answer every line of `stdin` on `stdout`. 0 at the end of input, 130 after a second Ctrl-C."""
    dialogue = LineDialogue(open_tutor, stdout, thread, log)
    prompt = "> " if stdin.isatty() else ""
    try:
        if first is None:
            dialogue.say(f"{WELCOME}\n\n")
        else:
            dialogue.answer(first)
        dialogue.say(prompt)
        for line in stdin:
            if line.strip() in LEAVE_COMMANDS:
                break
            if line.strip():
                dialogue.answer(line.strip())
            dialogue.say(prompt)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (`| head`): what Python flushes at exit must not fail a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
    finally:
        dialogue.close()
    return 0


class LineDialogue:
    """One thread of talk; the tutor is opened at the first line that needs it."""

    def __init__(self, open_tutor: OpenTutor, stdout: TextIO, thread: str, log: Path | None) -> None:
        self._open_tutor = open_tutor
        self._stdout = stdout
        self._thread = thread
        self._log = log
        self._host: TutorHost | None = None
        self.told_task = ""
        """What was printed of a task beside the answers, last."""

    def say(self, text: str) -> None:
        self._stdout.write(text)
        self._stdout.flush()

    def answer(self, text: str) -> None:
        """One turn, to its end. A first KeyboardInterrupt stops it, a second is raised."""
        host = self._open_host()
        arrived: SimpleQueue[Event | None] = SimpleQueue()
        turn = host.turn(text, self._thread, arrived.put)
        printer = AnswerPrinter(self)
        try:
            for event in _until_none(arrived):
                printer.show(event)
        except KeyboardInterrupt:
            turn.stop()
            printer.line("(stopped)")
            for _ in _until_none(arrived):
                continue
        printer.finish()

    def close(self) -> None:
        if self._host is not None:
            self._host.close()

    def _open_host(self) -> TutorHost:
        if self._host is None:
            self._host = TutorHost(self._open_tutor, self._log)
            self._host.start()
        return self._host


class AnswerPrinter:
    """Prints the events of one turn, in the order in which a person reads them."""

    def __init__(self, dialogue: LineDialogue) -> None:
        self._dialogue = dialogue
        self._streamed = ""
        self._fences = FenceStream()
        self._line_is_open = False
        self._quarters: dict[str, int] = {}
        self._after: list[str] = []
        self._task: TaskShown | None = None
        self._tool_errors: list[str] = []
        self._has_failed = False

    def show(self, event: Event) -> None:
        match event:
            case TokenStreamed(text):
                self._stream(text)
            case ToolProgressed():
                self._progress(event)
            case ToolFinished():
                self._outcome(event)
            case TaskShown():
                self._task = event
            case CoverageChanged():
                self._after.append(plain.describe_coverage(event))
            case MasteryChanged(unit, mastery):
                self._after.append(f"{unit}: {plain.describe_mastery(mastery)}")
            case NoticeShown(text):
                self.line(f"({text})")
            case ConfirmationAsked():
                self._after.append("(yes or no)")
            case TurnFinished():
                self._whole_answer(event)
            case TurnFailed(_, message, remedy):
                self._has_failed = True
                self.line(f"! {message}")
                if remedy:
                    self.line(f"  {remedy}")
            case _:
                return

    def line(self, text: str) -> None:
        """A line of its own, whatever was being streamed."""
        if left := self._fences.end():  # of a diagram that was never closed
            self._dialogue.say(left)
            self._line_is_open = not left.endswith("\n")
        gap = "\n" if self._line_is_open else ""
        self._dialogue.say(f"{gap}{draw_fences(plain.strip_escapes(text))}\n")
        self._line_is_open = False

    def finish(self) -> None:
        """What comes after the answer: the task unless the answer held it, then the estimates."""
        if not self._streamed and not self._has_failed:
            # A failed tool is told by the answer or by the turn's own failure; else it is told here.
            self._after = [*self._tool_errors, *self._after]
        if self._task is not None:
            self._show_task(self._task)
        for text in dict.fromkeys(self._after):
            self.line(text)
        self.line("")

    def _show_task(self, task: TaskShown) -> None:
        """What the answer did not hold of the task, such as a starter; the same again is not repeated."""
        left = _left_of(task.markdown.strip(), self._streamed)
        if not left or self._dialogue.told_task == left:
            return
        self._dialogue.told_task = left
        self.line(f"\n{left}" if left != task.markdown.strip() else f"\n{task.title}\n{left}")

    def _stream(self, text: str) -> None:
        self._streamed += text
        if shown := self._fences.feed(plain.strip_escapes(text)):
            self._line_is_open = not shown.endswith("\n")
            self._dialogue.say(shown)

    def _progress(self, event: ToolProgressed) -> None:
        """Four lines a call at most: a log of a pipe is read, not watched."""
        quarter = int(4 * event.done / event.total) if event.total else 0
        if quarter > self._quarters.get(event.call, 0):
            self._quarters[event.call] = quarter
            self.line(f"... {plain.describe_progress(event)}")

    def _outcome(self, event: ToolFinished) -> None:
        if event.error:
            self._tool_errors.append(f"! {plain.describe_tool(event.tool)}: {event.error}")
        elif plain.is_report(event.outcome):
            self.line(plain.report_text(event.outcome))
        elif plain.is_run(event.outcome):
            self.line(plain.run_text(event.outcome))
        elif event.tool == "start_project":
            self._task = plain.brief_of(event)
        for figure in event.outcome.get("figures") or ():
            self.line(f"figure: {figure}")

    def _whole_answer(self, event: TurnFinished) -> None:
        if event.answer.strip() != self._streamed.strip():
            # Nothing was streamed, or the guard put another answer in its place.
            if self._streamed:
                self.line("\nThat answer is withdrawn. Instead:")
            self._streamed = event.answer
            self.line(event.answer.strip())
        sources = plain.describe_citations(event.citations)
        if sources:
            self.line(sources)


def _left_of(task: str, said: str) -> str:
    """The task without the paragraphs at its beginning that were said already."""
    head = task.split("\n\n")
    while len(head) > 1 and "\n\n".join(head) not in said:
        head.pop()
    begun = "\n\n".join(head)
    return task.removeprefix(begun).strip() if begun in said else task


def _until_none(arrived: SimpleQueue[Event | None]) -> Iterator[Event]:
    while (event := arrived.get()) is not None:
        yield event
