"""Which unit a learner means: by id, by title, or by the words of either.

The rule owned here: a name resolves to one unit or to a TutorError that offers the nearest;
what is written wins over what is planned when a name fits both.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log

from knowledge.catalog import Catalog
from knowledge.unit import Kind, Unit
from tutor.speaker.prose import terms
from tutor_error import TutorError, nearest

_FILLER = re.compile(
    r"^(?:(?:the|a|an|me|about|explain|describe|define|compare|tell|show|unit|lesson|project|case|study|course|topic|on|of|some|please|what|how|"
    r"to|with|from)\b\s*)+|(?:\s+(?:please|now|again|lesson|project|unit|from scratch|case study))+$",
    re.IGNORECASE,
)
_SURE = 0.6


@dataclass(frozen=True)
class Named:
    """A unit and how well a name fits it, 0 to 1."""

    unit: Unit
    fit: float


def resolve_unit(catalog: Catalog, name: str, kinds: Collection[Kind] = ()) -> Unit:
    """The unit that `name` means, of `kinds` when given. TutorError `unknown-unit` offers the nearest."""
    wanted = _FILLER.sub("", name.strip().strip("`'\"“”.!?")).strip()
    exact = catalog.units.get(wanted.lower().replace(" ", "-").replace("_", "-"))
    if exact is not None:
        return exact
    if wanted.lower() in catalog.unproved:
        return catalog.unit(wanted.lower())  # tells why it is not taught
    found = find_units(catalog, wanted, kinds)
    if found and found[0].fit >= _SURE:
        return found[0].unit
    offers = [named.unit.id for named in found[:3]] or nearest(
        wanted.lower().replace(" ", "-"), catalog.units
    )
    remedy = f"Did you mean {' or '.join(f'`{offer}`' for offer in offers)}?" if offers else ""
    raise TutorError(
        "unknown-unit", f"I know no unit called “{wanted or name}”.", remedy or "Ask for `/next` to see one."
    )


def find_units(catalog: Catalog, name: str, kinds: Collection[Kind] = ()) -> list[Named]:
    """Units whose titles share words with `name`, best first."""
    return fit_units(catalog, frozenset(terms(_FILLER.sub("", name))), kinds)


def fit_units(catalog: Catalog, asked: frozenset[str], kinds: Collection[Kind] = ()) -> list[Named]:
    """As `find_units`, by stems."""
    if not asked:
        return []
    weights = _weights(catalog)
    found = [
        Named(unit, fit)
        for unit in catalog.units.values()
        if (not kinds or unit.kind in kinds) and (fit := _fit(asked, title_terms(unit), weights)) > 0.2
    ]
    return sorted(found, key=lambda named: (-named.fit - _favour(named.unit, asked), len(named.unit.title)))


def title_terms(unit: Unit) -> frozenset[str]:
    """The stems of a unit's title and id."""
    return _terms_of(unit.title, unit.id)


@lru_cache(maxsize=2048)
def _terms_of(title: str, unit_id: str) -> frozenset[str]:
    return frozenset(terms(f"{title} {unit_id.replace('-', ' ').replace(':', ' ')}"))


def share_in_title(catalog: Catalog, asked: frozenset[str], unit: Unit) -> float:
    """The part of what is asked that a unit's title speaks of, rare words weighing more, 0 to 1."""
    weights = _weights(catalog)
    unheard = log(1 + len(catalog.units))
    whole = sum(weights.get(term, unheard) for term in asked)
    return sum(weights.get(term, 0.0) for term in asked & title_terms(unit)) / whole if whole else 0.0


def _favour(unit: Unit, asked: frozenset[str]) -> float:
    """Among near equals: what is written, lessons, and units whose whole id was said."""
    said_whole = set(terms(unit.name.replace("-", " "))) <= asked
    return 0.15 * (unit.status != "planned") + 0.05 * (unit.kind == "lesson") + 0.1 * said_whole


def _fit(asked: frozenset[str], title: frozenset[str], weights: Mapping[str, float]) -> float:
    """How much of the name is in the title, and a little how much of the title is in the name."""
    shared = sum(weights.get(term, _rarest(weights)) for term in asked & title)
    whole = sum(weights.get(term, _rarest(weights)) for term in asked)
    own = sum(weights.get(term, 0.0) for term in title)
    return 0.8 * shared / whole + 0.2 * (shared / own if own else 0.0)


def _weights(catalog: Catalog) -> Mapping[str, float]:
    return _count_weights(tuple((unit.title, unit.id) for unit in catalog.units.values()))


@lru_cache(maxsize=4)
def _count_weights(titles: tuple[tuple[str, str], ...]) -> dict[str, float]:
    """The inverse document frequency of each term over all titles."""
    counts: dict[str, int] = {}
    for title, unit_id in titles:
        for term in _terms_of(title, unit_id):
            counts[term] = counts.get(term, 0) + 1
    return {term: log(1 + len(titles) / count) for term, count in counts.items()}


def _rarest(weights: Mapping[str, float]) -> float:
    """A word that no title holds: it speaks against a fit, and half as much as a rare one for it."""
    return 0.35 * log(1 + max(1, len(weights)))
