"""A leakage hunt through a case: what a practitioner might ask, one suspicion at a time.

The rule owned here: the suspicions are the case's own authored questions about its Leakage
section, and what is told afterwards stands in that section word for word. Nothing is judged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.page import Case
from teaching import wording

GUIDE = (
    "Ask of each number: when would it be known, in the field?",
    "Ask of each number: which rows went into it?",
    "Ask of each choice: who had seen the score before it was made?",
)


@dataclass(frozen=True)
class Suspicion:
    """A practice to judge, the guiding question, and what the case says (with its section's title)."""

    practice: str
    guide: str
    told: str
    section: str


def suspicions(case: Case) -> tuple[Suspicion, ...]:
    """The hunt through a case; empty when it has no Leakage section or no questions about it."""
    section = case.page.section("leakage")
    if section is None:
        return ()
    asked = case.front.asked.get("leakage", []) if case.front.asked else []
    blocks = _blocks(section.text)
    return tuple(
        Suspicion(one, GUIDE[place % len(GUIDE)], _nearest(one, blocks), section.title)
        for place, one in enumerate(asked)
    )


def _blocks(text: str) -> list[str]:
    """The paragraphs and list items of a section, without code, formulas and tables."""
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n|\n(?=- )", text)]
    return [part.removeprefix("- ") for part in parts if part and not part.startswith(("```", "|", "$$"))]


def _nearest(practice: str, blocks: Sequence[str]) -> str:
    """The block that shares most words with the practice, the first among equals."""
    wanted = set(wording.content(practice))
    return max(blocks, key=lambda block: len(wanted & set(wording.content(block))), default="")
