"""Tools that tell where the learner stands and what to do next.

They compute from the event log and write nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mcp.server import MCPServer
from pydantic import BaseModel, Field

from knowledge.unit import Kind
from mcp_server.arguments import Minutes, ProgrammeId
from mcp_server.context import ServerContext
from mcp_server.markdown import bullets, joined
from mcp_server.reply import Reply, tool
from teaching.achievements import Achievement, achievements
from teaching.planner import recommend_next as recommend
from teaching.planner import study_plan as lay_out
from teaching.records import Event
from teaching.tracing import mastery

MOST_DAYS = 14
"""Days that the text of a plan names; its fields name all."""


class NextStep(Reply):
    """`unit` is null when all that is written is done. `assumed`: planned prerequisites."""

    action: str
    unit: str | None
    kind: Kind | None
    title: str | None
    reason: str
    assumed: list[str]

    def as_text(self) -> str:
        if self.unit is None:
            return self.reason
        taken = (
            f"Taken as known, since they are not written yet: {', '.join(self.assumed)}."
            if self.assumed
            else ""
        )
        return joined(f"Next: {self.action} `{self.unit}` ({self.title}). {self.reason}", taken)


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


class PlanSession(BaseModel):
    """A stretch of one unit: part `part` of `parts`, counted from 1."""

    unit: str
    kind: Kind
    title: str
    minutes: int
    part: int
    parts: int


class PlanDay(BaseModel):
    """Days and weeks count from 1."""

    number: int
    week: int
    minutes: int
    sessions: list[PlanSession]


class StudyPlan(Reply):
    """`planned`: units that are not written, so take no time yet; `finished`: already practised.

    `passed_over`: probably known, as attempts at other units show.
    `achievements`: every goal of the programme, as the learner's graded attempts fill it in.
    """

    programme: str
    title: str
    minutes_a_day: int
    minutes: int
    days: list[PlanDay]
    planned: list[str]
    finished: list[str]
    passed_over: list[str] = Field(default_factory=list[str])
    achievements: list[GoalStanding]

    def as_text(self) -> str:
        days = [_day(day) for day in self.days[:MOST_DAYS]]
        left = len(self.days) - len(days)
        states = {
            state: [goal for goal in self.achievements if goal.state == state]
            for state in ("reached", "open")
        }
        goals = [f"{goal.title}: {goal.told}" for goal in (*states["reached"], *states["open"][:5])]
        return joined(
            f"**{self.title}** (`{self.programme}`): {self.minutes} minutes of written units, "
            f"{self.minutes_a_day} a day.",
            bullets(days),
            f"{left} more days are in the result's `days`." if left > 0 else "",
            f"Practised already: {_names(self.finished)}." if self.finished else "",
            f"Probably known, so passed over: {_names(self.passed_over)}." if self.passed_over else "",
            f"Not written yet: {len(self.planned)} units." if self.planned else "",
            f"Goals:\n\n{bullets(goals)}" if goals else "",
        )


class DueReview(BaseModel):
    """`question` is null when any question of the unit will do."""

    unit: str
    question: str | None
    due: str
    retrievability: float


class DueReviews(Reply):
    cards: list[DueReview]

    def as_text(self) -> str:
        if not self.cards:
            return "No review is due. recommend_next tells what is next."
        rows = [
            f"`{card.question or card.unit}`, due {card.due[:10]}, remembered with {card.retrievability:.0%}"
            for card in self.cards[:20]
        ]
        return joined(
            f"{len(self.cards)} reviews are due, the likeliest to be forgotten first.", bullets(rows)
        )


def register_planning_tools(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Recommend what to do next", reads=True)
    def recommend_next(programme: ProgrammeId | None = None) -> NextStep:
        """The one unit to take next and why, from what this learner has shown so far.

        Use it when the learner asks what to do, or has finished something; tell them the reason. Only
        written units are recommended. Prerequisites that are planned and not written yet are taken as
        known; they are listed in `assumed`. For a whole timetable use plan_study.
        """
        events = context.records.events(context.learner)
        step = recommend(context.catalog, mastery(context.catalog, events), programme, events)
        return NextStep(
            action=step.action,
            unit=step.unit,
            kind=step.kind,
            title=step.title,
            reason=step.reason,
            assumed=list(step.assumed_prerequisites),
        )

    @tool(server, context, title="Plan a programme", reads=True)
    def plan_study(programme: ProgrammeId, minutes_a_day: Minutes | None = None) -> StudyPlan:
        """A programme laid out in days, for the minutes a learner has each day.

        Leave minutes_a_day out for the programme's own pace. Units already practised are left out.
        `achievements` tells which deliverables, milestones and metrics graded attempts have reached.
        For the next single step use recommend_next, for what is due again review_due.
        """
        events = context.records.events(context.learner)
        states = mastery(context.catalog, events)
        plan = lay_out(context.catalog, programme, minutes_a_day, states, events)
        goals = achievements(context.catalog, context.catalog.programme(programme), events)
        return StudyPlan.model_validate(
            {**plan.as_json(), "achievements": [goal_standing(goal) for goal in goals]}
        )

    @tool(server, context, title="List due reviews", reads=True)
    def review_due() -> DueReviews:
        """Questions that are due again, the likeliest to be forgotten first.

        Use it at the start of a session. Ask each with ask_question, which without a unit takes the
        first of them, and have it judged by answer_question.
        """
        return DueReviews(cards=due_cards(context, context.records.events(context.learner)))


def _day(day: PlanDay) -> str:
    units = ", ".join(f"`{one.unit}` {one.minutes} min" for one in day.sessions)
    return f"Week {day.week}, day {day.number}: {units}"


def _names(units: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in units[:12])
    return shown if len(units) <= 12 else f"{shown} and {len(units) - 12} more"


def goal_standing(goal: Achievement) -> GoalStanding:
    return GoalStanding.model_validate(goal.as_json())


def due_cards(context: ServerContext, events: list[Event]) -> list[DueReview]:
    # Imported late: the scheduler's package is needed for reviews alone.
    from teaching.review import due

    cards = due(events, datetime.now(UTC), context.catalog)
    return [DueReview(**card.as_json()) for card in cards]
