"""What evidence on one unit says of others: beliefs beside the estimates, along the prerequisites.

An estimate of `tracing` follows the attempts at its own unit, from where the learner's first answers
in others let it start. Who solves a task that builds
on a unit probably has that unit too, and who lacks a unit hardly has what builds on it. The rule
owned here: what is only inferred stays at or below MOST_INFERRED, changes no level, and names the
attempts that it comes from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from teaching.evidence import Observation, observe
from teaching.tracing import DEFAULTS, discount, prior

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from teaching.records import Event
    from teaching.tracing import Mastery

KNOWN = 0.75
"""A unit believed at least this much is passed over."""
MOST_INFERRED = 0.9
ALONE = replace(DEFAULTS, trust=0.4)
"""For one answer that stands alone its word is followed further: the usual trust discounts that answers to
several questions of one unit hang together.
"""
_LEAST = 0.02


@dataclass(frozen=True)
class Spread:
    """Which part of an observation's log-likelihood ratio reaches a unit one step away.

    Two steps away it is the square, and so on up to `steps`. Set by judgement: a right answer
    speaks for what it needs, a wrong one against what needs it; the other two directions are weak,
    because a failure has many causes and a foundation is no building.
    most: the bound on the sum, in log-odds, so that many weak signs do not pass for a test.
    """

    right_to_needed: float = 0.5
    wrong_to_needed: float = 0.15
    right_to_dependents: float = 0.15
    wrong_to_dependents: float = 0.45
    steps: int = 6
    most: float = 1.5


USUAL = Spread()


@dataclass(frozen=True)
class Sign:
    """What one attempt at another unit says: `ratio` is a log-likelihood ratio, above 0 for known."""

    attempt: str
    unit: str
    ratio: float


@dataclass(frozen=True)
class Belief:
    """p: probability that the learner has the unit; own: what its own attempts alone say.

    signs: what attempts at other units add, the strongest first.
    """

    unit: str
    p: float
    own: float
    signs: tuple[Sign, ...] = field(default=())

    @property
    def is_inferred(self) -> bool:
        return bool(self.signs) and self.p > self.own

    def as_json(self) -> dict[str, Any]:
        return {
            "unit": self.unit,
            "p": round(self.p, 4),
            "own": round(self.own, 4),
            "signs": [
                {"attempt": sign.attempt, "unit": sign.unit, "ratio": round(sign.ratio, 3)}
                for sign in self.signs
            ],
        }


class Graph:
    """The prerequisites of a catalogue both ways, with the shortest distances within a few steps."""

    def __init__(self, needs: Mapping[str, Iterable[str]]) -> None:
        self.needs = {unit: tuple(names) for unit, names in needs.items()}
        self.dependents: dict[str, list[str]] = {unit: [] for unit in self.needs}
        for unit, names in self.needs.items():
            for name in names:
                self.dependents.setdefault(name, []).append(unit)
        self._near: dict[tuple[str, bool, int], dict[str, int]] = {}

    def needed_by(self, unit: str, steps: int) -> dict[str, int]:
        """Ancestors of a unit with their distance, the unit itself left out."""
        return self._within(unit, True, steps)

    def building_on(self, unit: str, steps: int) -> dict[str, int]:
        """Descendants of a unit with their distance, the unit itself left out."""
        return self._within(unit, False, steps)

    def _within(self, unit: str, upwards: bool, steps: int) -> dict[str, int]:
        key = (unit, upwards, steps)
        if key not in self._near:
            edges: Mapping[str, Iterable[str]] = self.needs if upwards else self.dependents
            found, edge = {unit: 0}, [unit]
            for distance in range(1, steps + 1):
                edge = [name for at in edge for name in edges.get(at, ()) if name not in found]
                found.update(dict.fromkeys(edge, distance))
            del found[unit]
            self._near[key] = found
        return self._near[key]


def graph_of(catalog: Catalog) -> Graph:
    return Graph({unit.id: unit.prerequisites for unit in catalog.units.values()})


def log_ratio(share: float, guess: float, slip: float) -> float:
    """log P(answer | skill) / P(answer | no skill); a share between 0 and 1 mixes the two."""
    right = math.log((1 - slip) / guess)
    wrong = math.log(slip / (1 - guess))
    return share * right + (1 - share) * wrong


def beliefs(
    catalog: Catalog,
    states: Mapping[str, Mastery],
    events: Iterable[Event],
    spread: Spread = USUAL,
    *,
    graph: Graph | None = None,
) -> dict[str, Belief]:
    """What is believed of every unit in `states`, from its own attempts and from others'.

    For each unit log-odds(p) = log-odds(own) + bounded sum of the signs. Only the newest attempt
    at a unit gives signs, so practising one unit does not shout down the rest. Where a unit was
    met in a placement alone, that answer is a sign like others, beside where the first answers in
    other units would let it start.
    """
    newest: dict[str, list[Observation]] = {}
    firsts: dict[str, Observation] = {}
    tried: set[str] = set()
    for group in observe(catalog, events):
        for one in group:
            known = newest.get(one.unit)
            fresh = known is None or known[0].attempt != one.attempt
            newest[one.unit] = [one] if fresh else [*(known or ()), one]
            if not one.is_placed:
                tried.add(one.unit)
            if one.is_question and not one.assisted:
                firsts.setdefault(one.unit, one)
    signs = spread_signs(graph or graph_of(catalog), newest, spread)
    found: dict[str, Belief] = {}
    for unit, state in states.items():
        placed = newest.get(unit, ()) if unit not in tried else ()
        start = prior(one for other, one in firsts.items() if other != unit) if placed else None
        found[unit] = combine(unit, state.p, signs.get(unit, ()), spread, placed=placed, start=start)
    return found


def spread_signs(
    graph: Graph, newest: Mapping[str, Iterable[Observation]], spread: Spread = USUAL
) -> dict[str, list[Sign]]:
    """The signs that reach each unit from the newest observations of the others."""
    found: dict[str, list[Sign]] = {}
    for unit, group in newest.items():
        told = list(group)
        ratio = _ratio(told)
        if ratio == 0:
            continue
        for other, part in reach(graph, unit, ratio > 0, spread).items():
            found.setdefault(other, []).append(Sign(told[0].attempt, unit, ratio * part))
    return found


def _ratio(group: Iterable[Observation]) -> float:
    """What one attempt says of its own unit, with the tracker's slip and discount for help."""
    return sum(discount(one, ALONE) * log_ratio(one.share, one.guess, DEFAULTS.slip) for one in group)


def reach(graph: Graph, unit: str, right: bool, spread: Spread = USUAL) -> dict[str, float]:
    """Which part of a right or wrong answer's word on `unit` reaches each other unit."""
    to_needed = spread.right_to_needed if right else spread.wrong_to_needed
    to_dependents = spread.right_to_dependents if right else spread.wrong_to_dependents
    parts = {name: to_needed**steps for name, steps in graph.needed_by(unit, spread.steps).items()}
    parts.update(
        {name: to_dependents**steps for name, steps in graph.building_on(unit, spread.steps).items()}
    )
    return {name: part for name, part in parts.items() if part >= 0.01}


def combine(
    unit: str,
    own: float,
    signs: Iterable[Sign],
    spread: Spread = USUAL,
    *,
    placed: Sequence[Observation] = (),
    start: float | None = None,
) -> Belief:
    """An estimate and the signs beside it as one belief; what is inferred stays below the cap.

    placed: the observations of a unit that was met in a placement alone; start: the estimate without them.
    """
    mine = [Sign(placed[0].attempt, unit, _ratio(placed))] if placed else []
    told = tuple(sorted([*mine, *signs], key=lambda sign: -abs(sign.ratio)))
    if not told:
        return Belief(unit, own, own)
    total = max(-spread.most, min(spread.most, sum(sign.ratio for sign in told)))
    before = own if start is None else start
    p = 1 / (1 + math.exp(-(_log_odds(before) + total)))
    return Belief(unit, min(p, max(own, MOST_INFERRED)), own, told)


def _log_odds(p: float) -> float:
    held = min(max(p, _LEAST), 1 - _LEAST)
    return math.log(held / (1 - held))
