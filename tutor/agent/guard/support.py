"""How far a cited text says what a sentence states, from its words alone.

The rule owned here: a citation stays only where the score reaches `THRESHOLD`, which was
chosen on hand-labelled pairs for a precision of .9 (`python -m evals.tune_citations`). Words
alone cannot tell a statement from its contrary, so numbers and denials count too.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

from knowledge.passage import plain
from teaching import wording
from tutor.speaker.prose import pieces, terms

_TABLE = Path(__file__).with_name("support.json")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ALIKE = 7
"""Letters in which two terms agree that are forms of one word, as in `tutor.speaker.extract`."""
_WHOLE, _SENTENCE = 0.3, 0.7
_STRANGE_NUMBER, _CONTRARY = 0.1, 0.05


class Encoder(Protocol):
    """The part of `knowledge.embed.Embedder` that is used here: unit vectors, one row a text."""

    def encode(self, texts: list[str]) -> Any: ...


@dataclass(frozen=True)
class _Source:
    """A cited text taken apart: the terms and numbers of the whole, and of each sentence."""

    terms: frozenset[str]
    numbers: frozenset[str]
    sentences: tuple[tuple[str, frozenset[str]], ...]


def is_supported(sentence: str, source: str, encoder: Encoder | None = None) -> bool:
    """Whether the source says enough of the sentence to stay as its citation."""
    return support(sentence, source, encoder) >= threshold("lexical" if encoder is None else "dense")


def support(sentence: str, source: str, encoder: Encoder | None = None) -> float:
    """About 0 (nothing shared) to 1 (all said in one sentence there).

    The share of the sentence's content words, weighted by their rarity in the catalogue, that stand
    in the source (0.3) and in its nearest sentence (0.7), less 0.1 for a number that is not there and
    0.05 for a denial or an opposite in one of the two. With an encoder: the mean of that and the
    cosine of the sentence and the nearest one or two sentences of the source.
    """
    told, source_parts = plain(sentence), _taken_apart(source)
    said = keys(told)
    if not said or not source_parts.sentences:
        return 0.0
    shares = [share(said, other) for _, other in source_parts.sentences]
    best = max(range(len(shares)), key=shares.__getitem__)
    score = _WHOLE * share(said, source_parts.terms) + _SENTENCE * shares[best]
    nearest = source_parts.sentences[best][0]
    score -= _STRANGE_NUMBER * bool(_numbers(told) - source_parts.numbers)
    score -= _CONTRARY * (wording.is_negated(told) != wording.is_negated(nearest))
    score -= _CONTRARY * wording.is_opposed(wording.content(told), wording.content(nearest))
    if encoder is None:
        return score
    return 0.5 * score + 0.5 * _cosine(told, [text for text, _ in source_parts.sentences], encoder)


def threshold(form: str) -> float:
    """The least score of a citation that stays; form: `lexical` or `dense`."""
    return float(_table()["thresholds"][form])


def keys(text: str) -> frozenset[str]:
    """A text's terms, cut so that forms of one word are one."""
    return frozenset(term[:_ALIKE] for term in terms(text))


def share(said: Collection[str], other: frozenset[str]) -> float:
    """The part of what `said` weighs that stands in `other`."""
    whole = sum(map(_idf, said))
    return sum(_idf(key) for key in said if key in other) / whole if whole else 0.0


def _idf(key: str) -> float:
    """Robertson's inverse document frequency over the catalogue's passages, kept positive."""
    table = _table()
    holders = table["passages_with"].get(key, 1)
    return math.log(1 + (table["passages"] - holders + 0.5) / (holders + 0.5))


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return json.loads(_TABLE.read_text(encoding="utf-8"))


@lru_cache(maxsize=256)
def _taken_apart(source: str) -> _Source:
    told = [plain(piece.markdown) for piece in pieces(source)]
    sentences = tuple((text, keys(text)) for text in told if text.strip())
    whole = frozenset(key for _, own in sentences for key in own)
    return _Source(whole, _numbers(source), sentences)


def _numbers(text: str) -> frozenset[str]:
    return frozenset(found.replace(",", "") for found in _NUMBER.findall(text))


def _cosine(told: str, sentences: Sequence[str], encoder: Encoder) -> float:
    known = _vectors(encoder, tuple(sentences))
    return float((known @ encoder.encode([told])[0]).max())


@lru_cache(maxsize=64)
def _vectors(encoder: Encoder, sentences: tuple[str, ...]) -> Any:
    pairs = [f"{one} {other}" for one, other in pairwise(sentences)]
    return encoder.encode([*sentences, *pairs])
