"""Whether a question lies in what is written, in what is planned, or outside.

The rule owned here: a planned unit is named, never taught. What the learner asks for is
planned when the words that carry the question stand in a planned title and in nothing written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.catalog import Catalog
from knowledge.unit import Unit
from tutor.agent.naming import Named, fit_units, share_in_title, title_terms
from tutor.speaker.extract import asked_terms
from tutor.speaker.prose import pieces, terms
from tutor.speaker.speaker import Passage, Scope

_FIT_AGAINST_PASSAGES, _FIT_ALONE = 0.55, 0.4
"""How well a planned title must fit, where search found something and where it found nothing."""
_LEAST_SHARE = 0.4
_AT_HOME = 2
"""Times that the passages found say a term, for them to be about it and not mention it."""


@dataclass(frozen=True)
class Ruling:
    """`planned` is the unit that would answer; `near` are written units close to it."""

    scope: Scope
    planned: Unit | None = None
    near: tuple[Unit, ...] = ()


def judge_scope(catalog: Catalog, question: str, passages: Sequence[Passage]) -> Ruling:
    """The scope of a question, given the passages that search found for it (none: nothing relevant)."""
    asked = frozenset(asked_terms(question))
    named = fit_units(catalog, asked)
    planned = next((one for one in named if one.unit.status == "planned"), None)
    written = next((one for one in named if one.unit.status != "planned"), None)
    if planned is not None and _is_about(catalog, asked, planned, written, passages):
        near = tuple(catalog.nearest_authored(planned.unit.id, limit=2))
        return Ruling("planned", planned.unit, near)
    return Ruling("covered") if passages else Ruling("outside")


def _is_about(
    catalog: Catalog,
    asked: frozenset[str],
    planned: Named,
    written: Named | None,
    passages: Sequence[Passage],
) -> bool:
    least = _FIT_AGAINST_PASSAGES if passages else _FIT_ALONE
    if planned.fit < least or share_in_title(catalog, asked, planned.unit) < _LEAST_SHARE:
        return False
    if written is not None and written.fit >= planned.fit - 0.1:
        return False
    key = asked & title_terms(planned.unit)
    return not all(_is_at_home(catalog, term, passages) for term in key)


def _is_at_home(catalog: Catalog, term: str, passages: Sequence[Passage]) -> bool:
    """The written text found treats the term: in a heading, in a unit's terms, or more than in passing."""
    best = passages[:3]
    if any(term in terms(passage.section) or term in _own_terms(catalog, passage.unit) for passage in best):
        return True
    return sum(_prose_terms(passage).count(term) for passage in best) >= _AT_HOME


def _prose_terms(passage: Passage) -> tuple[str, ...]:
    """Of what it says; a word in a diagram or in code tells nothing about it."""
    return terms(" ".join(one.text for one in pieces(passage.text) if one.kind in ("sentence", "item")))


def _own_terms(catalog: Catalog, unit_id: str) -> frozenset[str]:
    """What a written unit is about: its title, and the terms that it introduces."""
    unit = catalog.units.get(unit_id)
    if unit is None:
        return frozenset()
    introduced: list[str] = []
    if unit.kind != "project":
        page = catalog.case(unit_id) if unit.kind == "case_study" else catalog.lesson(unit_id)
        introduced = page.front.introduces
    return title_terms(unit) | frozenset(terms(" ".join(introduced)))
