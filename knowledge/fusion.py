"""One ranking from two: how BM25 and cosine are mixed, and when nothing is relevant.

Each of the two loses to the other on some questions, so a passage's score is a convex mix
of both, each in [0, 1]. The rule owned here: whether a query has any answer
in the content is decided by calibrated evidence, never by there being a first rank. The
numbers were fitted on the development split of `evals/datasets/retrieval.jsonl`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

DENSE_SHARE = 0.7
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
FUSED_RELEVANCE = Relevance(intercept=-5.23, cosine=5.63, coverage=2.3, known=3.79)
LEXICAL_RELEVANCE = Relevance(intercept=-3.91, cosine=0.0, coverage=2.76, known=4.82)


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
