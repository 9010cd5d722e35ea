"""One turn through the graph: begun, taken up where it broke off, or gone on with after a pause.

The rule owned here: a turn that waits for leave goes on with a yes or a no alone; with any other line it
is left, and what it asked for stays undone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from tutor.agent.confirming import (
    Pending,
    keep_question,
    keep_reply,
    pending_in,
    read_leave,
    resumed,
)
from tutor.agent.graph import RECURSION_LIMIT
from tutor.agent.resuming import broke_off, forget_before, takes_up
from tutor.agent.state import Deps, State
from tutor.events import ConfirmationAsked, Event, MoveChosen, NoticeShown, TokenStreamed, TurnFinished
from tutor.speaker.embedded import EmbeddedSpeaker
from tutor_error import TutorError

Emit = Callable[[Event], None]
_ASKS = "offer"
"""The kind of the move that asks for leave."""


class Conductor:
    """Takes turns through a compiled graph, one at a time."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self._known: set[str] = set()
        """Threads whose last turn this process has seen end, well or not."""

    async def take(self, text: str, key: str, deps: Deps, pass_on: Emit) -> tuple[TurnFinished, str]:
        """The end of the turn and the kind of its intent. key: the thread's, with its learner."""
        # Imported late: langsmith comes with langgraph, and both are slow.
        from langsmith import tracing_context

        config: dict[str, Any] = {"configurable": {"thread_id": key}, "recursion_limit": RECURSION_LIMIT}
        with tracing_context(enabled=False):
            before = await self._graph.aget_state(config)
            pending = pending_in(before.interrupts)
            if pending is None and takes_up(before, text, key in self._known):
                before = await self._finish(config, deps, pass_on)
            self._known.add(key)
            await forget_before(self._graph.checkpointer, before.config)
            start = _beginning(before, pending, text, deps, pass_on)
            state, paused = await self._stream(start, config, deps, _durability(text), pass_on)
        kind = state["intent"]["kind"]
        if paused is not None:
            return _ask_leave(paused, state, deps, pass_on), kind
        finished = TurnFinished(
            state["answer"], state["citations"], state["scope"], state["speaker"], state["moves"]
        )
        return finished, kind

    async def _finish(self, config: dict[str, Any], deps: Deps, pass_on: Emit) -> Any:
        """Finish the turn that a killed process left behind; its words go to the transcript.

        They are the authored ones: nobody waits for a model, or is asked for leave, in a turn gone by.
        """
        alone = replace(deps, speaker=EmbeddedSpeaker())
        try:
            await self._stream(None, config, alone, "sync", lambda _: None)
        except TutorError as error:
            pass_on(NoticeShown(f"What you said last could not be taken up: {error}"))
        return await self._graph.aget_state(config)

    async def _stream(
        self, start: Any, config: dict[str, Any], deps: Deps, durability: str, pass_on: Emit
    ) -> tuple[dict[str, Any], Pending | None]:
        """Run the graph: the state that this run ended with, whatever another session does meanwhile.

        And what it waits for, when it ended in a pause.
        """
        state: dict[str, Any] = {}
        pending: Pending | None = None
        async for part in self._graph.astream(
            start, config, context=deps, stream_mode=["custom", "values"], version="v2", durability=durability
        ):
            if part["type"] == "values":
                state, pending = part["data"], pending_in(part.get("interrupts", ()))
            else:
                pass_on(part["data"])
        return state, pending


def _beginning(before: Any, pending: Pending | None, text: str, deps: Deps, pass_on: Emit) -> Any:
    """The graph's input: a new line; leave given or refused; nothing, to go on with a turn that broke off."""
    agreed = read_leave(text, pending.confirmation) if pending is not None else None
    if pending is not None and agreed is not None:
        keep_reply(deps.transcript, deps.settings.learner, deps.thread, before.values, pending, text)
        return resumed(agreed)
    if broke_off(before, text):
        return None
    if pending is not None:
        pass_on(NoticeShown("That was neither yes nor no, so it is not done."))
        # What an exercise waited for was passed over by the line that the pause belonged to.
        return {"line": text, "aside": None}
    return {"line": text}


def _ask_leave(pending: Pending, state: dict[str, Any], deps: Deps, pass_on: Emit) -> TurnFinished:
    """The turn pauses here: what it asks is its answer so far, and lies in the transcript."""
    asked = pending.confirmation
    keep_question(deps.transcript, deps.settings.learner, deps.thread, cast("State", state), pending)
    pass_on(MoveChosen(_ASKS))
    pass_on(TokenStreamed(asked.text))
    pass_on(ConfirmationAsked(asked.about, asked.text))
    return TurnFinished(asked.text, [], state.get("scope", "covered"), EmbeddedSpeaker.name, [_ASKS])


def _durability(text: str) -> str:
    """A line that may be judged is checkpointed before it is, with its attempt id; others at the end."""
    return "exit" if text.startswith("/ask ") else "sync"
