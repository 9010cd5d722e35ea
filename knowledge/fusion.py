"""One ranking from two: how BM25 and cosine are mixed, and when nothing is relevant.

Each of the two loses to the other on some questions, so a passage's score is a convex mix
of both, each in [0, 1]. The rule owned here: whether a query has any answer
in the content is decided by calibrated evidence, never by there being a first rank. The
numbers were fitted on the development split of `evals/datasets/retrieval.jsonl`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

DENSE_SHARE = 0.7
UNIT_SHARE = 0.3
_UNIT_PASSAGES = 3
_AT_ONCE = 2
LIKELY = 0.6
"""Above one half: more content knows more words, so the evidence for any query grows with it."""


@dataclass(frozen=True)
class Evidence:
    """What speaks for there being an answer, each in [0, 1].

    cosine: of the nearest passage; 0 where words rank alone. coverage: the largest part of
    the query's idf that one passage holds. known: the part that the whole content holds.
    """

    cosine: float
    coverage: float
    known: float


@dataclass(frozen=True)
class Relevance:
    """Logistic regression on the evidence; relevant from a probability of `LIKELY`."""

    intercept: float
    cosine: float
    coverage: float
    known: float

    def probability(self, evidence: Evidence) -> float:
        logit = (
            self.intercept
            + self.cosine * evidence.cosine
            + self.coverage * evidence.coverage
            + self.known * evidence.known
        )
        return 1.0 / (1.0 + math.exp(-logit))

    def holds(self, evidence: Evidence) -> bool:
        return self.probability(evidence) >= LIKELY


# Printed by `python -m evals.tune_retrieval`; run it again when the content has grown by much.
FUSED_RELEVANCE = Relevance(intercept=-7.58, cosine=10.75, coverage=1.59, known=4.2)
LEXICAL_RELEVANCE = Relevance(intercept=-4.14, cosine=0.0, coverage=3.38, known=4.91)


def word_scores(bm25: Mapping[int, float], coverage: Mapping[int, float]) -> dict[int, float]:
    """The mean of BM25, as a part of the query's best, and of the coverage of the query's idf.

    BM25 ranks; coverage keeps a passage with one rare word of five from scoring like one
    with all five.
    """
    best = max(bm25.values(), default=0.0)
    if best <= 0:
        return dict.fromkeys(bm25, 0.0)
    return {row: (score / best + coverage[row]) / 2 for row, score in bm25.items()}


def mix(
    cosines: Mapping[int, float], words: Mapping[int, float], share: float = DENSE_SHARE
) -> dict[int, float]:
    """Score in [0, 1] of every passage that either leg found; `share` is that of the cosines."""
    return {
        row: share * max(0.0, cosines.get(row, 0.0)) + (1.0 - share) * words.get(row, 0.0)
        for row in cosines.keys() | words.keys()
    }


def raise_definitions(scores: Mapping[int, float], defining: Collection[int]) -> dict[int, float]:
    """Half of what is missing to a full score goes to the passage that introduces what was asked for.

    `what is a perceptron?` is answered best by the lesson that introduces the word, however often
    others use it.
    """
    return {row: (score + 1.0) / 2.0 if row in defining else score for row, score in scores.items()}


def lean_on_units(
    scores: Mapping[int, float], unit_of: Mapping[int, str], alone: Collection[int]
) -> dict[int, float]:
    """Scores that count what the best three passages of the same unit say; those in `alone` unchanged.

    A unit that is about the question answers it in several places; a stray passage stands alone.
    """
    by_unit: dict[str, list[float]] = {}
    for row in sorted(scores, key=lambda row: -scores[row]):
        by_unit.setdefault(unit_of[row], []).append(scores[row])
    means = {unit: sum(found[:_UNIT_PASSAGES]) / _UNIT_PASSAGES for unit, found in by_unit.items()}
    return {
        row: score if row in alone else (score + UNIT_SHARE * means[unit_of[row]]) / (1.0 + UNIT_SHARE)
        for row, score in scores.items()
    }


def take_turns(best: Sequence[int], unit_of: Mapping[int, str], alone: Collection[int]) -> list[int]:
    """The same rows, but no unit has a third one before all others had two. `alone` rows never wait."""
    taken: dict[str, int] = {}
    first: list[int] = []
    later: list[int] = []
    for row in best:
        taken[unit_of[row]] = taken.get(unit_of[row], 0) + 1
        (first if row in alone or taken[unit_of[row]] <= _AT_ONCE else later).append(row)
    return first + later
