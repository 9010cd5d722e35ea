"""Achievements: the goals of a programme, filled in by what grading saw.

It knows which attempt reached a goal. The rule owned here: an achievement is computed from graded
attempts each time it is shown; nothing stores it, and neither a model nor the learner's word makes one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from knowledge.outline import check_of
from knowledge.programme import Deliverable, Milestone
from teaching.evidence import passed_check, was_passed, whole_grades

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.programme import Goal, Programme
    from teaching.records import Event

State = Literal["reached", "open", "planned"]
GoalKind = Literal["deliverable", "milestone", "metric"]
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_LARGEST_TEXT = 400


@dataclass(frozen=True)
class Measured:
    """A number of the attempt. by: `check`, told by the judge, or `run`, tracked by the learner's code.

    It is shown and decides nothing: the check decided.
    """

    name: str
    value: float
    by: Literal["check", "run"]


@dataclass(frozen=True)
class Proof:
    """The first attempt of a unit that fulfils a goal. check: None when the whole project does."""

    unit: str
    check: str | None
    attempt: str
    at: datetime
    measured: Measured | None = None


@dataclass(frozen=True)
class Achievement:
    """Where one learner stands with one goal.

    state: `reached` by the attempts in `proofs`, the oldest first; `planned` while too few of its
    units are written to be graded; else `open`. at: when it was reached. almost: attempts whose
    check passed while their project as a whole did not. missing: units that are not written.
    """

    row: str
    title: str
    kind: GoalKind
    when: str
    state: State
    needs: int
    units: tuple[str, ...]
    proofs: tuple[Proof, ...] = ()
    almost: tuple[Proof, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def at(self) -> datetime | None:
        return self.proofs[-1].at if self.state == "reached" else None

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = asdict(self)
        told |= {"at": self.at.isoformat() if self.at else None, "told": tell(self)}
        for name in ("proofs", "almost"):
            told[name] = [{**entry, "at": entry["at"].isoformat()} for entry in told[name]]
        return told


def achievements(catalog: Catalog, programme: Programme, events: Iterable[Event]) -> list[Achievement]:
    """Every goal of a programme for one learner, in the programme's order.

    A deliverable or a metric is reached by a grade in which the check of its row passed and the
    project with it; a milestone, which is a stage on the way, by the check alone.
    """
    grades = whole_grades(events)
    return [_achievement(catalog, goal, grades) for goal in programme.goals()]


def tell(achievement: Achievement) -> str:
    """One line for a person, which names the attempts so that they can be looked up."""
    if achievement.state == "planned":
        return f"not checkable yet: {', '.join(achievement.missing)} not written"
    parts = [_tell_proof(proof) for proof in achievement.proofs]
    if achievement.state == "reached":
        return f"reached: {'; '.join(parts)}"
    if achievement.needs > 1:
        parts.insert(0, f"{len(achievement.proofs)} of {achievement.needs}")
    parts += [f"{_tell_proof(proof)}, its project not passed yet" for proof in achievement.almost]
    return f"open: {'; '.join(parts)}" if parts else "open"


def _tell_proof(proof: Proof) -> str:
    source = "" if proof.measured is None or proof.measured.by == "check" else ", as your code tracked it"
    number = f", {proof.measured.name} {proof.measured.value:.4g}{source}" if proof.measured else ""
    return f"{proof.at:%Y-%m-%d}, {proof.unit}, attempt {proof.attempt}{number}"


def _achievement(catalog: Catalog, goal: Goal, grades: dict[str, list[Event]]) -> Achievement:
    kind: GoalKind = "metric"
    if isinstance(goal, Deliverable | Milestone):
        kind = "deliverable" if isinstance(goal, Deliverable) else "milestone"
    units = tuple(dict.fromkeys(goal.units))
    missing = tuple(unit for unit in units if catalog.units[unit].status == "planned")
    blank = Achievement(
        goal.row,
        goal.title,
        kind,
        goal.when if isinstance(goal, Milestone) else "",
        "planned" if len(units) - len(missing) < goal.needs else "open",
        goal.needs,
        units,
        missing=missing,
    )
    proofs: list[Proof] = []
    almost: list[Proof] = []
    for unit in units:
        if unit in missing:
            continue
        check = check_of(goal, unit, catalog)
        whole, part = _first_proofs(goal, check, grades.get(unit, []), kind)
        proofs += [whole] if whole else []
        almost += [part] if part and not whole else []
    proofs.sort(key=lambda proof: proof.at)
    if len(proofs) >= goal.needs:
        return replace(blank, state="reached", proofs=tuple(proofs[: goal.needs]))
    return replace(blank, proofs=tuple(proofs), almost=tuple(almost))


def _first_proofs(
    goal: Goal, check: str | None, grades: list[Event], kind: GoalKind
) -> tuple[Proof | None, Proof | None]:
    """The first attempt that fulfils the goal, and the first in which its check passed at all."""
    part: Proof | None = None
    for event in grades:
        shown = passed_check(event, check)
        if shown is None:
            continue
        measured = _measured(goal, event, shown)
        proof = Proof(event.unit, check, event.attempt, event.at, measured)
        if was_passed(event) or (kind == "milestone" and check is not None):
            return proof, part
        part = part or proof
    return None, part


def _measured(goal: Goal, event: Event, check: dict[str, Any]) -> Measured | None:
    """The number that the goal names: as the judge told it, else the last that the run tracked."""
    if goal.measure is None:
        return None
    for text in _texts(check):
        found = _NUMBER.search(text)
        if found and math.isfinite(float(found.group())):
            return Measured(goal.measure, float(found.group()), "check")
    tracked: list[dict[str, Any]] = list(event.payload["grade"].get("metrics") or ())
    for record in reversed(tracked):
        value = record.get(goal.measure)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return Measured(goal.measure, float(value), "run")
    return None


def _texts(check: dict[str, Any]) -> Iterator[str]:
    for key in ("seen", "message"):
        yield str(check.get(key) or "")[:_LARGEST_TEXT]
