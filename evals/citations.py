"""Sentences with a cited section: does the section say what the sentence states?

Written and labelled for this purpose, by language models that worked apart from each other.

The one rule owned here: a pair is used only where both labellers agree, and a unit's pairs
are all in one split, so a threshold is never measured on a text that it was chosen on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from knowledge.catalog import Catalog
from knowledge.passage import page_of
from tutor_error import TutorError

PAIRS = Path(__file__).parent / "datasets" / "citations.jsonl"
Split = Literal["tuning", "test"]


@dataclass(frozen=True)
class Pair:
    """kind: how the sentence was made, `supported`, `near` or `other`; second: the other labeller's word."""

    id: str
    unit: str
    section: str
    sentence: str
    kind: str
    second: bool

    @property
    def supported(self) -> bool:
        return self.kind == "supported"

    @property
    def agreed(self) -> bool:
        return self.supported == self.second

    @property
    def split(self) -> Split:
        """Half of the units, by a hash of their names."""
        return "test" if hashlib.sha256(self.unit.encode()).digest()[-1] % 2 else "tuning"


def read_pairs(path: Path = PAIRS) -> list[Pair]:
    """TutorError `broken-content` names a line that is wrong."""
    found: list[Pair] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            made = row["by_construction"]
            found.append(
                Pair(row["id"], row["unit"], row["section"], row["sentence"], made, row["supported"])
            )
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise TutorError(
                "broken-content", f"{path}, line {number}: {error}.",
                "A line is {id, unit, section, sentence, by_construction, supported}.",
            ) from error  # fmt: skip
    return found


def cited_text(catalog: Catalog, pair: Pair) -> str:
    """The section that a pair cites, with its subsections. TutorError `unknown-section`."""
    page = page_of(catalog, catalog.unit(pair.unit))
    section = page.section(pair.section)
    if section is None:
        raise TutorError(
            "unknown-section", f"`{pair.unit}` has no section “{pair.section}”, which {pair.id} cites.",
            f"Sections: {', '.join(one.title for one in page.sections)}.",
        )  # fmt: skip
    return page.text_under(section)


def kappa(first: Sequence[bool], second: Sequence[bool]) -> float:
    """Cohen's kappa of two readers' yes and no: agreement beyond chance, 1 when they always agree."""
    count = len(first)
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / count
    yes = sum(first) * sum(second) / count**2
    chance = yes + (count - sum(first)) * (count - sum(second)) / count**2
    return 1.0 if chance == 1.0 else (agreed - chance) / (1 - chance)
