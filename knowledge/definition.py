"""What a term means, in the words of the lesson that introduces it.

It owns one rule: a definition is a sentence that stands in the text of a lesson, as learners read it.
Nothing is written for the glossary, so nothing in it can differ from what is taught, and no question,
answer or hint is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from knowledge.glossary import ABBREVIATIONS
from knowledge.lexical import query_words, term_key
from knowledge.page import Page, Section
from knowledge.passage import NO_TEXT, page_of
from knowledge.sentence import leans_back, sentences
from knowledge.terms import Term, terms_of
from tutor_error import TutorError, nearest

if TYPE_CHECKING:
    from knowledge.catalog import Catalog

_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_SHORT = 5  # characters: what is longer is a spelling, and no abbreviation


@dataclass(frozen=True)
class Definition:
    """term: as its lesson writes it. unit, title, section, anchor: where it is introduced.

    text: the lesson's own sentence, as Markdown, with its neighbour where it points at that.
    abbreviations: short forms by which it is found, too.
    """

    term: str
    unit: str
    title: str
    track: str
    section: str
    anchor: str
    text: str
    abbreviations: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "abbreviations": list(self.abbreviations)}


@dataclass(frozen=True)
class Glossary:
    """The terms of the written lessons, in the order of the curriculum."""

    terms: list[Term] = field(default_factory=list[Term])

    def find(self, wanted: str) -> Term:
        """A term in any spelling, number or abbreviation. TutorError `unknown-term` offers the nearest."""
        key = term_key(query_words(wanted))
        for term in self.terms:
            if term.is_whole(wanted) or term.term.casefold() == wanted.strip().casefold():
                return term
        for term in self.terms:
            if key and term_key(query_words(term.term)) == key:
                return term
        close = self._near(wanted)
        offer = f"Did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else ""
        raise TutorError(
            "unknown-term",
            f"No written lesson introduces the term `{wanted.strip()[:80]}`.",
            offer or 'All terms: `mltutor glossary`; in texts: `mltutor search "..."`.',
        )

    def used_in(self, text: str) -> list[Term]:
        """The terms that a text uses, in the order in which it first does."""
        lowered = text.lower()
        candidates = (term for term in self.terms if _may_hold(lowered, term.term))
        placed = ((term.place_in(text), term) for term in candidates)
        return [term for _, term in sorted((at, term) for at, term in placed if at is not None)]

    def _near(self, wanted: str) -> list[str]:
        """By spelling, then those that have all its words."""
        known = {term.term.lower(): term.term for term in self.terms}
        close = [known[name] for name in nearest(wanted.strip().lower()[:80], known)]
        words = set(query_words(wanted))
        holding = [t.term for t in self.terms if words and words <= set(query_words(t.term))]
        return list(dict.fromkeys([*holding, *close]))[:3]


def glossary_of(catalog: Catalog, track: str | None = None) -> Glossary:
    """The glossary of a catalogue, of one track where it is named. TutorError `unknown-track`."""
    among = {unit.id for unit in catalog.find("lesson", track)}
    return Glossary([term for term in terms_of(catalog) if term.unit in among])


def define(catalog: Catalog, term: Term) -> Definition:
    """The definition of a term: the sentence in which it stands bold, else the first that uses it."""
    lesson = catalog.lesson(term.unit)
    section, text = _home(lesson.page, term)
    unit = lesson.unit
    return Definition(
        term.term, unit.id, unit.title, unit.track, section.title, section.anchor, text, short_forms(term)
    )


def short_forms(term: Term) -> tuple[str, ...]:
    """Abbreviations of the term, other than itself."""
    mine = term_key(query_words(term.term))
    found = (
        short for short in ABBREVIATIONS if len(short) <= _SHORT and mine == term_key(query_words(short))
    )
    return tuple(short for short in found if short != term.term.lower())


def units_using(catalog: Catalog, term: Term) -> list[str]:
    """The written units, other than its home, whose text uses a term, in the order of the curriculum."""
    return [
        unit.id
        for unit in catalog.units.values()
        if unit.status != "planned" and unit.id != term.unit and term.is_in(prose_of(catalog, unit.id))
    ]


@lru_cache(maxsize=1024)
def prose_of(catalog: Catalog, unit_id: str) -> str:
    """What a learner reads of a unit, without code; nothing where it cannot be read, as `verify` tells."""
    try:
        return _FENCE.sub("", page_of(catalog, catalog.unit(unit_id)).body)
    except TutorError:
        return ""


def _home(page: Page, term: Term) -> tuple[Section, str]:
    """The section and the sentence that introduce a term; the sentence may be empty."""
    uses = [(section, pieces, at) for section, pieces, at in _uses(page, term)]
    bold = (use for use in uses if any(map(term.is_in, _BOLD.findall(use[1][use[2]]))))
    # `**term**` itself comes before a bold phrase that holds the term.
    alone = next((use for use in uses if any(map(term.is_whole, _BOLD.findall(use[1][use[2]])))), None)
    chosen = alone or next(bold, None) or (uses[0] if uses else None)
    if chosen is None:
        return page.sections[0], ""
    section, pieces, at = chosen
    return section, _with_neighbour(pieces, at)


def _with_neighbour(pieces: list[str], at: int) -> str:
    """A sentence, with the one before it where it points there, else the one behind where it is short."""
    if leans_back(pieces[at]) and at > 0:
        return f"{pieces[at - 1]} {pieces[at]}"
    if leans_back(pieces[at]) and at + 1 < len(pieces):
        return f"{pieces[at]} {pieces[at + 1]}"
    return pieces[at]


def _uses(page: Page, term: Term) -> Iterator[tuple[Section, list[str], int]]:
    for section in page.sections:
        if section.anchor in NO_TEXT:
            continue
        for pieces in _paragraphs(section.text):
            for at, piece in enumerate(pieces):
                if term.is_in(piece):
                    yield section, pieces, at


def _paragraphs(markdown: str) -> Iterator[list[str]]:
    """The sentences of each paragraph, list item and row of a table."""
    for block in re.split(r"\n\s*\n", _FENCE.sub("\n\n", markdown)):
        lines = block.strip("\n").split("\n")
        if lines[0].lstrip().startswith("|"):
            yield from ([_row(line)] for line in lines if not re.fullmatch(r"[\s|:-]+", line))
            continue
        item: list[str] = []
        for line in lines:
            if _ITEM.match(line) and item:
                yield sentences(" ".join(item))
                item = []
            item.append(_ITEM.sub("", line))
        if any(part.strip() for part in item):
            yield sentences(" ".join(item))


def _row(line: str) -> str:
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    return " · ".join(cell for cell in cells if cell)


def _may_hold(lowered: str, term: str) -> bool:
    """A quick look before the exact one."""
    return all(word in lowered for word in re.split(r"[\s-]+", term.lower()))
