"""What taking a unit is worth now: the expected gain by which the next one is chosen.

    gain(u) = ready(u) * (rise(u) + OPENS * opens(u)) / sqrt(minutes(u) / SITTING) * place(u)

ready: probability that all it needs is there, the product of the beliefs in its direct
prerequisites. rise: what mastery can rise by, 1 - belief(u). opens: the same for each unsettled
unit that builds on it, shared among what that unit still waits for and halved with every step.
The time enters by its root: a project of four sittings practises what it builds on as well.
place: the wish of the programme, or the thread that the learner follows. The rule owned here: a
pure function of the standing, with a reason in words; the weights are set by judgement.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from knowledge.unit import Unit
from teaching.standing import Standing

SITTING = 30
"""Minutes."""
OPENS = 0.5
STEPS = 3
PLACE = 0.6
"""What a place further back in the programme is worth: what is needed is fresh when it is built on."""
LEVEL = 0.7
"""What a level higher is worth, where no programme gives the order."""
NOT_ASKED = 0.5
"""The own rise of a unit that is only needed for what was asked for."""


@dataclass(frozen=True)
class Gain:
    """The terms of one unit's gain. ready, rise: 0 to 1; minutes: as the unit says."""

    unit: Unit
    ready: float
    rise: float
    opens: float
    minutes: int
    place: float

    @property
    def value(self) -> float:
        effort = math.sqrt(max(self.minutes, 1) / SITTING)
        return self.ready * (self.rise + OPENS * self.opens) / effort * self.place


def rank(
    standing: Standing,
    candidates: Sequence[Unit],
    wanted: Sequence[str],
    minutes_of: Callable[[Unit], int],
    *,
    in_programme: bool,
) -> list[Gain]:
    """The gains of open units, the largest first; equal ones in the order given.

    candidates: in the order of the programme, each just before what needs it.
    """
    asked = set(wanted)
    dependents = _dependents(standing, asked | {unit.id for unit in candidates})
    found: list[Gain] = []
    for number, unit in enumerate(candidates):
        place = PLACE**number if in_programme else _thread(standing, unit)
        rise = (1 - standing.believed(unit.id)) * (1.0 if unit.id in asked else NOT_ASKED)
        opens = _opens(standing, unit.id, dependents)
        found.append(Gain(unit, _ready(standing, unit), rise, opens, minutes_of(unit), place))
    return sorted(found, key=lambda gain: -gain.value)


def tell(standing: Standing, best: Gain, wanted: Sequence[str]) -> str:
    """Why this unit comes now, beyond its place: what it opens, and what was passed over for it."""
    dependents = _dependents(standing, set(wanted))
    opened = [name for name in dependents.get(best.unit.id, ()) if not standing.is_settled(name)]
    told = ""
    if len(opened) > 1:
        told += f" {len(opened)} units of what you want wait for it."
    skipped = [name for name in wanted if standing.is_passed_over(name)]
    if skipped:
        first = standing.catalog.unit(skipped[0])
        more = f" and {len(skipped) - 1} more" if len(skipped) > 1 else ""
        told += f" Passed over, as what builds on it went well: {first.title}{more}."
    return told


def _ready(standing: Standing, unit: Unit) -> float:
    return math.prod(standing.believed(name) for name in unit.prerequisites)


def _opens(standing: Standing, unit: str, dependents: dict[str, list[str]]) -> float:
    """The value of what builds on a unit, over STEPS steps; what waits for several counts in shares."""
    total, edge, met = 0.0, [unit], {unit}
    for step in range(1, STEPS + 1):
        following: list[str] = []
        for name in (name for at in edge for name in dependents.get(at, ())):
            if name in met or standing.is_settled(name):
                continue
            met.add(name)
            waits = len(standing.missing(standing.catalog.unit(name)))
            total += 0.5 ** (step - 1) * (1 - standing.believed(name)) / max(waits, 1)
            following.append(name)
        edge = following
    # Ten units that wait are not ten times as urgent: only one can be taken next.
    return math.log1p(total)


def _dependents(standing: Standing, among: set[str]) -> dict[str, list[str]]:
    """What builds directly on each unit, as far as it is written and among those of interest."""
    found: dict[str, list[str]] = {}
    for name in standing.catalog.units:
        unit = standing.catalog.units[name]
        if name in among and unit.status != "planned":
            for needed in unit.prerequisites:
                found.setdefault(needed, []).append(name)
    return found


def _thread(standing: Standing, unit: Unit) -> float:
    """Without a programme: along the graph, then the track, then from the lowest level up."""
    worth = LEVEL ** (unit.level - 1)
    known = [name for name in standing.last_met if name in standing.catalog.units]
    if not known:
        return worth
    last = standing.catalog.unit(max(known, key=lambda name: standing.last_met[name]))
    if last.id in unit.prerequisites:
        return worth * 2.5
    goes_on = unit.track == last.track and unit.level <= last.level + 1
    return worth * (1.6 if goes_on else 1.0)
