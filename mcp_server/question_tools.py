"""Tools for questions: the next one to ask, and an answer judged and kept.

The verdict comes from `teaching.answers`, or from running the code; no argument of a tool
can carry one. An answer becomes evidence once, under the attempt id of the caller.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from pydantic import BaseModel, Field

from knowledge.page import Case, Lesson
from knowledge.public import public_question
from knowledge.unit import CodeQuestion, Question
from mcp_server.answering import (
    JudgedAnswer,
    answered_right,
    covered_ideas,
    ideas_of,
    judge_and_keep,
    page_of,
)
from mcp_server.cancellable import run_cancellable
from mcp_server.context import ServerContext
from mcp_server.reply import tool
from teaching.calibration import invites_confidence
from teaching.planner import recommend_next
from teaching.tracing import mastery
from tutor_error import TutorError

if TYPE_CHECKING:
    from teaching.records import Event

AttemptId = Annotated[str, Field(min_length=1, max_length=100)]
Answer = Annotated[str, Field(max_length=50_000)]
Confidence = Annotated[float, Field(ge=0, le=1)]
Session = Annotated[str, Field(min_length=1, max_length=100)]


class AskedQuestion(BaseModel):
    """A question as it is asked. `covered` ideas of `ideas` were said already in this round.

    answered: the unit's questions that this learner has answered right; said: for its explained
    questions, the ideas said in the present round; symbols: what a formula may be written in.
    invites_confidence: nothing was answered or helped with yet, so it is worth asking how sure the
    learner is.
    """

    question: str
    unit: str
    kind: str
    ask: str
    options: list[str] = []
    items: list[str] = []
    text: str = ""
    code: str = ""
    unit_of_measure: str = ""
    symbols: dict[str, str] = {}
    starter: str = ""
    ideas: int = 0
    covered: list[str] = []
    answered: list[str] = []
    said: dict[str, list[str]] = {}
    invites_confidence: bool = False


def register_question_tools(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Ask a question", reads=True)
    def ask_question(unit: str | None = None) -> AskedQuestion:
        """The next question for this learner: of a unit, or without one a review that is due.

        Show it as it is and wait for the learner's own words. Do not answer it for them, and do not
        add to their answer. Then call answer_question.
        """
        context.warm_up()
        name = None if unit else _due_question(context)
        unit_id = unit or (name.partition("/")[0] if name else _next_unit(context))
        page = page_of(context, unit_id)
        question = page.question(name.partition("/")[2]) if name else None
        if question is None:
            question = choose_question(page, context.records.events(context.learner, unit=unit_id))
        return show_question(context, page, question)

    @tool(server, context, title="Judge an answer", idempotent=True)
    async def answer_question(
        ctx: Context[Any, Any],
        question: str,
        answer: Answer,
        attempt_id: AttemptId,
        confidence: Confidence | None = None,
        placement: Session | None = None,
    ) -> JudgedAnswer:
        """Judge the learner's answer to a question, and keep it as evidence.

        `question` is the id that ask_question gave; `answer` is what the learner wrote, unchanged (for
        a choice its number, for code the file's text). `confidence` is how sure they said they are,
        0 to 1: .95 sure, .75 think so, .4 a guess; leave it out unless they said it. `placement` is
        the session of place_learner, if this is one of its questions. `attempt_id` is chosen by you
        before the first try: the same id again returns the stored verdict. A smaller step of an
        explained question is named `unit/question/part`.
        """

        def work(stop: threading.Event, _: Any) -> JudgedAnswer:
            return judge_and_keep(context, question, answer, attempt_id, confidence, stop, placement)

        return await run_cancellable(ctx, work)


def choose_question(page: Lesson | Case, events: Sequence[Event]) -> Question:
    """The first question not yet answered right, else the one answered right longest ago."""
    right = answered_right(events)
    for question in page.front.questions:
        if f"{page.unit.id}/{question.id}" not in right:
            return question
    return min(page.front.questions, key=lambda q: _last_index(right, f"{page.unit.id}/{q.id}"))


def show_question(context: ServerContext, page: Lesson | Case, question: Question) -> AskedQuestion:
    shown, unit = public_question(question), page.unit.id
    about_unit = context.records.events(context.learner, unit=unit)
    events = [event for event in about_unit if event.kind == "answered"]
    right = answered_right(events)
    said = {q.id: sorted(covered_ideas(events, f"{unit}/{q.id}")) for q in page.front.questions}
    starter = ""
    if isinstance(question, CodeQuestion):
        starter = (page.question_folder(question) / "starter.py").read_text(encoding="utf-8")
    return AskedQuestion(
        question=f"{unit}/{question.id}",
        unit=unit,
        kind=question.kind,
        ask=question.ask,
        options=shown.get("options", []),
        items=shown.get("items", []),
        text=shown.get("text", ""),
        code=shown.get("code", ""),
        unit_of_measure=shown.get("unit", ""),
        symbols=shown.get("symbols", {}),
        starter=starter,
        ideas=ideas_of(question),
        covered=said[question.id],
        answered=[q.id for q in page.front.questions if f"{unit}/{q.id}" in right],
        said={name: ideas for name, ideas in said.items() if ideas},
        invites_confidence=invites_confidence(about_unit, f"{unit}/{question.id}"),
    )


def _due_question(context: ServerContext) -> str | None:
    """The question that is due and likeliest to be forgotten."""
    # Imported late: the scheduler's package is needed for reviews alone.
    from teaching.review import due

    cards = due(context.records.events(context.learner), datetime.now(UTC), context.catalog)
    return next((card.question for card in cards if card.question is not None), None)


def _next_unit(context: ServerContext) -> str:
    """The unit recommended next, if it asks questions."""
    events = context.records.events(context.learner)
    step = recommend_next(context.catalog, mastery(context.catalog, events), None, events)
    if step.unit is None or step.kind == "project":
        raise TutorError("nothing-due", "No question is due.", "Name a unit, such as one from list_units.")
    return step.unit


def _last_index(items: Sequence[str], item: str) -> int:
    return max(i for i, other in enumerate(items) if other == item)
