"""What a line means where the conversation stands: a remark, an exercise's answer, or more.

The rule owned here: a command always means itself; an answer to an open question is never lost to
a remark; and whatever the conversation waits for beside the lesson waits for one line only.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from knowledge.catalog import Catalog
from teaching.dialogue_state import DialogueState
from teaching.remarks import MOODS, is_demand, is_idle, read_remark
from teaching.speech_act import classify, is_small_talk
from tutor.agent import lesson
from tutor.agent.intent import Intent, is_question
from tutor.agent.state import State

_PLAIN = frozenset({"question", "reply", "greeting", "thanks", "next", "hint", "help", "off_topic"})
"""Intents of a line without a command that an open exercise takes for itself."""
_ABOUT_MY_WORK = re.compile(
    r"why (?:is|does|doesn't|did|didn't|are|isn't) (?:my|the) (?:code|solution|program|file|checks?|tests?)\b"
    r".{0,60}|what(?:'s| is) wrong(?: with (?:my \w+|it|this))?|"
    r"(?:how|where) (?:do|should|can|shall) i (?:start|begin)(?: with (?:it|this))?|"
    r"i(?:'m| am) stuck.{0,40}|i (?:don't|do not) know (?:how to|where to|what to).{0,40}"
)
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
    if remark == "code" and (state.get("aside") or lesson.waits_for_code(catalog, open_lesson)):
        remark = None
    if remark is not None and remark not in MOODS:
        return Intent("remark", line, remark)
    aside = state.get("aside")
    if aside is not None and intent.kind in _PLAIN and not _asks_apart(line):
        return Intent("aside", line, str(aside["kind"]))
    if open_lesson is not None and intent.kind not in _PLAIN and intent.kind != "stop" and leaves(intent):
        return None
    if remark == "confused" and open_lesson is not None:
        return Intent("reply", "hint")
    if remark == "why" and open_lesson is not None and open_lesson.question_turns:
        return Intent("reply", "hint")  # the reason of what is still open comes as help
    if remark == "why" and open_lesson is None and state.get("asked"):
        return Intent("question", f"why {state.get('asked')}")
    return Intent("remark", line, remark) if remark is not None else None


def read_alone(state: State, intent: Intent) -> Intent:
    """A line outside of any lesson: giving up or asking for help is about the project, if one is open."""
    line = intent.text
    if state.get("line", "").startswith("/") or intent.kind not in ("question", "remark", "help", "thanks"):
        return intent
    if intent.kind == "thanks" or (intent.kind == "question" and is_idle(line)):
        return intent if intent.kind == "thanks" else Intent("remark", line, "idle")
    if intent.kind == "question" and is_small_talk(line):
        return Intent("off_topic", line)
    if intent.kind == "question" and is_demand(line):
        return Intent("remark", line, "demand")
    lost = intent.target == "confused" and not {"answer", "example"} & set(state.get("moves", []))
    stuck = intent.kind == "question" and (
        gives_up(line) or _ABOUT_MY_WORK.fullmatch(_bare(line)) is not None
    )
    if not lost and not stuck:
        return intent
    return Intent("hint", line) if state.get("project") else Intent("remark", line, "confused")


def read_skip(state: State, open_lesson: DialogueState | None) -> Intent:
    """`/skip` leaves what stands beside the lesson, else the open question."""
    if aside := state.get("aside"):
        return Intent("aside", "skip", str(aside["kind"]))
    return Intent("reply", "skip") if open_lesson is not None else Intent("remark", "skip", "skip_nothing")


def _bare(line: str) -> str:
    return " ".join(line.lower().replace("’", "'").split()).strip(" .!?")


def gives_up(line: str) -> bool:
    """The learner asks for the next piece of help instead of answering."""
    return classify(line).kind in ("dont_know", "help")


def leaves_aside(line: str) -> bool:
    return line.strip(" .!").lower() in _LEAVES


def _asks_apart(line: str) -> bool:
    """A plain question about the subject; "x * 2?" and "is it the shape?" are tries."""
    return line.rstrip().endswith("?") and is_question(line) and len(line.split()) >= 4
