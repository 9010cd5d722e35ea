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
from teaching.achievements import Achievement, achievements
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


class ReachedBy(BaseModel):
    """The attempt behind an achievement; `measured`: {name, value, by}, by `check` or the learner's `run`."""

    unit: str
    check: str | None
    attempt: str
    at: str
    measured: dict[str, Any] | None


class GoalStanding(BaseModel):
    """A deliverable, milestone or success metric: `reached`, `open`, or `planned` (not checkable yet).

    `proofs` reached it. `almost`: its check passed, its project not. `missing`: units not written.
    `told` says it in a line.
    """

    row: str
    title: str
    kind: str
    when: str
    state: str
    at: str | None
    needs: int
    units: list[str]
    proofs: list[ReachedBy]
    almost: list[ReachedBy]
    missing: list[str]
    told: str


class StudyPlan(BaseModel):
    """`planned`: units that are not written, so take no time yet; `finished`: already practised.

    `passed_over`: probably known, as attempts at other units show.
    `achievements`: every goal of the programme, as the learner's graded attempts fill it in.
    """

    programme: str
    title: str
    minutes_a_day: int
    minutes: int
    days: list[dict[str, Any]]
    planned: list[str]
    finished: list[str]
    passed_over: list[str] = []
    achievements: list[GoalStanding]


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
        step = recommend(context.catalog, mastery_of(context), programme, events)
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
        `achievements` tells which deliverables, milestones and metrics graded attempts have reached.
        """
        events = context.records.events(context.learner)
        plan = lay_out(context.catalog, programme, minutes_a_day, mastery_of(context), events)
        goals = achievements(context.catalog, context.catalog.programme(programme), events)
        return StudyPlan.model_validate(
            {**plan.as_json(), "achievements": [goal_standing(goal) for goal in goals]}
        )

    @tool(server, context, title="List due reviews", reads=True)
    def review_due() -> DueReviews:
        """Questions that are due again, the likeliest to be forgotten first.

        Ask each with ask_question and have it judged by answer_question.
        """
        return DueReviews(cards=due_cards(context))


def mastery_of(context: ServerContext) -> dict[str, Mastery]:
    return mastery(context.catalog, context.records.events(context.learner))


def goal_standing(goal: Achievement) -> GoalStanding:
    return GoalStanding.model_validate(goal.as_json())


def due_cards(context: ServerContext) -> list[DueReview]:
    # Imported late: the scheduler's package is needed for reviews alone.
    from teaching.review import due

    cards = due(context.records.events(context.learner), datetime.now(UTC), context.catalog)
    return [DueReview(**card.as_json()) for card in cards]
