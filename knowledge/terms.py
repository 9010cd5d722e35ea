"""The glossary: each term of the field with the one lesson that introduces it.

It owns one rule: a term has one home. Terms come from the front matter of written lessons, so what
is not written introduces nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog


@dataclass(frozen=True, order=True)
class Term:
    """term: as its lesson writes it. unit: the lesson."""

    term: str
    unit: str

    def is_in(self, text: str) -> bool:
        """Whether a text uses it, in singular or plural, as words of their own."""
        return _pattern(self.term).search(text) is not None

    def is_whole(self, text: str) -> bool:
        """Whether a text is nothing but the term, in singular or plural."""
        return _pattern(self.term).fullmatch(text.strip()) is not None

    def places_in(self, text: str) -> list[tuple[int, int]]:
        """Start and end of each of its uses in a text."""
        return [found.span() for found in _pattern(self.term).finditer(text)]

    def place_in(self, text: str) -> int | None:
        """Where a text first uses it, None where it does not."""
        found = _pattern(self.term).search(text)
        return None if found is None else found.start()


def terms_of(catalog: Catalog) -> list[Term]:
    """All terms that written lessons introduce, in the order of the curriculum.

    A lesson that cannot be read introduces nothing here; `verify` tells what is wrong with it.
    """
    return [term for unit in catalog.find("lesson") for term in _introduced(catalog, unit.id)]


def terms_built_on(catalog: Catalog, unit_id: str, text: str) -> list[Term]:
    """The terms that `text` of a unit uses and a lesson that it builds on introduces, where used first."""
    earlier = earlier_units(catalog, unit_id)
    terms = [term for unit in catalog.units if unit in earlier for term in _introduced(catalog, unit)]
    placed = [(term.place_in(text), term) for term in terms]
    return [term for _, term in sorted((at, term) for at, term in placed if at is not None)]


def earlier_units(catalog: Catalog, unit_id: str) -> set[str]:
    """The units that a unit builds on, directly or by way of others."""
    found: set[str] = set()
    left = [unit_id]
    while left:
        for name in catalog.unit(left.pop()).prerequisites:
            if name not in found:
                found.add(name)
                left.append(name)
    return found


def later_lessons(catalog: Catalog, unit_id: str) -> set[str]:
    """The units that build on a unit, directly or by way of others."""
    found: set[str] = set()
    left = [unit_id]
    while left:
        for dependent in catalog.dependents_of(left.pop()):
            if dependent.id not in found:
                found.add(dependent.id)
                left.append(dependent.id)
    return found


def terms_too_early(catalog: Catalog, unit_id: str, text: str, known: frozenset[str]) -> Iterator[Term]:
    """The terms that `text` of a unit uses although their lesson builds on this unit.

    known: terms that it introduces or explains itself.
    """
    later = later_lessons(catalog, unit_id)
    own = {term.lower() for term in known}
    for term in terms_of(catalog):
        if term.unit in later and term.term.lower() not in own and term.is_in(text):
            yield term


def _introduced(catalog: Catalog, unit_id: str) -> list[Term]:
    unit = catalog.unit(unit_id)
    if unit.kind != "lesson" or unit.status == "planned":
        return []
    try:
        return [Term(term, unit_id) for term in catalog.lesson(unit_id).front.introduces]
    except TutorError:
        return []


@lru_cache(maxsize=4096)
def _pattern(term: str) -> re.Pattern[str]:
    words = r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", term))
    # An abbreviation is itself in capitals alone: `SGD`, and `AND` but not `and`.
    flags = 0 if term.isupper() else re.IGNORECASE
    return re.compile(rf"(?<!\w){words}(?:e?s)?(?!\w)", flags)
