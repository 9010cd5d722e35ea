"""A placement in the conversation: its questions one by one, then what is passed over.

The rule owned here: while it is open a line that is no command answers its question, and no
verdict is told on the way; what was answered is in the event log, the state keeps the session alone.
"""

from __future__ import annotations

import secrets
from typing import Any

from teaching.remarks import MOODS
from teaching.speech_act import classify
from tutor import plain
from tutor.agent.intent import Intent
from tutor.agent.inviting import read_confidence
from tutor.agent.state import Chosen, Deps, Segment, State
from tutor.toolbox import Emit

_ANSWER = "answer"
_LEAVES = frozenset({"stop", "progress", "learn", "start", "next"})
_NAMED = "p-"
_MAY_ANSWER = MOODS | {"idle"}
"""Remarks that are answers while a question is open: a yes, or "I don't get it"."""


def read(state: State, intent: Intent) -> Intent:
    """The intent as it is, or an answer to the open placement's question."""
    opened = state.get("placing")
    line = state.get("line", "").strip()
    if not opened or line.startswith("/") or intent.kind in _LEAVES or classify(line).kind == "question":
        return intent
    if intent.kind == "off_topic" or (intent.kind == "remark" and intent.target not in _MAY_ANSWER):
        return intent  # it is no answer, and must not count as a wrong one
    return Intent("place", line, _ANSWER)


def ask_again(state: State) -> tuple[Segment, ...]:
    """The open placement's question once more, after something beside it; nothing without one."""
    text = (state.get("placing") or {}).get("text")
    return (Segment("ask", text),) if text else ()


async def ask(state: State, intent: Intent, deps: Deps, emit: Emit) -> dict[str, Any]:
    """Judges the answer if there is one, and has the next question chosen."""
    opened, judged = state.get("placing"), None
    if opened and intent.target == _ANSWER and not intent.text.startswith("/"):
        said, sure = read_confidence(intent.text, state, deps)
        judged = await deps.toolbox.answer(
            opened["question"],
            said,
            state.get("attempt", ""),
            emit,
            confidence=sure,
            placement=opened["session"],
        )
    else:
        opened = {"session": f"{_NAMED}{secrets.token_hex(6)}", "scope": intent.target or None}
    asking = {"session": opened["session"], "scope": opened["scope"]}
    step = await deps.toolbox.call("place_learner", asking, emit)
    return {"placement": {"step": step, "judged": judged, **asking}}


def choose(state: State) -> Chosen:
    """The next question, or the outcome with what was passed over and why."""
    told = state.get("outcome", {})["placement"]
    step, judged = told["step"], told["judged"]
    if step["question"] is None:
        return Chosen((Segment("recommend", _outcome(step)),), update={"placing": None})
    lead = ""
    if judged is None and not step["asked"]:
        lead = (
            f"A placement for {step['title']}: at most {step['most']} questions, and no verdicts until the "
            "end. “I don't know” is a fine answer; `/stop` ends it.\n\n"
        )
    elif judged is not None and judged["correct"] is None:
        lead = f"{judged['feedback']}\n\n"
    question = step["question"]
    text = f"**{step['asked'] + 1} of at most {step['most']}.** {plain.question_text(question)}"
    kept = {
        "session": told["session"], "scope": told["scope"], "question": question["question"], "text": text,
    }  # fmt: skip
    return Chosen(
        (Segment("ask", lead + text, unit=question["unit"]),), update={"placing": kept, "lesson": None}
    )


def _outcome(step: dict[str, Any]) -> str:
    rows = [f"- **{one['title']}**: {one['why']}" for one in step["passed_over"]]
    start = f"`/learn {step['start']}` is a good place to begin." if step["start"] else ""
    return "\n\n".join(filter(None, [step["told"], "\n".join(rows), start]))
