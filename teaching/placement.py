"""Placement: which few questions tell where a learner stands, before anything is taught.

A population of imagined learners, each with a state of knowledge that fits the prerequisites,
is weighted by the answers given; the next question is the one whose answer settles most. The rule
owned here: a pure function of the graph, the items and the answers. What follows from the answers
is not decided here: they are evidence like others, weighed by `tracing` and `indirect`.

Knowledge states over a graph of prerequisites: Doignon and Falmagne 1985,
doi 10.1016/S0020-7373(85)80031-6. Choice by expected entropy: Lindley 1956, doi
10.1214/aoms/1177728069.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from teaching.evidence import GUESS, MAX_GUESS, PLACED_WEIGHT
from tutor_error import TutorError, did_you_mean

if TYPE_CHECKING:
    import numpy as np

    from knowledge.catalog import Catalog
    from knowledge.unit import Question
    from teaching.indirect import Graph

MOST_ITEMS = 12
KINDS = ("numeric", "predict", "order", "cloze", "choice")
"""Kinds whose answers are judged without doubt about wording."""
_LEARNERS = 1500
_SLIP = 0.1
_LEAST_GAIN, _LEAST_SHARE = 1.0, 1 / 40
"""Bits over all units asked for, and the same for each of these units; below the smaller one a question is
not worth the learner's time. One unit known or not is a bit at most.
"""


@dataclass(frozen=True)
class Item:
    """A question that can be asked; guess: the chance of being right without the skill."""

    id: str
    unit: str
    guess: float


@dataclass(frozen=True)
class Reply:
    """An item that was answered. An answer that nobody could read is no reply."""

    unit: str
    guess: float
    right: bool


@dataclass(frozen=True)
class Pick:
    """item: what to ask next, or None. gain: bits that its answer settles on average.

    stop: why nothing more is asked: `enough` items were, nothing is `settled` by another, or
    `no-items` are left.
    """

    item: Item | None
    gain: float
    stop: Literal["", "enough", "settled", "no-items"] = ""


def next_item(
    graph: Graph,
    wanted: Collection[str],
    items: Sequence[Item],
    replies: Sequence[Reply],
    *,
    most: int = MOST_ITEMS,
    seed: int = 0,
) -> Pick:
    """The question to ask next, given the replies so far.

    wanted: the units that the learner means to take; what they need counts as well. items: those
    not asked yet, in an order that breaks ties. Units without items are judged by their
    neighbours alone. The same arguments give the same pick.
    """
    # Imported late: NumPy costs a tenth of a second, which other commands need not pay.
    import numpy as np

    if len(replies) >= most:
        return Pick(None, 0.0, "enough")
    if not items:
        return Pick(None, 0.0, "no-items")
    units, known = _population(_frozen(graph), seed)
    column = {unit: number for number, unit in enumerate(units)}
    open_items = [item for item in items if item.unit in column]
    if not open_items:
        return Pick(None, 0.0, "no-items")
    weights = _weights(known, column, replies)
    of_interest = known[:, [column[unit] for unit in with_needed(graph, wanted) if unit in column]]
    gains = _gains(weights, known[:, [column[item.unit] for item in open_items]], of_interest, open_items)
    best = int(np.argmax(np.round(gains, 9)))
    gain, least = float(gains[best]), min(_LEAST_GAIN, _LEAST_SHARE * of_interest.shape[1])
    return Pick(open_items[best], gain) if gain >= least else Pick(None, gain, "settled")


def _gains(weights: Any, has: Any, of_interest: Any, items: Sequence[Item]) -> Any:
    """The expected fall of entropy, in bits, for each item. has: learners by items, 0 or 1."""
    import numpy as np  # with the caller's

    guess = np.array([item.guess for item in items])
    base = weights @ of_interest
    # P(right and unit known), by item and unit, from two products instead of one for each item.
    right = guess[:, None] * base + (1 - _SLIP - guess)[:, None] * ((weights[:, None] * has).T @ of_interest)
    chance = (guess + (1 - _SLIP - guess) * (weights @ has))[:, None]
    after = chance * _entropy(right / chance) + (1 - chance) * _entropy((base - right) / (1 - chance))
    return _entropy(base).sum() - after.sum(axis=1)


def known_share(graph: Graph, replies: Sequence[Reply], seed: int = 0) -> dict[str, float]:
    """The probability of each unit after the replies, in the population of imagined learners."""
    units, known = _population(_frozen(graph), seed)
    column = {unit: number for number, unit in enumerate(units)}
    shares = _weights(known, column, replies) @ known
    return {unit: float(shares[number]) for unit, number in column.items()}


def item_of(unit: str, question: Question) -> Item | None:
    """A question as an item of a placement, or None where its kind takes too long or leaves doubt."""
    if question.kind not in KINDS:
        return None
    guess = GUESS[question.kind]
    if question.kind == "choice":
        guess = min(1 / len(question.options), MAX_GUESS)
    return Item(f"{unit}/{question.id}", unit, guess)


def items_of(catalog: Catalog, units: Collection[str], asked: Collection[str] = ()) -> list[Item]:
    """The items of written lessons and case studies, the least guessable of each unit first."""
    found: list[Item] = []
    for unit_id in units:
        unit = catalog.unit(unit_id)
        if unit.status == "planned" or unit.kind == "project":
            continue
        page = catalog.case(unit_id) if unit.kind == "case_study" else catalog.lesson(unit_id)
        mine = [item for question in page.front.questions if (item := item_of(unit_id, question))]
        found += sorted((item for item in mine if item.id not in asked), key=lambda item: item.guess)
    return found


def scope_of(catalog: Catalog, scope: str | None) -> tuple[str, list[str]]:
    """A programme's or track's title and units; without a name all units. TutorError `unknown-scope`."""
    if not scope:
        return "the whole catalogue", list(catalog.units)
    if scope in catalog.programme_ids:
        programme = catalog.programme(scope)
        return programme.title, programme.unit_ids()
    tracks = list(dict.fromkeys(unit.track for unit in catalog.units.values()))
    if scope in tracks:
        return f"the track {scope}", [unit.id for unit in catalog.units.values() if unit.track == scope]
    known = (*catalog.programme_ids, *tracks)
    offer = did_you_mean(scope, known) or f"Take one of {', '.join(known)}."
    raise TutorError("unknown-scope", f"`{scope}` is no programme and no track.", offer)


def with_needed(graph: Graph, units: Collection[str]) -> list[str]:
    """The units and all that they build on, each once."""
    found = dict.fromkeys(units)
    for unit in list(found):
        found.update(dict.fromkeys(graph.needed_by(unit, len(graph.needs))))
    return [unit for unit in found if unit in graph.needs]


def _weights(known: np.ndarray[Any, Any], column: Mapping[str, int], replies: Sequence[Reply]) -> Any:
    """How far each imagined learner fits the replies; together 1."""
    import numpy as np  # with the caller's

    weights = np.ones(len(known))
    for reply in replies:
        if reply.unit in column:
            right = np.where(known[:, column[reply.unit]] > 0, 1 - _SLIP, reply.guess)
            weights *= (right if reply.right else 1 - right) ** PLACED_WEIGHT
    # Slip and guess are never 0, so that no learner's weight is.
    return weights / weights.sum()


def _entropy(p: Any) -> Any:
    import numpy as np  # with the caller's

    held = np.clip(p, 1e-9, 1 - 1e-9)
    return -(held * np.log2(held) + (1 - held) * np.log2(1 - held))


_Needs = tuple[tuple[str, tuple[str, ...]], ...]


def _frozen(graph: Graph) -> _Needs:
    return tuple(graph.needs.items())


@lru_cache(maxsize=8)
def _population(needs: _Needs, seed: int) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Imagined learners: units in an order along the prerequisites, and who knows which.

    A learner has come a way into the graph, drawn evenly from its whole depth, and further or
    less far in each branch by chance. A unit is known when all that it needs is and its depth lies
    within that way; one in thirty is known or missing against the rule.
    """
    import numpy as np

    wants = dict(needs)
    depth = _depths(wants)
    units = sorted(wants, key=lambda unit: depth[unit])
    column = {unit: number for number, unit in enumerate(units)}
    draw = np.random.default_rng(seed)
    deepest = max(depth.values(), default=1)
    way = draw.uniform(-1.0, deepest + 1.0, size=_LEARNERS)
    spread = 0.15 * deepest + 0.5
    known = np.zeros((_LEARNERS, len(units)))
    for unit in units:
        there = np.ones(_LEARNERS)
        for name in wants[unit]:
            if name in column:
                there *= known[:, column[name]]
        within = way + spread * draw.standard_normal(_LEARNERS) >= depth[unit] - 0.5
        odd = draw.random(_LEARNERS) < 1 / 30
        known[:, column[unit]] = np.where(odd, 1 - there, there * within)
    return units, known


def _depths(wants: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How many steps each unit stands above what needs nothing, counted from 1."""
    depth: dict[str, int] = {}
    for start in wants:
        path = [start]
        while path:
            unit = path[-1]
            open_needs = [
                name for name in wants[unit] if name in wants and name not in depth and name not in path
            ]
            if open_needs and unit not in depth:
                path.append(open_needs[0])
                continue
            depth[unit] = 1 + max((depth[name] for name in wants[unit] if name in depth), default=0)
            path.pop()
    return depth
