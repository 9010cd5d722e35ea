"""Open requests through a model: it may look things up and try things out, in a bounded loop.

Two nodes: `consult` asks the model for a round, `use_tools` makes the calls that it asked for.
The rule owned here: at most MOST_ROUNDS rounds and MOST_CALLS calls; whatever the model does, the
turn goes on to `speak`, with its words or with the authored ones.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tutor.agent.briefing import brief_model, request_of
from tutor.agent.confirming import Confirmation, confirm
from tutor.agent.guard import watch_of
from tutor.agent.intent import intent_of
from tutor.agent.lookup import (
    RUN,
    BadCall,
    CheckedCall,
    as_wire,
    check_call,
    describe_outcome,
    isolation_tier,
    offered_tools,
    passages_in,
)
from tutor.agent.open_request import is_open
from tutor.agent.retrieval import as_read
from tutor.agent.state import Deps, Segment, State, passages_of
from tutor.events import NoticeShown
from tutor.speaker.embedded import EmbeddedSpeaker
from tutor.speaker.endpoint_errors import gave_nothing
from tutor.speaker.openai_compatible import OpenAICompatibleSpeaker
from tutor.speaker.prompts import fill_prompt
from tutor.speaker.reply import Reply, ToolCall
from tutor.speaker.speaker import EmitText, Passage, Speaker, SpeakRequest, Spoken
from tutor_error import TutorError

if TYPE_CHECKING:
    from langgraph.runtime import Runtime

    from tutor.toolbox import Emit

Update = dict[str, Any]
MOST_ROUNDS = 4
MOST_CALLS = 8
_LONGEST_ASIDE = 500
_MOST_PASSAGES = 24


@dataclass(frozen=True)
class Talk:
    """The loop so far, as the state keeps it: its messages, and how it ended (text or failed)."""

    messages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    rounds: int = 0
    calls: int = 0
    text: str = ""
    failed: bool = False

    @property
    def is_spent(self) -> bool:
        return self.rounds >= MOST_ROUNDS or self.calls >= MOST_CALLS

    @property
    def asked(self) -> list[ToolCall]:
        """The calls that wait for their outcomes."""
        last = self.messages[-1] if self.messages else {}
        return [
            ToolCall(call["id"], call["function"]["name"], call["function"]["arguments"])
            for call in last.get("tool_calls", ())
        ]


@dataclass(frozen=True)
class SaidBefore:
    """Speaks an answer that was found already; where it cannot be used, asks for another wording."""

    talk: Talk
    deps: Deps
    name: str

    async def speak(self, request: SpeakRequest, emit: EmitText) -> Spoken:
        text = self.talk.text
        if request.objection:
            speaker = self.deps.speaker
            assert isinstance(speaker, OpenAICompatibleSpeaker), "see speaker_for"
            anew = replace(request, may_look_up=True)
            tools = as_wire(await offered_tools(self.deps))
            text = (await speaker.converse(anew, self.talk.messages, tools, must_answer=True)).text
        if not text:
            raise gave_nothing(self.deps.settings)
        emit(text)
        return Spoken(text, self.name)


def wants_tools(state: State, runtime: Any) -> str:
    """After the choice of the moves: an open request goes to the model with tools, all else is spoken.

    runtime: a Runtime[Deps]; langgraph evaluates the annotations of an edge, and that name comes late.
    """
    deps: Deps = runtime.context
    if not isinstance(deps.speaker, OpenAICompatibleSpeaker) or _answer_of(state) is None:
        return "speak"
    return "consult" if is_open(intent_of(state).text, passages_of(state)) else "speak"


def goes_on(state: State) -> str:
    """After a round: calls are made, else the turn is spoken."""
    return "use_tools" if _talk_of(state).asked else "speak"


async def consult(state: State, runtime: Runtime[Deps]) -> Update:
    """One round: the model's words, or calls; a failure is told and ends the loop."""
    deps, talk = runtime.context, _talk_of(state)
    speaker, segment = deps.speaker, _answer_of(state)
    if not isinstance(speaker, OpenAICompatibleSpeaker) or segment is None:
        # A turn that another process began with a model is finished without one.
        return _kept(replace(talk, messages=[], failed=True))
    asked = brief_model(request_of(state, segment), state, segment, deps)
    request = replace(asked, may_look_up=True)
    try:
        tools = as_wire(await offered_tools(deps))
        reply = await speaker.converse(request, talk.messages, tools, must_answer=talk.is_spent)
        if not reply.text and (talk.is_spent or not reply.calls):
            raise gave_nothing(deps.settings)
    except TutorError as error:
        if notice := deps.troubles.meet(error):
            runtime.stream_writer(NoticeShown(notice))
        return _kept(Talk(rounds=talk.rounds, calls=talk.calls, failed=True))
    if reply.calls and not talk.is_spent:
        return _kept(
            Talk([*talk.messages, _as_message(reply)], talk.rounds + 1, talk.calls + len(reply.calls))
        )
    return _kept(Talk(talk.messages, talk.rounds, talk.calls, text=reply.text))


async def use_tools(state: State, runtime: Runtime[Deps]) -> Update:
    """The calls of a round. Leave is asked before any is made, since a resumed node begins anew."""
    deps, emit, talk = runtime.context, runtime.stream_writer, _talk_of(state)
    if not isinstance(deps.speaker, OpenAICompatibleSpeaker):
        return _kept(replace(talk, messages=[]))  # no calls in a turn gone by; `consult` ends it
    offered = await offered_tools(deps)
    over = max(talk.calls - MOST_CALLS, 0)
    asked = talk.asked
    checked: dict[str, CheckedCall | str] = {}
    for place, call in enumerate(asked):
        try:
            if place >= len(asked) - over:
                raise BadCall("No more calls are made in this turn. Answer with what you have.")
            checked[call.id] = _held_back(check_call(call, offered), state, deps)
        except BadCall as bad:
            checked[call.id] = str(bad)
    may_run = await _may_run([c for c in checked.values() if isinstance(c, CheckedCall)], deps)
    messages, found = list(talk.messages), list(passages_of(state))
    for call in asked:
        room = 2 * deps.settings.context_tokens - sum(len(str(message)) for message in messages)
        text, passages = await _make(checked[call.id], deps, emit, may_run, room)
        messages.append({"role": "tool", "tool_call_id": call.id, "content": text})
        known = {(one.unit, one.section, one.text) for one in found}
        fresh = [as_read(deps.catalog, one) for one in passages]
        found += [one for one in fresh if one.text and (one.unit, one.section, one.text) not in known]
    kept = Talk(messages, talk.rounds, talk.calls)
    return {**_kept(kept), "passages": [vars(passage) for passage in found[:_MOST_PASSAGES]]}


def speaker_for(state: State, segment: Segment, deps: Deps) -> Speaker:
    """Who says a segment: the model, unless it is in trouble; an open request's answer as it was found."""
    if deps.speaker.name == EmbeddedSpeaker.name or deps.troubles.in_turn:
        return EmbeddedSpeaker()
    talk = _talk_of(state)
    if segment.move == "answer" and talk.failed:
        return EmbeddedSpeaker()
    if segment.move == "answer" and talk.text:
        return SaidBefore(talk, deps, deps.speaker.name)
    return deps.speaker


async def _make(
    call: CheckedCall | str, deps: Deps, emit: Emit, may_run: bool, room: int
) -> tuple[str, list[Passage]]:
    """A call's outcome in words for the model, and the passages in it."""
    if isinstance(call, str):
        return call, []
    if call.tool == RUN and not may_run:
        return "The learner does not want this code to be run. Answer without it.", []
    if room <= 0:
        return "There is no room for more. Answer with what you have.", []
    try:
        outcome = await deps.toolbox.call(call.tool, call.arguments, emit)
    except TutorError as error:
        return f"{call.tool} failed: {error}"[:1000], []
    return describe_outcome(call.tool, outcome, room, deps.catalog), passages_in(call.tool, outcome)


def _held_back(call: CheckedCall, state: State, deps: Deps) -> CheckedCall | str:
    """The call; or why its code is not run: the learner may see it, and it gives something away."""
    if call.tool != RUN:
        return call
    why = watch_of(state, deps.catalog).fault(str(call.arguments["code"]))
    return call if why is None else f"This code is not run: {why}. Try another way, or answer without it."


async def _may_run(calls: list[CheckedCall], deps: Deps) -> bool:
    """Whether code of the model's may run: on full isolation at once, else when the learner agrees."""
    codes = [str(call.arguments["code"]) for call in calls if call.tool == RUN]
    if not codes:
        return False
    tier, needs_leave = await isolation_tier(deps)
    if not needs_leave:
        return True
    shown = "\n\n".join(_as_block(code) for code in codes)
    return confirm(Confirmation(RUN, fill_prompt("confirm_run", tier=tier, code=shown), ("run it",)), deps)


def _as_block(code: str) -> str:
    """Code in a fence that it cannot close."""
    ticks = "`" * max(3, 1 + max(map(len, re.findall("`+", code)), default=0))
    return f"{ticks}python\n{code.strip()}\n{ticks}"


def _as_message(reply: Reply) -> dict[str, Any]:
    """A round as the API takes it back; what is too long to be a call is not kept."""
    calls = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.name[:100] or "none", "arguments": call.arguments[:8000]},
        }
        for call in reply.calls
    ]
    return {"role": "assistant", "content": reply.text[:_LONGEST_ASIDE], "tool_calls": calls}


def _answer_of(state: State) -> Segment | None:
    segments = map(Segment.from_json, state.get("segments", []))
    return next((one for one in segments if one.move == "answer" and not one.verbatim), None)


def _talk_of(state: State) -> Talk:
    return Talk(**state.get("consult", {}))


def _kept(talk: Talk) -> Update:
    return {"consult": asdict(talk)}
