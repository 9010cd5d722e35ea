"""Units that repeat each other: a page that is a thin copy of another teaches nothing of its own.

It owns one rule: likeness is measured on prose alone, by runs of words that both pages have.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from knowledge.passage import page_of, plain
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog

RUN = 6  # words
MOST = 0.10  # of the shorter page's runs; two honest pages about one subject share less than 1 %
_CODE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Likeness:
    """share: of the runs of words of the shorter page that stand in the other too."""

    first: str
    second: str
    share: float

    def __str__(self) -> str:
        share = f"{self.share:.0%}"
        return f"`{self.first}` and `{self.second}` share {share} of their sentences: write one of them anew"


def find_alike(catalog: Catalog, most: float = MOST) -> list[Likeness]:
    """Pairs of written units that share more than `most`, the likest first."""
    runs = {unit: _runs(text) for unit, text in _pages(catalog)}
    return sorted(_pairs(runs, most), key=lambda pair: -pair.share)


def _pairs(runs: dict[str, frozenset[int]], most: float) -> Iterator[Likeness]:
    homes: defaultdict[int, list[str]] = defaultdict(list)
    for unit, found in runs.items():
        for run in found:
            homes[run].append(unit)
    shared: Counter[tuple[str, str]] = Counter()
    for units in homes.values():
        if len(units) > 1:
            shared.update(combinations(units, 2))
    for (first, second), count in shared.items():
        share = count / min(len(runs[first]), len(runs[second]))
        if share > most:
            yield Likeness(first, second, share)


def _pages(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for unit in catalog.units.values():
        if unit.status == "planned":
            continue
        try:
            yield unit.id, page_of(catalog, unit).body
        except TutorError:  # its own proof tells
            continue


def _runs(markdown: str) -> frozenset[int]:
    words = re.findall(r"\w+", plain(_CODE.sub("", markdown)).lower())
    return frozenset(hash(tuple(words[at : at + RUN])) for at in range(len(words) - RUN + 1))
