"""Tools that tell where the learner stands and what to do next.

They compute from the event log and write nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from mcp.server import MCPServer
from pydantic import BaseModel, Field

from knowledge.unit import Kind
from mcp_server.context import ServerContext
from mcp_server.reply import tool
from teaching.planner import recommend_next as recommend
from teaching.planner import study_plan as lay_out
from teaching.tracing import Mastery, mastery

Minutes = Annotated[int, Field(ge=5, le=720)]


class NextStep(BaseModel):
    """`unit` is null when all that is written is done. `assumed`: planned prerequisites."""

    action: str
    unit: str | None
    kind: Kind | None
    title: str | None
    reason: str
    assumed: list[str]


class StudyPlan(BaseModel):
    """`planned`: units that are not written, so take no time yet; `finished`: already practised."""

    programme: str
    title: str
    minutes_a_day: int
    minutes: int
    days: list[dict[str, Any]]
    planned: list[str]
    finished: list[str]


class UnitMastery(BaseModel):
    """`mastery` is a probability; `evidence` lists the attempts that it is computed from."""

    unit: str
    title: str
    mastery: float
    level: str
    evidence: list[str]
    explanation: str


class Progress(BaseModel):
    learner: str
    units: list[UnitMastery]
    attempts: int
    reviews_due: int


class DueReview(BaseModel):
    """`question` is null when any question of the unit will do."""

    unit: str
    question: str | None
    due: str
    retrievability: float


class DueReviews(BaseModel):
    cards: list[DueReview]


def register_planning_tools(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Recommend what to do next", reads=True)
    def recommend_next(programme: str | None = None) -> NextStep:
        """The unit to take next and why, from what this learner has shown so far.

        Only written units are recommended. Prerequisites that are planned and not written yet are
        taken as known; they are listed in `assumed`. Give a programme id to follow its order.
        """
        events = context.records.events(context.learner)
        step = recommend(context.catalog, _mastery(context), programme, events)
        return NextStep(
            action=step.action,
            unit=step.unit,
            kind=step.kind,
            title=step.title,
            reason=step.reason,
            assumed=list(step.assumed_prerequisites),
        )

    @tool(server, context, title="Plan a programme", reads=True)
    def plan_study(programme: str, minutes_a_day: Minutes | None = None) -> StudyPlan:
        """A programme laid out in days, for the minutes a learner has each day.

        Leave minutes_a_day out for the programme's own pace. Units already practised are left out.
        """
        events = context.records.events(context.learner)
        plan = lay_out(context.catalog, programme, minutes_a_day, _mastery(context), events)
        return StudyPlan.model_validate(plan.as_json())

    @tool(server, context, title="Show the learner's progress", reads=True)
    def progress() -> Progress:
        """Mastery of every unit that the learner has met, each with the attempts behind it.

        Mastery is computed from graded checks and answers alone; no tool can set it. "mastered"
        needs an answer without help a day or more after the first success.
        """
        states = [state for state in _mastery(context).values() if state.level != "unseen"]
        events = context.records.events(context.learner)
        return Progress(
            learner=context.learner,
            units=[_told(context, state) for state in states],
            attempts=sum(event.kind in ("graded", "answered", "predicted") for event in events),
            reviews_due=len(_due(context)),
        )

    @tool(server, context, title="List due reviews", reads=True)
    def review_due() -> DueReviews:
        """Questions that are due again, the likeliest to be forgotten first.

        Ask each with ask_question and have it judged by answer_question.
        """
        return DueReviews(cards=_due(context))


def _mastery(context: ServerContext) -> dict[str, Mastery]:
    return mastery(context.catalog, context.records.events(context.learner))


def _told(context: ServerContext, state: Mastery) -> UnitMastery:
    unit = context.catalog.units.get(state.unit)
    told = state.as_json()
    return UnitMastery(
        unit=state.unit,
        title=unit.title if unit else state.unit,
        mastery=told["mastery"],
        level=state.level,
        evidence=list(state.evidence),
        explanation=told["explanation"],
    )


def _due(context: ServerContext) -> list[DueReview]:
    # Imported late: the scheduler's package is needed for reviews alone.
    from teaching.review import due

    cards = due(context.records.events(context.learner), datetime.now(UTC), context.catalog)
    return [DueReview(**card.as_json()) for card in cards]
