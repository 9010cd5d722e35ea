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


@dataclass(frozen=True)
class Leak:
    """`passage` is the longest leaked run as it stands in the text; `source` the oracle's position."""

    source: int
    tokens: tuple[str, ...]
    passage: str


def tokens(text: str) -> list[str]:
    """Lower-case words, numbers and the parts of identifiers: `learning_rate` is two."""
    return [match.group().lower() for match in _TOKEN.finditer(text)]


def find_leak(
    text: str, oracle_texts: Iterable[str], public_texts: Iterable[str], run: int = RUN
) -> Leak | None:
    """The longest leak in `text`, or None."""
    public = {gram for shown in public_texts for gram in _grams(tokens(shown), run)}
    matches = list(_TOKEN.finditer(text))
    said = [match.group().lower() for match in matches]
    longest: tuple[int, int, int] | None = None
    for source, oracle in enumerate(oracle_texts):
        secret = set(_grams(tokens(oracle), run)) - public
        length, start = _longest_run(said, secret, run)
        if length and (longest is None or length > longest[0]):
            longest = (length, start, source)
    if longest is None:
        return None
    length, start, source = longest
    passage = text[matches[start].start() : matches[start + length - 1].end()]
    return Leak(source, tuple(said[start : start + length]), passage)


def _grams(words: list[str], run: int) -> Iterable[tuple[str, ...]]:
    return (tuple(words[i : i + run]) for i in range(len(words) - run + 1))


def _longest_run(said: list[str], secret: set[tuple[str, ...]], run: int) -> tuple[int, int]:
    """(length, start) of the longest stretch of `said` made of secret runs; length 0 if none."""
    best, start, hits = (0, 0), 0, 0
    for i, gram in enumerate(_grams(said, run)):
        if gram not in secret:
            hits = 0
            continue
        start = start if hits else i
        hits += 1
        best = max(best, (hits + run - 1, start), key=lambda found: found[0])
    return best
