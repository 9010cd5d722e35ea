"""Units side by side: the idea, the cost and when to use each, in their authors' words.

The rule owned here: every sentence stands in a section of the unit and names it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.page import Page, Section
from knowledge.sentence import sentences

_COST = re.compile(
    r"\b(?:costs?|slow\w*|quick\w*|fast\w*|cheap\w*|expensive|memory|operations|seconds|time|scales?|grows?|"
    r"pays?|small)\b|\bO\("
)
_USE = re.compile(
    r"\b(?:use it|used (?:when|for|where)|when (?:you|the|there)|good (?:with|for|at|when)|"
    r"first thing to try|choose|suits?|works? (?:well|best)|fails?|beats?|prefer\w*|needs?|default|"
    r"natural)\b",
    re.IGNORECASE,
)
_SKIP = frozenset({"check-yourself", "questions"})
_MOST_WORDS = 60
_MOST_IDEA_WORDS = 75


@dataclass(frozen=True)
class Part:
    """What is said, word for word, and the title of the section that it stands in."""

    label: str
    text: str
    section: str


def parts_of(page: Page, others: Sequence[str]) -> tuple[Part, ...]:
    """The idea, the cost and the use of a unit; first what it says of one of `others` (titles or ids)."""
    found: list[Part] = []
    beside = _about(page, others)
    if beside is not None:
        found.append(Part("Side by side", _opening(beside.text, _MOST_IDEA_WORDS), beside.title))
    idea = page.section("idea") or page.section("problem") or next(iter(page.sections), None)
    if idea is not None:
        found.append(Part("Idea", _opening(_defining(idea.text), _MOST_IDEA_WORDS), idea.title))
    taken = [part.text for part in found]
    for label, pattern in (("Cost", _COST), ("When", _USE)):
        part = _best(page, label, pattern, taken)
        if part is not None:
            found.append(part)
            taken.append(part.text)
    return tuple(part for part in found if part.text)


def _about(page: Page, others: Sequence[str]) -> Section | None:
    """A section whose heading names one of the others."""
    for section in page.sections:
        title = _plain(section.title)
        if any(_plain(other) in title for other in others) and section.text.strip():
            return section
    return None


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]", " ", name.lower()).split())


def _defining(text: str) -> str:
    """A section from its first paragraph with a term in bold on, where its lesson says what it is."""
    blocks = text.split("\n\n")
    first = next((place for place, block in enumerate(blocks) if "**" in block), 0)
    return "\n\n".join(blocks[first:])


def _opening(text: str, most: int) -> str:
    """The first sentences of a section's prose, whole."""
    taken: list[str] = []
    for sentence in _prose(text):
        if taken and len(" ".join([*taken, sentence]).split()) > most:
            break
        taken.append(sentence)
    return " ".join(taken)


def _best(page: Page, label: str, pattern: re.Pattern[str], taken: Sequence[str]) -> Part | None:
    """The sentence with the most signs of what is looked for, early ones first among equals."""
    best: tuple[int, Part] | None = None
    for section in page.sections:
        if section.anchor in _SKIP:
            continue
        for sentence in _prose(section.text):
            signs = len(pattern.findall(sentence))
            fits = (
                signs and len(sentence.split()) <= _MOST_WORDS and not any(sentence in text for text in taken)
            )
            if fits and (best is None or signs > best[0]):
                best = (signs, Part(label, sentence, section.title))
    return best[1] if best else None


def _prose(text: str) -> list[str]:
    """The sentences of paragraphs and list items, without code, formulas and tables."""
    plain = re.sub(r"(?ms)^(`{3,}|~{3,}).*?^\1\s*$", "", text)
    found: list[str] = []
    for block in re.split(r"\n\s*\n|\n(?=[-*] )", plain):
        if not block.strip() or block.startswith(("  ", "|", "$$", "#", "\t")):
            continue
        whole = " ".join(block.split()).removeprefix("- ")
        found += [one for one in sentences(whole) if one.rstrip().endswith((".", "!", "?", "*"))]
    return found
