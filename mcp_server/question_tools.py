"""Tools for questions: the next one to ask, and an answer judged and kept.

The verdict comes from `teaching.answers`, or from running the code; no argument of a tool
can carry one. An answer becomes evidence once, under the attempt id of the caller.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from pydantic import Field

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
from mcp_server.arguments import Answer, AttemptId, Confidence, PlacementSession, QuestionId, QuestionUnit
from mcp_server.cancellable import run_cancellable
from mcp_server.confirming import Confirmed, asks_before_code_answer, require_yes
from mcp_server.context import ServerContext
from mcp_server.markdown import bullets, fenced, joined
from mcp_server.reply import Reply, tool
from teaching.calibration import invites_confidence
from teaching.planner import recommend_next
from teaching.tracing import mastery
from tutor_error import TutorError

if TYPE_CHECKING:
    from teaching.records import Event


class AskedQuestion(Reply):
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
    options: list[str] = Field(default_factory=list[str])
    items: list[str] = Field(default_factory=list[str])
    text: str = ""
    code: str = ""
    unit_of_measure: str = ""
    symbols: dict[str, str] = Field(default_factory=dict[str, str])
    starter: str = ""
    ideas: int = 0
    covered: list[str] = Field(default_factory=list[str])
    answered: list[str] = Field(default_factory=list[str])
    said: dict[str, list[str]] = Field(default_factory=dict[str, list[str]])
    invites_confidence: bool = False

    def as_text(self) -> str:
        numbered = "\n".join(f"{place}. {option}" for place, option in enumerate(self.options, 1))
        rest = (
            numbered,
            bullets(self.items),
            self.text,
            fenced(self.code, "python") if self.code else "",
            fenced(self.starter, "python") if self.starter else "",
            bullets(f"`{name}`: {told}" for name, told in self.symbols.items()),
            f"The answer is in {self.unit_of_measure}." if self.unit_of_measure else "",
        )
        ideas = f"{len(self.covered)} of its {self.ideas} ideas were said already." if self.ideas else ""
        sure = "Invite the learner to say how sure they are." if self.invites_confidence else ""
        then = f"Show it as it is and wait; then answer_question with question `{self.question}`."
        return joined(f"**{self.ask}** ({self.kind})", *rest, f"{ideas} {sure} {then}".strip())


def register_question_tools(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Ask a question", reads=True)
    def ask_question(unit: QuestionUnit | None = None) -> AskedQuestion:
        """The next question for this learner: of a unit, or without one a review that is due.

        Use it to teach and to review; never invent a question of your own in its place. It comes
        without its answer, which you do not get. Show it as it is and wait for the learner's own words.
        Do not answer it for them, and do not add to their answer. Then call answer_question.
        """
        context.warm_up()
        name = None if unit else _due_question(context)
        unit_id = unit or (name.partition("/")[0] if name else _next_unit(context))
        page = page_of(context, unit_id)
        question = page.question(name.partition("/")[2]) if name else None
        if question is None:
            question = choose_question(page, context.records.events(context.learner, unit=unit_id))
        return show_question(context, page, question)

    @tool(
        server,
        context,
        title="Judge an answer",
        idempotent=True,
        runs_code=True,
        moves_progress=True,
        asks={"confirmed": asks_before_code_answer(context)},
    )
    async def answer_question(
        ctx: Context[Any, Any],
        confirmed: Confirmed,
        question: QuestionId,
        answer: Answer,
        attempt_id: AttemptId,
        confidence: Confidence | None = None,
        placement: PlacementSession | None = None,
    ) -> JudgedAnswer:
        """Judge the learner's answer to a question, and keep it as evidence.

        Use it for every answer to a question of ask_question or place_learner; do not judge one
        yourself. Send what the learner wrote, unchanged. Returns whether it is right, what it covered
        and what to tell them. `placement` is the session of place_learner, if this is one of its
        questions. The same attempt id again returns the stored verdict.
        """
        require_yes(confirmed)

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
