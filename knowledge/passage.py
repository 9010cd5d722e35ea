"""Passages: the pieces of authored text that search finds and answers cite.

The one rule owned here: a passage follows the text's own structure. It never crosses a
heading, never cuts a code block or a formula, and carries the path of headings above it.
Only what a learner may read is split: sections of lessons and cases, briefs of projects.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from knowledge.page import Page, Section, slugify
from knowledge.unit import Asked, Kind, Unit

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.material import Source

PassageKind = Kind | Literal["material"]
"""What a passage is of: a unit of the curriculum, or the learner's own material."""

CHUNKER = "2"
"""Version of the rules below; a change of it rebuilds every index."""
NO_TEXT = frozenset({"check-yourself", "questions"})
"""Sections that send the reader to the questions and answer nothing themselves."""
PASSAGE_WORDS = 200
WINDOW_WORDS = 50

_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+(?=[A-Z0-9`*(\[\"'])")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"(\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`|^#+\s+|^>\s?)", re.MULTILINE)


@dataclass(frozen=True)
class Passage:
    """At most about 200 words under one heading. `path` runs from the unit's title down.

    asked: questions that it answers, in learners' words; found like its text, never shown.
    """

    id: str
    unit: str
    kind: PassageKind
    track: str
    level: int
    title: str
    section: str
    anchor: str
    path: tuple[str, ...]
    text: str
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Window:
    """The piece that is embedded: about 50 words with their headings in front, or a question."""

    hash: str
    passage: str
    text: str


def passages_of(catalog: Catalog) -> list[Passage]:
    """The passages of every unit that is written, in the catalogue's order."""
    found: list[Passage] = []
    for unit in catalog.units.values():
        if unit.status != "planned":
            found += unit_passages(catalog, unit)
    return found


def unit_passages(catalog: Catalog, unit: Unit) -> list[Passage]:
    """The passages of a written unit. Raises TutorError when its files are broken."""
    return split_unit(unit, page_of(catalog, unit), asked_of(catalog, unit))


def asked_of(catalog: Catalog, unit: Unit) -> Asked:
    """What its author says that learners ask and a written unit answers."""
    if unit.kind == "project":
        return catalog.project(unit.id).file.asked
    return (catalog.case(unit.id) if unit.kind == "case_study" else catalog.lesson(unit.id)).front.asked


def page_of(catalog: Catalog, unit: Unit) -> Page:
    """The page that a learner reads first: a lesson's or case's body, a project's brief."""
    if unit.kind == "project":
        return catalog.project(unit.id).page
    if unit.kind == "case_study":
        return catalog.case(unit.id).page
    return catalog.lesson(unit.id).page


def split_unit(unit: Unit | Source, page: Page, asked: Asked | None = None) -> list[Passage]:
    """The page of a unit, or of a document of the learner's, as passages in reading order."""
    found: list[Passage] = []
    for section in _sections(unit, page):
        for number, text in enumerate(_pack(_blocks(section.text)), 1):
            place = f"{unit.id}#{section.anchor}"
            found.append(
                Passage(
                    id=place if number == 1 else f"{place}/{number}",
                    unit=unit.id,
                    kind=unit.kind,
                    track=unit.track,
                    level=unit.level,
                    title=unit.title,
                    section=section.title,
                    anchor=section.anchor,
                    path=(unit.title, *section.path),
                    text=text,
                )
            )
    return _with_asked(found, asked or {})


def _with_asked(passages: list[Passage], asked: Asked) -> list[Passage]:
    """Each question goes to the passage of its section that shares most words with it."""
    taken: dict[str, list[str]] = {}
    for anchor, questions in asked.items():
        section = [one for one in passages if slugify(one.path[1] if len(one.path) > 1 else "") == anchor]
        for question in questions if section else ():
            wanted = _long_words(question)
            best = max(section, key=lambda one: len(wanted & _long_words(one.text)))
            taken.setdefault(best.id, []).append(question)
    return [replace(one, asked=tuple(taken.get(one.id, ()))) for one in passages]


def _long_words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) > 3}


def windows(passage: Passage) -> list[Window]:
    """The windows of a passage; a code block and a question are windows of their own."""
    head = " > ".join(passage.path)
    texts = [*(f"{head}\n{piece}" for piece in _window_texts(passage.text)), *passage.asked]
    return [Window(hashlib.sha256(text.encode()).hexdigest()[:32], passage.id, text) for text in texts]


def plain(text: str) -> str:
    """Markdown without its marks: what a reader would say aloud."""
    return _MARKS.sub("", _LINK.sub(r"\1", text))


def _sections(unit: Unit | Source, page: Page) -> Iterator[Section]:
    """The page's sections, with the text above its first heading as one called Overview."""
    lines = page.body.split("\n")
    first = page.sections[0].line if page.sections else len(lines) + 1
    opening = "\n".join(line for line in lines[: first - 1] if not line.startswith("# ")).strip()
    if opening:
        title = "Overview" if page.sections else unit.title
        yield Section(title, slugify(title), (title,), opening, 2, 1)
    seen: dict[str, int] = {}
    for section in page.sections:
        if section.anchor in NO_TEXT:
            continue
        seen[section.anchor] = seen.get(section.anchor, 0) + 1
        if section.text.strip() and seen[section.anchor] == 1:
            yield section
        elif section.text.strip():
            # Two headings of one name share an anchor; ids must still differ.
            anchor = f"{section.anchor}-{seen[section.anchor]}"
            yield Section(section.title, anchor, section.path, section.text, section.level, section.line)


def _blocks(text: str) -> list[str]:
    """Paragraphs, lists, tables, whole code fences and whole display formulas."""
    blocks: list[str] = []
    block: list[str] = []
    closing = ""
    for line in text.split("\n"):
        fence = _FENCE.match(line)
        if closing:
            block.append(line)
            if line.strip().startswith(closing):
                closing = ""
            continue
        if fence:
            closing = fence.group(1)
        elif line.strip() == "$$":
            closing = "$$"
        if line.strip():
            block.append(line)
        elif block:
            blocks.append("\n".join(block))
            block = []
    if block:
        blocks.append("\n".join(block))
    return blocks


def _pack(blocks: Sequence[str]) -> Iterator[str]:
    """Neighbouring blocks joined into pieces of even length, each at most about 200 words."""
    total = sum(_words(block) for block in blocks)
    pieces = max(1, -(-total // PASSAGE_WORDS))
    for group in _groups(blocks, total / pieces):
        yield "\n\n".join(group)


def _window_texts(text: str) -> Iterator[str]:
    prose: list[str] = []
    for block in _blocks(text):
        if _FENCE.match(block):
            yield from _prose_windows(prose)
            prose = []
            yield block
        else:
            prose += [part for part in _SENTENCE_END.split(plain(block)) if part.strip()]
    yield from _prose_windows(prose)


def _prose_windows(sentences: Sequence[str]) -> Iterator[str]:
    total = sum(_words(sentence) for sentence in sentences)
    if not total:
        return
    pieces = max(1, round(total / WINDOW_WORDS))
    for group in _groups(sentences, total / pieces):
        yield " ".join(group)


def _groups(parts: Iterable[str], target: float) -> Iterator[list[str]]:
    """Consecutive parts in groups of about `target` words; a longer part stands alone."""
    group: list[str] = []
    size = 0
    for part in parts:
        words = _words(part)
        if group and size + words / 2 > target:
            yield group
            group, size = [], 0
        group.append(part)
        size += words
    if group:
        yield group


def _words(text: str) -> int:
    return len(text.split())
