"""An answer judged and kept: the step between a tool's call and the event log.

The verdict comes from `teaching`, or from running the code. The rule owned here: an answer
becomes evidence once, under the attempt id of the caller.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import Field

from knowledge.page import Case, Lesson
from knowledge.unit import ChoiceQuestion, CodeQuestion, ExplainQuestion, Question, Unit
from mcp_server.context import ServerContext
from mcp_server.markdown import joined
from mcp_server.project_reply import BROKEN_CHECK
from mcp_server.reply import Reply
from teaching.answers import Verdict
from teaching.program import is_program
from teaching.speech_act import classify
from teaching.turn import judge_part
from tutor_error import TutorError

if TYPE_CHECKING:
    from teaching.records import Event


_NO_PROGRAM = (
    "That is no program, so nothing was run. Put your code in a file; here `/grade FILE` hands it in, `hint` "
    "helps and `skip` passes over it."
)


class JudgedAnswer(Reply):
    """`correct` is null when it cannot be decided yet: unreadable, or some ideas are still to come.

    covered: ideas new in this answer; covered_so_far: all of this round, of `ideas`.
    """

    question: str
    attempt: str
    correct: bool | None
    score: float
    covered: list[str]
    covered_so_far: list[str]
    ideas: int
    misconception: str | None
    feedback: str
    unsure: list[str] = Field(default_factory=list[str])
    nearness: dict[str, float] = Field(default_factory=dict[str, float])
    is_new: bool = True

    def as_text(self) -> str:
        verdicts = {True: "Right", False: "Not right", None: "Not decided yet"}
        ideas = f"{len(self.covered_so_far)} of {self.ideas} ideas are said." if self.ideas else ""
        belief = f"It fits the misconception `{self.misconception}`." if self.misconception else ""
        stored = "" if self.is_new else "This is the stored verdict of that attempt; nothing was judged anew."
        head = f"{verdicts[self.correct]}: `{self.question}`, attempt `{self.attempt}`."
        return joined(
            f"{head} {ideas} {belief}".strip(),
            self.feedback,
            stored,
        )


@dataclass(frozen=True)
class _Asked:
    """What an answer is an answer to: a question, or a part of one (see `DialogueState.part`)."""

    id: str
    unit: Unit
    question: Question
    part: str = ""


def judge_and_keep(
    context: ServerContext,
    question_id: str,
    answer: str,
    attempt: str,
    confidence: float | None,
    stop: threading.Event,
    placement: str | None = None,
) -> JudgedAnswer:
    """The verdict of an attempt: the stored one if there is one, else a new one, which is stored.

    placement: its session; "I don't know" is then an answer, and no verdict is explained.
    """
    asked = _find(context, question_id)
    stored = context.records.attempt(
        context.learner, attempt, kind="answered", unit=asked.unit.id, item=asked.id
    )
    if stored is not None:
        return _judged(stored, is_new=False)
    whole = f"{asked.unit.id}/{asked.question.id}"
    earlier = context.records.events(context.learner, kind="answered", unit=asked.unit.id)
    covered_before = covered_ideas(earlier, whole)
    verdict = _judge(context, asked, answer, covered_before, stop)
    if placement is not None:
        verdict = _placed(answer, asked, verdict)
    payload = {
        "question": asked.id,
        "answer": answer,
        "confidence": confidence,
        "assisted": bool(asked.part),
        "question_kind": "cloze" if asked.part else asked.question.kind,
        "options": len(asked.question.options) if isinstance(asked.question, ChoiceQuestion) else None,
        "covered_so_far": sorted(covered_before | set(verdict.covered)),
        "ideas": ideas_of(asked.question),
        **({"placement": placement} if placement is not None else {}),
        **_plain(verdict),
    }
    event, is_new = context.records.append(
        context.learner, "answered", attempt, asked.unit.id, asked.id, payload
    )
    return _judged(event, is_new)


def _placed(answer: str, asked: _Asked, verdict: Verdict) -> Verdict:
    """A placement tells nothing on the way; who does not know says so, and that decides the item."""
    if verdict.correct is None and classify(answer, asked=asked.question.ask).kind == "dont_know":
        return Verdict(False, 0.0, feedback="Noted.")
    return verdict if verdict.correct is None else replace(verdict, feedback="Noted.")


def _judge(
    context: ServerContext, asked: _Asked, answer: str, covered: frozenset[str], stop: threading.Event
) -> Verdict:
    question = asked.question
    if isinstance(question, CodeQuestion):
        return _judge_code(context, asked, question, answer, stop)
    return judge_part(
        question,
        asked.part,
        answer,
        misconceptions=context.catalog.misconceptions_of(asked.unit.id),
        embedder=context.embedder if isinstance(question, ExplainQuestion) else None,
        covered_before=covered,
    )


def _judge_code(
    context: ServerContext, asked: _Asked, question: CodeQuestion, answer: str, stop: threading.Event
) -> Verdict:
    """A code question is a small project: its checks run on the answer."""
    if not is_program(answer):
        return Verdict(None, 0.0, feedback=_NO_PROGRAM)
    # Imported late: the grader loads jupyter_client.
    from sandbox.grading import grade
    from sandbox.limits import Limits
    from sandbox.submission import submission_from_files

    main = "solution.py"
    with context.place("call", stop):
        report = grade(
            page_of(context, asked.unit.id).question_folder(question),
            submission_from_files({main: answer.encode()}, main),
            limits=Limits(seconds=20),
            cancel=stop,
            allow_unisolated=context.may_run_unisolated(asked.unit.id),
        )
    failed = [check for check in report.checks if check.status in ("failed", "error")]
    told = " ".join(
        f"{check.title}: {BROKEN_CHECK if check.status == 'error' else check.message}" for check in failed[:2]
    )
    score = report.score / report.max_score if report.max_score else 0.0
    named = next((check.misconception for check in failed if check.misconception), None)
    return Verdict(report.passed, score, misconception=named, feedback=told or "Right: every check passes.")


def _find(context: ServerContext, question_id: str) -> _Asked:
    """TutorError `unknown-question` for a question that the unit does not have."""
    unit_id, _, rest = question_id.partition("/")
    name, _, part = rest.partition("/")
    unit, question = context.catalog.question(f"{unit_id}/{name}")
    return _Asked(question_id, unit, question, part)


def covered_ideas(answers: Iterable[Event], question_id: str) -> frozenset[str]:
    """Ideas said since the question was last answered whole: a new round begins from nothing."""
    covered: set[str] = set()
    for event in answers:
        if event.item != question_id and not event.item.startswith(f"{question_id}/"):
            continue
        covered.update(event.payload.get("covered", ()))
        if event.item == question_id and event.payload.get("correct") is True:
            covered.clear()
    return frozenset(covered)


def _plain(verdict: Verdict) -> dict[str, Any]:
    plain = asdict(verdict)
    plain["covered"], plain["unsure"] = list(verdict.covered), list(verdict.unsure)
    plain["nearness"] = {name: float(p) for name, p in verdict.nearness.items()}
    plain["score"] = float(verdict.score)
    return plain


def _judged(event: Event, is_new: bool) -> JudgedAnswer:
    kept = {name: event.payload[name] for name in JudgedAnswer.model_fields if name in event.payload}
    return JudgedAnswer.model_validate({**kept, "attempt": event.attempt, "is_new": is_new})


def ideas_of(question: Question) -> int:
    return len(question.expectations) if isinstance(question, ExplainQuestion) else 0


def page_of(context: ServerContext, unit_id: str) -> Lesson | Case:
    unit = context.catalog.unit(unit_id)
    if unit.kind == "project":
        raise TutorError(
            "no-questions", f"`{unit_id}` is a project and asks no questions.", "Start it instead."
        )
    return context.catalog.case(unit_id) if unit.kind == "case_study" else context.catalog.lesson(unit_id)


def answered_right(events: Iterable[Event]) -> list[str]:
    return [e.item for e in events if e.kind == "answered" and e.payload.get("correct") is True]
