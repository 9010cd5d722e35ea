"""Tools that tell where the learner stands and what to do next.

They compute from the event log and write nothing.
"""

from __future__ import annotations

from collections import Counter
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
from teaching.records import Event
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


class ProgrammeStanding(BaseModel):
    """How many goals of a programme are reached, open, planned; `begun`: those with an attempt."""

    programme: str
    title: str
    reached: int
    open: int
    planned: int
    begun: list[GoalStanding]


class StudyPlan(BaseModel):
    """`planned`: units that are not written, so take no time yet; `finished`: already practised.

    `achievements`: every goal of the programme, as the learner's graded attempts fill it in.
    """

    programme: str
    title: str
    minutes_a_day: int
    minutes: int
    days: list[dict[str, Any]]
    planned: list[str]
    finished: list[str]
    achievements: list[GoalStanding]


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
    achievements: list[ProgrammeStanding]


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
        `achievements` tells which deliverables, milestones and metrics graded attempts have reached.
        """
        events = context.records.events(context.learner)
        plan = lay_out(context.catalog, programme, minutes_a_day, _mastery(context), events)
        goals = achievements(context.catalog, context.catalog.programme(programme), events)
        return StudyPlan.model_validate({**plan.as_json(), "achievements": [_goal(goal) for goal in goals]})

    @tool(server, context, title="Show the learner's progress", reads=True)
    def progress() -> Progress:
        """Mastery of every unit that the learner has met, each with the attempts behind it.

        Mastery is computed from graded checks and answers alone; no tool can set it. "mastered"
        needs an answer without help a day or more after the first success. `achievements` are the
        goals of the programmes that graded attempts have reached, each with its attempt.
        """
        states = [state for state in _mastery(context).values() if state.level != "unseen"]
        events = context.records.events(context.learner)
        return Progress(
            learner=context.learner,
            units=[_told(context, state) for state in states],
            attempts=sum(event.kind in ("graded", "answered", "predicted") for event in events),
            reviews_due=len(_due(context)),
            achievements=_programmes(context, events),
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


def _programmes(context: ServerContext, events: list[Event]) -> list[ProgrammeStanding]:
    """The programmes in which something is reached or on the way."""
    if not any(event.kind == "graded" for event in events):
        return []
    found: list[ProgrammeStanding] = []
    for programme in context.catalog.programmes.values():
        goals = achievements(context.catalog, programme, events)
        begun = [_goal(goal) for goal in goals if goal.proofs or goal.almost]
        states = Counter(goal.state for goal in goals)
        if begun:
            found.append(
                ProgrammeStanding(
                    programme=programme.id,
                    title=programme.title,
                    reached=states["reached"],
                    open=states["open"],
                    planned=states["planned"],
                    begun=begun,
                )
            )
    return found


def _goal(goal: Achievement) -> GoalStanding:
    return GoalStanding.model_validate(goal.as_json())


def _due(context: ServerContext) -> list[DueReview]:
    # Imported late: the scheduler's package is needed for reviews alone.
    from teaching.review import due

    cards = due(context.records.events(context.learner), datetime.now(UTC), context.catalog)
    return [DueReview(**card.as_json()) for card in cards]
