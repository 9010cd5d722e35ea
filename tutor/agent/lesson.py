"""A lesson in the conversation: begun, led on by what the learner says, and taken up again.

The dialogue itself is `teaching.dialogue`. The rule owned here: what was answered and said
before comes from the event log each time, so a conversation that was lost costs no progress.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from knowledge.catalog import Catalog
from knowledge.page import Case, Lesson
from knowledge.unit import CodeQuestion, ExplainQuestion
from teaching import dialogue, turn
from teaching.answers import Verdict
from teaching.dialogue_state import DialogueState
from teaching.features import Encoder
from teaching.moves import Move
from teaching.speech_act import Act, ActKind
from teaching.turn import read_act
from tutor.agent.state import Segment, segment_of
from tutor.events import CoverageChanged, Event, TaskShown
from tutor_error import TutorError

_HELP = frozenset({"hint", "prompt", "choice", "assert", "repair", "correct"})
_TASKS = frozenset({"ask", "prompt", "choice"})


def page_of(catalog: Catalog, unit_id: str) -> Lesson | Case:
    """The page of a lesson or a case study. TutorError `planned-unit` or `wrong-kind` otherwise."""
    unit = catalog.unit(unit_id)
    return catalog.case(unit_id) if unit.kind == "case_study" else catalog.lesson(unit_id)


def begin_lesson(catalog: Catalog, unit_id: str, log: dict[str, Any]) -> tuple[DialogueState, list[Move]]:
    """The first moves of a lesson. `log` is what `ask_question` tells of it: `answered` and `said`.

    A lesson whose questions were all answered right is gone through anew.
    """
    page = page_of(catalog, unit_id)
    answered = set(log.get("answered", ()))
    is_done = answered >= {question.id for question in page.front.questions}
    return dialogue.begin(page, done=() if is_done else answered, covered=log.get("said", {}))


def resume(stored: dict[str, Any] | None, log: dict[str, Any] | None = None) -> DialogueState | None:
    """The open dialogue of a checkpoint, with the ideas that the log knows of; None when none is open."""
    if stored is None:
        return None
    try:
        state = DialogueState.from_json(stored)
    except (ValueError, TypeError):
        # A checkpoint of another version: the log still knows what was answered.
        return None
    if state.finished or log is None or state.question is None:
        return None if state.finished else state
    said = log.get("said", {}).get(state.question, ())
    return replace(state, covered=tuple(dict.fromkeys((*state.covered, *said))))


def act_of(catalog: Catalog, state: DialogueState, line: str, embedder: Encoder | None = None) -> Act:
    return read_act(page_of(catalog, state.unit), state, line, embedder)


def act_as_read(catalog: Catalog, state: DialogueState, kind: str, line: str) -> Act:
    """The act that a line was taken for when the turn began; only rules know what a steering one asks."""
    return Act(cast("ActKind", kind)) if kind != "meta" else act_of(catalog, state, line)


def question_id(state: DialogueState) -> str:
    """The open question as `answer_question` names it, with the part that is asked now."""
    whole = f"{state.unit}/{state.question}"
    return f"{whole}/{state.part}" if state.part else whole


def lead_on(
    catalog: Catalog, state: DialogueState, act: Act, judged: dict[str, Any] | None
) -> tuple[DialogueState, list[Move]]:
    """The dialogue's next moves. `judged` is the outcome of `answer_question`."""
    page = page_of(catalog, state.unit)
    verdict = _verdict(judged) if judged else None
    return dialogue.step(page, state, act, verdict, misconceptions=catalog.misconceptions_of(state.unit))


def ask_again(catalog: Catalog, state: DialogueState | None, lead: str = "") -> tuple[Segment, ...]:
    """The open question of a lesson once more; nothing without one."""
    if state is None:
        return ()
    beliefs = catalog.misconceptions_of(state.unit)
    return tuple(map(segment_of, dialogue.ask_again(page_of(catalog, state.unit), state, beliefs, lead)))


def is_short_answer(catalog: Catalog, state: DialogueState, line: str) -> bool:
    return turn.is_short_answer(page_of(catalog, state.unit), state, line)


def waits_for_code(catalog: Catalog, state: DialogueState | None) -> bool:
    if state is None or state.question is None:
        return False
    return isinstance(page_of(catalog, state.unit).question(state.question), CodeQuestion)


def is_helped(moves: Sequence[Segment], question: str | None) -> bool:
    """Whether these moves help with the question that stays open."""
    return any(segment.move in _HELP and segment.question == question for segment in moves)


def events_of(catalog: Catalog, state: DialogueState, moves: Sequence[Segment]) -> list[Event]:
    """What a front end shows beside the words: the task, and the ideas said so far."""
    page = page_of(catalog, state.unit)
    events: list[Event] = []
    asks = _TASKS | {"repair"} if state.expects == "repair" else _TASKS
    tasks = [segment for segment in moves if segment.move in asks]
    if tasks and not state.finished:
        events.append(TaskShown(page.unit.title, _task(page, tasks[-1])))
    question = page.question(state.question) if state.question else None
    if isinstance(question, ExplainQuestion):
        total = len(question.expectations)
        events.append(CoverageChanged(state.unit, question.id, len(state.covered), total))
    return events


def _task(page: Lesson | Case, segment: Segment) -> str:
    question = page.question(segment.question or "")
    if not isinstance(question, CodeQuestion):
        return segment.text
    starter = page.question_folder(question) / "starter.py"
    return f"{segment.text}\n\n```python\n{starter.read_text(encoding='utf-8').rstrip()}\n```"


def _verdict(judged: dict[str, Any]) -> Verdict:
    return Verdict(
        judged["correct"],
        judged["score"],
        tuple(judged["covered"]),
        judged["misconception"],
        judged["feedback"],
        tuple(judged["unsure"]),
        judged["nearness"],
    )


def require_teachable(catalog: Catalog, unit_id: str) -> None:
    """TutorError `planned-unit` with the nearest written units for a unit that is not written."""
    unit = catalog.unit(unit_id)
    if unit.status != "planned":
        return
    near = ", ".join(f"`{other.id}`" for other in catalog.nearest_authored(unit_id))
    raise TutorError(
        "planned-unit",
        f"“{unit.title}” (`{unit_id}`) is planned and not written yet.",
        f"Written and close to it: {near}." if near else "`/next` proposes what is written.",
    )
