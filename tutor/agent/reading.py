"""What a line means where the conversation stands: a remark, an exercise's answer, or more.

The rule owned here: a command always means itself; an answer to an open question is never lost to
a remark; and whatever the conversation waits for beside the lesson waits for one line only.
"""

from __future__ import annotations

from collections.abc import Callable

from knowledge.catalog import Catalog
from teaching.dialogue_state import DialogueState
from teaching.remarks import MOODS, read_remark
from teaching.speech_act import classify
from tutor.agent import lesson
from tutor.agent.intent import Intent, is_question
from tutor.agent.state import State

_PLAIN = frozenset({"question", "reply", "greeting", "thanks", "next", "hint", "help", "off_topic"})
"""Intents of a line without a command that an open exercise takes for itself."""
_LEAVES = frozenset({"stop", "skip", "quit", "leave it", "never mind", "enough"})


def read_beside(
    state: State,
    intent: Intent,
    open_lesson: DialogueState | None,
    catalog: Catalog,
    leaves: Callable[[Intent], bool],
) -> Intent | None:
    """The intent of a line that is about something beside the subject; None to read it as usual.

    leaves: whether an intent takes the learner out of an open lesson.
    """
    line = intent.text
    if line.startswith("/") or (intent.kind == "question" and state.get("line", "").startswith("/")):
        return None
    sure_answer = open_lesson is not None and lesson.is_short_answer(catalog, open_lesson, line)
    remark = None if sure_answer else read_remark(line)
    if remark is not None and remark not in MOODS:
        return Intent("remark", line, remark)
    aside = state.get("aside")
    if aside is not None and intent.kind in _PLAIN and not _asks_apart(line):
        return Intent("aside", line, str(aside["kind"]))
    if open_lesson is not None and intent.kind not in _PLAIN and intent.kind != "stop" and leaves(intent):
        return None
    if remark == "why" and open_lesson is not None and open_lesson.question_turns:
        return Intent("reply", "hint")  # the reason of what is still open comes as help
    if remark == "why" and open_lesson is None and state.get("asked"):
        return Intent("question", f"why {state.get('asked')}")
    return Intent("remark", line, remark) if remark is not None else None


def gives_up(line: str) -> bool:
    """The learner asks for the next piece of help instead of answering."""
    return classify(line).kind in ("dont_know", "help")


def leaves_aside(line: str) -> bool:
    return line.strip(" .!").lower() in _LEAVES


def _asks_apart(line: str) -> bool:
    """A plain question about the subject; "x * 2?" and "is it the shape?" are tries."""
    return line.rstrip().endswith("?") and is_question(line) and len(line.split()) >= 4
