"""Tools that show what a learner has shown so far, with the attempts behind every number.

They compute from the event log and write nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from mcp.server import MCPServer
from pydantic import BaseModel

from mcp_server.arguments import UnitId
from mcp_server.context import ServerContext
from mcp_server.markdown import bullets, joined
from mcp_server.planning_tools import GoalStanding, due_cards, goal_standing
from mcp_server.reply import Reply, tool
from teaching.achievements import achievements
from teaching.calibration import calibration
from teaching.history import history
from teaching.indirect import beliefs
from teaching.records import Event
from teaching.tracing import Mastery, explain, learning_rate, mastery

MOST_TOLD = 40
"""Units or attempts that a text tells; the fields tell all."""


class ProgrammeStanding(BaseModel):
    """How many goals of a programme are reached, open, planned; `begun`: those with an attempt."""

    programme: str
    title: str
    reached: int
    open: int
    planned: int
    begun: list[GoalStanding]


class UnitMastery(BaseModel):
    """`mastery` is a probability; `evidence` lists the attempts that it is computed from."""

    unit: str
    title: str
    mastery: float
    level: str
    evidence: list[str]
    explanation: str


class ConfidenceBand(BaseModel):
    """The answers said with one confidence: its mean, the share that was right, the attempts."""

    saying: str
    answers: int
    expected: float
    right: float
    attempts: list[str]


class SelfKnowledge(BaseModel):
    """`brier`: 0 is best; `always`: that of saying one's own average each time."""

    answers: int
    brier: float
    always: float
    bands: list[ConfidenceBand]


class Progress(Reply):
    """`calibration` is null before an answer was given with a confidence.

    `forgotten`: events that the learner had deleted, unit by unit; nothing of them is counted.
    """

    learner: str
    units: list[UnitMastery]
    attempts: int
    reviews_due: int
    achievements: list[ProgrammeStanding]
    calibration: SelfKnowledge | None = None
    forgotten: int = 0

    def as_text(self) -> str:
        if not self.units:
            return f"{self.learner} has met no unit yet. recommend_next tells where to begin."
        rows = [
            f"`{unit.unit}` ({unit.title}): {unit.level}, {unit.mastery:.0%}. {unit.explanation}"
            for unit in sorted(self.units, key=lambda unit: -unit.mastery)[:MOST_TOLD]
        ]
        left = len(self.units) - len(rows)
        goals = [
            f"{one.title}: {one.reached} goals reached, {one.open} open, {one.planned} not checkable yet"
            for one in self.achievements
        ]
        return joined(
            f"{self.learner}: {self.attempts} attempts at {len(self.units)} units; "
            f"{self.reviews_due} reviews are due.",
            bullets(rows),
            f"{left} more are in the result's `units`." if left > 0 else "",
            bullets(goals),
            _told_calibration(self.calibration),
            "explain_progress opens one unit's estimate, attempt by attempt.",
        )


class AttemptStep(BaseModel):
    """What one attempt did to the estimate: `before` and `after`; `weight`: how far it was followed.

    `learn`: what is then added, as a part of what is missing.
    """

    attempt: str
    at: str
    item: str
    verdict: str
    assisted: bool
    weight: float
    before: float
    after: float
    learn: float
    note: str


class InferredSign(BaseModel):
    """An attempt at another unit; `ratio`: log-likelihood ratio, above 0 speaks for knowing it."""

    attempt: str
    unit: str
    ratio: float


class UnitHistory(Reply):
    """`start`: the estimate before the first attempt; `start_from`: first answers in other units behind it.
    `learn`: the part of what is missing that an attempt is taken to teach this learner; `learn_from`:
    the answers behind it, which followed another in their unit on the same day.

    `believed`: with what attempts at other units say, which `signs` lists; it only orders the plan.
    """

    unit: str
    title: str
    mastery: float
    level: str
    explanation: str
    start: float
    start_from: list[str]
    learn: float
    learn_from: list[str]
    steps: list[AttemptStep]
    believed: float
    signs: list[InferredSign]

    def as_text(self) -> str:
        steps = [
            f"{step.at[:16]} `{step.item}` (attempt `{step.attempt}`): {step.verdict}"
            f"{', with help' if step.assisted else ''}, {step.before:.2f} → {step.after:.2f}"
            f"{f'. {step.note}' if step.note else ''}"
            for step in self.steps[-MOST_TOLD:]
        ]
        start = f"It began at {self.start:.2f}"
        start += f", from first answers in {', '.join(self.start_from)}." if self.start_from else "."
        start += f" An attempt now teaches {self.learn:.0%} of what is missing"
        start += (
            f", as {len(self.learn_from)} answers show." if self.learn_from else ", as it is for a stranger."
        )
        signs = (
            f"{len(self.signs)} attempts at other units put it at {self.believed:.2f}." if self.signs else ""
        )
        return joined(
            f"`{self.unit}` ({self.title}): {self.level}, {self.mastery:.2f}. {self.explanation}",
            start,
            bullets(steps) or "No attempt yet.",
            signs,
        )


def register_progress_tools(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Show the learner's progress", reads=True)
    def progress() -> Progress:
        """Mastery of every unit that the learner has met, each with the attempts behind it.

        Use it when the learner asks how they stand, or before a plan. For one unit in detail use
        explain_progress. Mastery is computed from graded checks and answers alone; no tool can set
        it. "mastered" needs an answer without help a day or more after the first success.
        `achievements` are the goals of the programmes that graded attempts have reached, with them.
        """
        return read_progress(context)

    @tool(server, context, title="Open one unit's estimate", reads=True)
    def explain_progress(unit: UnitId) -> UnitHistory:
        """Every attempt behind a unit's mastery: when, which item, the verdict, help, and what it moved.

        Use it when the learner doubts an estimate or asks why it is so. Attempts
        that moved nothing are listed with the reason. `signs` are attempts at other units.
        """
        found = context.catalog.unit(unit)
        events = context.records.events(context.learner)
        states = mastery(context.catalog, events)
        rate = learning_rate(context.catalog, events)
        belief = beliefs(context.catalog, {unit: states[unit]}, events)[unit].as_json()
        return UnitHistory(
            unit=unit,
            title=found.title,
            mastery=states[unit].p,
            level=states[unit].level,
            explanation=explain(states[unit]),
            start=states[unit].start,
            start_from=list(states[unit].start_from),
            learn=rate.value,
            learn_from=rate.attempts,
            steps=[AttemptStep(**step.as_json()) for step in history(context.catalog, events, unit)],
            believed=belief["p"],
            signs=[InferredSign(**sign) for sign in belief["signs"]],
        )


def read_progress(context: ServerContext) -> Progress:
    """Where the learner stands now, every number from the same reading of the event log."""
    events = context.records.events(context.learner)
    states = [state for state in mastery(context.catalog, events).values() if state.level != "unseen"]
    return Progress(
        learner=context.learner,
        units=[_told(context, state) for state in states],
        attempts=sum(event.kind in ("graded", "answered", "predicted") for event in events),
        reviews_due=len(due_cards(context, events)),
        achievements=_programmes(context, events),
        calibration=_calibration(events),
        forgotten=_forgotten(context),
    )


def _told_calibration(found: SelfKnowledge | None) -> str:
    if found is None:
        return ""
    bands = [f"{band.saying}: right in {band.right:.0%} of {band.answers}" for band in found.bands]
    return f"Of {found.answers} answers with a confidence: {'; '.join(bands)}."


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
        begun = [goal_standing(goal) for goal in goals if goal.proofs or goal.almost]
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


def _calibration(events: list[Event]) -> SelfKnowledge | None:
    found = calibration(events)
    return None if found is None else SelfKnowledge.model_validate(found.as_json())


def _forgotten(context: ServerContext) -> int:
    # Imported late: SQLAlchemy.
    from teaching.forgetting import tombstones

    return sum(stone.events for stone in tombstones(context.records, context.learner))
