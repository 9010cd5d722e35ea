"""The last step of a turn: the transcript gets it, and the state keeps what the next turn needs.

The rule owned here: the state holds the last messages and a line about the rest; the whole is in
the transcript.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tutor.agent.intent import intent_of
from tutor.agent.state import MOST_MESSAGES, Deps, State

if TYPE_CHECKING:
    from langgraph.runtime import Runtime

Update = dict[str, Any]
_SUMMARY_CHARACTERS = 600
_LONGEST_MESSAGE = 4000


async def remember(state: State, runtime: Runtime[Deps]) -> Update:
    """The transcript gets the turn, the state keeps the last messages and a line about the rest."""
    # Imported late: SQLAlchemy.
    from teaching.transcript import append_turn

    deps, line, answer = runtime.context, state.get("line", ""), state.get("answer", "")
    if deps.keeps:
        key, who, meta = state.get("attempt", ""), deps.settings.learner, notes_of(state)
        append_turn(deps.transcript, who, deps.thread, "learner", line, key=f"{key}-l", meta=meta)
        spoken_of = {"units": meta["units"]}
        append_turn(deps.transcript, who, deps.thread, "tutor", answer, key=f"{key}-t", meta=spoken_of)
    messages = [
        *state.get("messages", []),
        {"role": "learner", "text": _cut(line)},
        {"role": "tutor", "text": _cut(answer)},
    ]
    dropped = messages[:-MOST_MESSAGES]
    earlier = [one["text"][:80] for one in dropped if one["role"] == "learner"]
    summary = "; ".join(filter(None, [state.get("summary", ""), *earlier]))[-_SUMMARY_CHARACTERS:]
    cites = state.get("citations", [])
    asked = intent_of(state).kind == "question"
    kept: Update = {"sources": cites[:3]} if cites or asked else {}
    if _moves_on(state):
        kept["example"] = ""
    return {**kept, "messages": messages[-MOST_MESSAGES:], "summary": summary, "consult": {}}


def _units_of(state: State) -> list[str]:
    """Of the open lesson, of the moves made and of the places cited."""
    segments = [segment.get("unit") for segment in state.get("segments", [])]
    cited = [place["unit"] for place in state.get("citations", [])]
    opened = [(state.get("lesson") or {}).get("unit"), (state.get("aside") or {}).get("unit")]
    return list(dict.fromkeys(filter(None, [*segments, *cited, *opened])))


def _moves_on(state: State) -> bool:
    """The talk has left the example that was shown last: `/fade` is about what is spoken of now."""
    cites, outcome = state.get("citations", []), state.get("outcome", {})
    elsewhere = bool(cites) and cites[0]["unit"] != state.get("example")
    return elsewhere or intent_of(state).kind in ("learn", "start") or "judged" in outcome


def notes_of(state: State) -> Update:
    """What a summary of the conversation tells of this turn: from the record, no judgement of its own.

    units: all that the turn speaks of; by them talk is forgotten.
    """
    intent, outcome = intent_of(state), state.get("outcome", {})
    notes: Update = {"intent": intent.kind, "units": _units_of(state)}
    if "judged" in outcome:
        unit, question = outcome["judged"]["question"].split("/")[:2]
        notes |= {"unit": unit, "question": question, "judged": outcome["judged"]["correct"]}
    elif "report" in outcome:
        notes |= {"unit": outcome["report"]["project"], "graded": outcome["report"]["passed"]}
    elif intent.kind == "learn" and "unit" in outcome:
        notes["unit"] = outcome["unit"]
    return notes


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]} …"
