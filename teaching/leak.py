"""Whether a text gives away an oracle: an answer, a hidden check, a reference solution.

The one rule owned here: a leak is a run of eight or more tokens of an oracle text that
stands in no public view. Tokens are words, numbers and identifiers; punctuation and
markup are no tokens, so that they can neither hide a leak nor make one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

RUN = 8
_TOKEN = re.compile(r"[^\W_]+(?:\.\d+)?")

Gram = tuple[str, ...]


@dataclass(frozen=True)
class Leak:
    """`passage` is the longest leaked run as it stands in the text; `source` the oracle's position."""

    source: int
    tokens: tuple[str, ...]
    passage: str


def tokens(text: str) -> list[str]:
    """Lower-case words, numbers and the parts of identifiers: `learning_rate` is two."""
    return [match.group().lower() for match in _TOKEN.finditer(text)]


class LeakDetector:
    """The runs that would leak, taken apart once for many texts to be searched."""

    def __init__(self, oracle_texts: Iterable[str], public_texts: Iterable[str], run: int = RUN) -> None:
        public = {gram for shown in public_texts for gram in _grams(tokens(shown), run)}
        self._run = run
        self._sources: dict[Gram, list[int]] = {}
        for source, oracle in enumerate(oracle_texts):
            for gram in set(_grams(tokens(oracle), run)) - public:
                self._sources.setdefault(gram, []).append(source)

    def find(self, text: str) -> Leak | None:
        """The longest leak in `text`, or None."""
        matches = list(_TOKEN.finditer(text))
        said = [match.group().lower() for match in matches]
        length, start, source = self._longest(said)
        if not length:
            return None
        passage = text[matches[start].start() : matches[start + length - 1].end()]
        return Leak(source, tuple(said[start : start + length]), passage)

    def _longest(self, said: list[str]) -> tuple[int, int, int]:
        """(length, start, source) of the longest stretch made of one source's runs; length 0 if none."""
        best = (0, 0, 0)
        began: dict[int, int] = {}
        for place, gram in enumerate(_grams(said, self._run)):
            began = {source: began.get(source, place) for source in self._sources.get(gram, ())}
            for source, start in began.items():
                length = place - start + self._run
                if (length, -source) > (best[0], -best[2]):
                    best = (length, start, source)
        return best


def find_leak(
    text: str, oracle_texts: Iterable[str], public_texts: Iterable[str], run: int = RUN
) -> Leak | None:
    """The longest leak in one `text`, or None."""
    return LeakDetector(oracle_texts, public_texts, run).find(text)


def _grams(words: list[str], run: int) -> Iterable[Gram]:
    return (tuple(words[i : i + run]) for i in range(len(words) - run + 1))
