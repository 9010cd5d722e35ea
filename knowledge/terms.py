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


@dataclass(frozen=True)
class Term:
    """term: as its lesson writes it. unit: the lesson."""

    term: str
    unit: str

    def is_in(self, text: str) -> bool:
        """Whether a text uses it, in singular or plural, as words of their own."""
        return _pattern(self.term).search(text) is not None


def terms_of(catalog: Catalog) -> list[Term]:
    """All terms that written lessons introduce, in the order of the curriculum.

    A lesson that cannot be read introduces nothing here; `verify` tells what is wrong with it.
    """
    found: list[Term] = []
    for unit in catalog.find("lesson"):
        if unit.status == "planned":
            continue
        try:
            front = catalog.lesson(unit.id).front
        except TutorError:
            continue
        found += [Term(term, unit.id) for term in front.introduces]
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


@lru_cache(maxsize=4096)
def _pattern(term: str) -> re.Pattern[str]:
    words = r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", term))
    # An abbreviation is itself in capitals alone: `SGD`, and `AND` but not `and`.
    flags = 0 if term.isupper() else re.IGNORECASE
    return re.compile(rf"(?<!\w){words}(?:e?s)?(?!\w)", flags)
