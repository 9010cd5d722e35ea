"""The tutor: opened once, then asked turn by turn; each turn is a stream of events.

The rule owned here: a turn ends in exactly one TurnFinished or TurnFailed, whoever stops it,
and what was said before it was stopped stays in the transcript.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

from mcp_server.context import ServerContext, Vectors
from tutor.agent.accounting import Accounts
from tutor.agent.choosing import prompt
from tutor.agent.conducting import Conductor
from tutor.agent.graph import build_graph, keep_private
from tutor.agent.resuming import PLACES, trouble_with_places
from tutor.agent.state import Deps
from tutor.events import Event, MoveChosen, NoticeShown, TokenStreamed, TurnFailed, TurnFinished
from tutor.settings import Settings, accept_endpoint
from tutor.speaker.embedded import EmbeddedSpeaker
from tutor.speaker.speaker import Speaker
from tutor.speaker.trouble import Troubles
from tutor.toolbox import Toolbox, open_toolbox
from tutor.turns import Said
from tutor_error import TutorError

if TYPE_CHECKING:
    from teaching.transcript import Transcript

_LONGEST_LINE = 50_000
_MOST_HISTORY = 200


class Tutor:
    """Use `open_tutor`. One turn at a time."""

    def __init__(
        self, settings: Settings, context: ServerContext, toolbox: Toolbox, transcript: Transcript, graph: Any
    ) -> None:
        self.settings = settings
        self.toolbox = toolbox
        self._context = context
        self._transcript = transcript
        self._graph = graph
        self._speaker: Speaker = choose_speaker(settings)
        self._running: asyncio.Task[None] | None = None
        self._told_consent = False
        self._told_trouble: str | None = None
        self._conductor = Conductor(graph)
        self._accounts = Accounts()
        self._troubles = Troubles()

    async def turn(
        self, text: str, thread: str = "default", confidence: float | None = None
    ) -> AsyncIterator[Event]:
        """Answer one message. Closing the iterator, or cancelling its consumer, stops the tools too.

        confidence: how sure the learner says they are, 0 to 1; it counts if the message is an answer.
        """
        async with aclosing(self._stream(text, thread, keeps=True, confidence=confidence)) as events:
            async for event in events:
                yield event

    async def ask(self, question: str, on_event: Callable[[Event], None] | None = None) -> TurnFinished:
        """One grounded answer outside any conversation. Raises the TutorError that a turn would tell."""
        thread = f"ask-{secrets.token_hex(4)}"
        try:
            async with aclosing(self._stream(f"/ask {question}", thread, keeps=False)) as events:
                async for event in events:
                    if on_event is not None:
                        on_event(event)
                    if isinstance(event, TurnFinished):
                        return event
                    if isinstance(event, TurnFailed):
                        raise TutorError(event.code, event.message, event.remedy)
        finally:
            await self._graph.checkpointer.adelete_thread(self._key(thread))
        raise TutorError("no-answer", "The turn ended without an answer.", "Ask again.")

    def cancel(self) -> None:
        """Stop the turn in progress. Its stream ends with TurnFailed `stopped`."""
        if self._running is not None:
            self._running.cancel()

    def history(self, thread: str = "default") -> Sequence[Said]:
        """The messages of a thread, oldest first."""
        # Imported late: SQLAlchemy.
        from teaching.transcript import last_turns

        turns = last_turns(self._transcript, self.settings.learner, thread, limit=_MOST_HISTORY)
        return [
            Said("learner" if turn.role == "learner" else "tutor", turn.text)
            for turn in turns
            if turn.role != "tool"
        ]

    async def close(self) -> None:
        self.cancel()
        if self._running is not None:
            await asyncio.wait({self._running})
        close = getattr(self._speaker, "close", None)
        if close is not None:
            await close()

    async def _stream(
        self, text: str, thread: str, *, keeps: bool, confidence: float | None = None
    ) -> AsyncGenerator[Event]:
        if self._running is not None and not self._running.done():
            raise TutorError("busy", "The tutor is still answering.", "Wait, or stop it first.")
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        work = self._run(text[:_LONGEST_LINE], thread, keeps, confidence, events.put_nowait)
        task = asyncio.create_task(work)
        self._running = task
        try:
            while (event := await events.get()) is not None:
                yield event
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

    async def _run(
        self,
        text: str,
        thread: str,
        keeps: bool,
        confidence: float | None,
        emit: Callable[[Event | None], None],
    ) -> None:
        """A whole turn in a task of its own, so that stopping it never stops its consumer."""
        said: list[str] = []
        units: list[str] = []

        def pass_on(event: Event) -> None:
            if isinstance(event, MoveChosen) and event.unit:
                units.append(event.unit)
            if isinstance(event, TokenStreamed):
                said.append(event.text)
            emit(event)

        try:
            self._tell_consent(text, pass_on)
            try:
                finished = await self._take(text, self._deps(thread, keeps, confidence), pass_on)
            finally:
                self._accounts.tell(self._speaker, self.settings, pass_on)
            self._tell_trouble(pass_on)
            emit(finished)
        except TutorError as error:
            emit(TurnFailed(error.code, error.message, error.remedy))
        except asyncio.CancelledError:
            if keeps:
                self._keep_partial(text, thread, "".join(said), units)
            emit(TurnFailed("stopped", "Stopped.", ""))
            raise
        except Exception as error:
            emit(self._explain(error))
        finally:
            emit(None)

    async def _take(self, text: str, deps: Deps, pass_on: Callable[[Event], None]) -> TurnFinished:
        self._troubles.begin_turn()
        finished, intent = await self._conductor.take(text, self._key(deps.thread), deps, pass_on)
        self._after(intent)
        return finished

    def _deps(self, thread: str, keeps: bool, confidence: float | None) -> Deps:
        return Deps(
            self.settings,
            self._context.catalog,
            self.toolbox,
            self._speaker,
            self._transcript,
            thread,
            keeps,
            self._troubles,
            confidence,
            self._context.ready_embedder,
        )

    def _after(self, intent: str) -> None:
        if intent == "accept" and self.settings.needs_consent:
            self.settings = accept_endpoint(self.settings)
            self._speaker = choose_speaker(self.settings)

    def _tell_consent(self, text: str, pass_on: Callable[[Event], None]) -> None:
        """Once a session, while a chosen model waits for consent."""
        if self._told_consent or not self.settings.needs_consent or text.startswith("/accept"):
            return
        self._told_consent = True
        notice = prompt("consent", model=str(self.settings.model), host=self.settings.host)
        pass_on(NoticeShown(notice))

    def _tell_trouble(self, pass_on: Callable[[Event], None]) -> None:
        """What keeps search from its vectors, once for each time that it begins."""
        trouble = self._context.search_trouble
        if trouble is not None and trouble != self._told_trouble:
            pass_on(NoticeShown(trouble))
        self._told_trouble = trouble

    def _keep_partial(self, text: str, thread: str, said: str, units: list[str]) -> None:
        """What was said before the turn was stopped; a yes or a no stands in the transcript already."""
        # Imported late: SQLAlchemy.
        from teaching.transcript import append_turn

        learner, stopped = self.settings.learner, {"stopped": True, "units": list(dict.fromkeys(units))}
        if not self._conductor.kept_reply:
            append_turn(self._transcript, learner, thread, "learner", text, meta=stopped)
        if said:
            append_turn(self._transcript, learner, thread, "tutor", said, meta=stopped)

    def _explain(self, error: Exception) -> TurnFailed:
        known = trouble_with_places(error, self.settings.home)
        if known is not None:
            return TurnFailed(known.code, known.message, known.remedy)
        # Imported late: the server's modules load the MCP SDK.
        from mcp_server.reply import log_failure

        path = log_failure(error, "turn", self._context.logs)
        return TurnFailed("unexpected", "Something went wrong in the tutor.", f"The details are in {path}.")

    def _key(self, thread: str) -> str:
        return f"{self.settings.learner}/{thread}"


@asynccontextmanager
async def open_tutor(settings: Settings, *, vectors: Vectors = "background") -> AsyncGenerator[Tutor]:
    """The tutor over an MCP server in this process. Enter and leave it in one task.

    vectors: search by meaning from the first question (wait), once that is ready, or never.
    """
    keep_private()
    # Imported late: the MCP SDK, langgraph's saver and SQLAlchemy are slow to import.
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    from mcp_server.server import build_server
    from teaching.transcript import open_transcript

    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    context = ServerContext(
        settings.home,
        settings.learner,
        embedder_setting=settings.embedder,
        chroma_url=settings.chroma_url,
        database=settings.database,
        allow_unisolated=settings.allow_unisolated,
        content_paths=settings.content_paths,
        kernels=settings.kernels,
        vectors=vectors,
    )
    transcript = open_transcript(settings.home, settings.database)
    try:
        checkpoints = AsyncSqliteSaver.from_conn_string(str(settings.home / PLACES))
        async with checkpoints as saver, open_toolbox(build_server(context)) as toolbox:
            tutor = Tutor(settings, context, toolbox, transcript, build_graph(saver))
            try:
                yield tutor
            finally:
                await tutor.close()
    finally:
        transcript.close()
        await asyncio.to_thread(context.close)


def choose_speaker(settings: Settings) -> Speaker:
    """The model when one was chosen and agreed to, else the embedded speaker."""
    if settings.model is None or settings.needs_consent:
        return EmbeddedSpeaker()
    from tutor.speaker.openai_compatible import OpenAICompatibleSpeaker

    return OpenAICompatibleSpeaker(settings)
