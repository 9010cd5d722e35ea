"""One turn through the graph: begun, taken up where it broke off, or gone on with after a pause.

The rule owned here: a turn that waits for leave goes on with a yes or a no alone; with any other line it
is left, and what it asked for stays undone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from tutor.agent.confirming import (
    Pending,
    keep_question,
    keep_reply,
    pending_in,
    read_leave,
    resumed,
    was_replied,
)
from tutor.agent.graph import RECURSION_LIMIT
from tutor.agent.resuming import broke_off, forget_before, takes_up, unfinished
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
        self._places: dict[str, str] = {}
        """Where this process has left each thread; another session may have gone on since."""
        self.kept_reply = False
        """Whether the line of the last turn was a yes or a no, which the transcript has since it was read."""

    async def take(self, text: str, key: str, deps: Deps, pass_on: Emit) -> tuple[TurnFinished, str]:
        """The end of the turn and the kind of its intent. key: the thread's, with its learner."""
        # Imported late: langsmith comes with langgraph, and both are slow.
        from langsmith import tracing_context

        config: dict[str, Any] = {"configurable": {"thread_id": key}, "recursion_limit": RECURSION_LIMIT}
        with tracing_context(enabled=False):
            before = await self._graph.aget_state(config)
            pending = pending_in(before.interrupts)
            agreed = read_leave(text, pending.confirmation) if pending is not None else None
            again = pending is None and _repeats_reply(before, text, deps)
            goes_on = again or (agreed is None and broke_off(before, text))
            if pending is None and not goes_on and takes_up(before, text, key in self._known):
                before = await self._finish(config, deps, pass_on)
            self._known.add(key)
            await forget_before(self._graph.checkpointer, before.config)
            self.kept_reply = again or agreed is not None
            left_at = self._places.pop(key, None)
            moved = left_at is not None and left_at != place_of(before.values)
            start = None if goes_on else _beginning(before, pending, agreed, text, deps, pass_on)
            if isinstance(start, dict):
                start["elsewhere"] = moved
            state, paused = await self._stream(start, config, deps, _durability(text), pass_on)
            self._places[key] = place_of(state)
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


def place_of(values: Mapping[str, Any]) -> str:
    """What a thread waits for, to be compared: the open question with its part, an exercise, a placement."""
    opened, placing = values.get("lesson") or {}, values.get("placing") or {}
    asked = [opened.get(key) for key in ("unit", "question", "expects", "focus")]
    return json.dumps([*asked, placing.get("question"), values.get("aside")], sort_keys=True)


def _repeats_reply(before: Any, text: str, deps: Deps) -> bool:
    """The turn did not end, and the yes or no that it had been given is sent again."""
    return bool(unfinished(before)) and was_replied(
        deps.transcript, deps.settings.learner, deps.thread, before.values, text
    )


def _beginning(
    before: Any, pending: Pending | None, agreed: bool | None, text: str, deps: Deps, pass_on: Emit
) -> Any:
    """The graph's input: leave given or refused, or a new line."""
    if pending is not None and agreed is not None:
        keep_reply(deps.transcript, deps.settings.learner, deps.thread, before.values, pending, text)
        return resumed(agreed)
    line = {"line": text, "confidence": deps.confidence}
    if pending is None:
        return line
    pass_on(NoticeShown("That was neither yes nor no, so it is not done."))
    # What an exercise waited for was passed over by the line that the pause belonged to.
    return {**line, "aside": None}


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
