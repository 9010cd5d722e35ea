"""What is measured about an answer against one proposition, before any weight is applied.

A proposition has a question, wordings that state it and wordings that do not (partial
answers, misconceptions, the question's other ideas). The one rule owned here: every
feature is computed on the one segment of the answer that is nearest to the
proposition, so an answer that states three ideas is not punished for its length.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log
from typing import Any, Protocol

from teaching import wording

LEXICAL = (
    "recall", "recall_whole", "precision", "dice", "trigram", "margin", "negation_differs", "opposed",
    "length_ratio", "length_gap", "from_question", "novel", "very_short", "recall_x_precision", "vote",
)  # fmt: skip
DENSE = ("cosine", "cosine_margin", "cosine_question", "cosine_vote", "cosine_near_copy")


class Encoder(Protocol):
    """The part of `knowledge.embed.Embedder` that is used here: unit vectors, one row a text."""

    def encode(self, texts: list[str]) -> Any: ...


@dataclass(frozen=True)
class Proposition:
    """`good` wordings state it, `bad` ones come close and do not."""

    question: str
    good: tuple[str, ...]
    bad: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """The segment nearest to a proposition, with its features by name."""

    segment: str
    nearest_good: str
    features: dict[str, float]
    negation_differs: bool
    opposed: bool


Cosines = Callable[[str, Sequence[str]], list[float]]


@lru_cache(maxsize=16_384)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(wording.content(text))


@lru_cache(maxsize=16_384)
def _trigrams(text: str) -> Counter[str]:
    joined = f" {' '.join(_stems(text))} "
    return Counter(joined[i : i + 3] for i in range(len(joined) - 2))


def _dice(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    shared = sum(min(count, other[item]) for item, count in one.items() if item in other)
    return 2 * shared / total if total else 0.0


@lru_cache(maxsize=16_384)
def word_overlap(one: str, other: str) -> float:
    return _dice(Counter(_stems(one)), Counter(_stems(other)))


@lru_cache(maxsize=16_384)
def letter_overlap(one: str, other: str) -> float:
    return _dice(_trigrams(one), _trigrams(other))


def _recall(said: str, meant: str, question: str) -> float:
    """Share of what `meant` adds to the question that `said` contains."""
    wanted = set(_stems(meant)) - set(_stems(question)) or set(_stems(meant))
    return len(wanted & set(_stems(said))) / len(wanted) if wanted else 0.0


@lru_cache(maxsize=16_384)
def _differs_in_negation(said: str, meant: str) -> bool:
    """Whether a clause denies what its counterpart states, or the other way round.

    A wording may hold two clauses and an answer one of them, so clause is held against clause.
    """
    ours, theirs = wording.clauses(said), wording.clauses(meant)
    for clause in ours:
        if wording.is_negated(clause) and not wording.is_negated(_counterpart(clause, theirs)):
            return True
    for clause in theirs:
        other = _counterpart(clause, ours)
        if (
            wording.is_negated(clause)
            and not wording.is_negated(other)
            and word_overlap(clause, other) >= 0.4
        ):
            return True
    return False


def _counterpart(clause: str, others: Sequence[str]) -> str:
    return max(others, key=lambda other: word_overlap(clause, other), default="")


def _likeness(said: str, meant: str, question: str, cosine: float | None) -> float:
    """How near a segment is to a wording: what picks the segment and the wording compared."""
    lexical = 0.5 * letter_overlap(said, meant) + 0.5 * _recall(said, meant, question)
    near = lexical if cosine is None else 0.7 * cosine + 0.3 * lexical
    return near - 0.12 * _differs_in_negation(said, meant)


def read_answer(answer: str, proposition: Proposition, cosines: Cosines | None = None) -> Reading:
    """Features of `answer` against `proposition`; dense ones only with `cosines`.

    cosines(text, others) gives the cosine of `text` to each of `others`.
    """
    best: tuple[float, str, str] | None = None
    for segment in wording.segments(answer):
        near = cosines(segment, proposition.good) if cosines else [None] * len(proposition.good)
        for meant, cosine in zip(proposition.good, near, strict=True):
            score = _likeness(segment, meant, proposition.question, cosine)
            if best is None or score > best[0]:
                best = (score, segment, meant)
    if best is None:
        raise ValueError("a proposition needs at least one wording that states it")
    _, segment, meant = best
    features = _lexical_features(answer, segment, meant, proposition)
    if cosines:
        features |= _dense_features(segment, proposition, cosines)
    return Reading(segment, meant, features, bool(features["negation_differs"]), bool(features["opposed"]))


def _vote(good: Sequence[float], bad: Sequence[float], sharpness: float) -> float:
    """Soft share of the nearest exemplars that are good: 1 all good, 0 all bad, whatever their number."""
    if not bad:
        return 0.5
    for_it = sum(exp(sharpness * near) for near in good) / len(good)
    against = sum(exp(sharpness * near) for near in bad) / len(bad)
    return for_it / (for_it + against)


def _lexical_features(answer: str, segment: str, meant: str, item: Proposition) -> dict[str, float]:
    said = _stems(segment)
    asked = set(_stems(item.question))
    known = {word for text in item.good for word in _stems(text)}
    recall = max(_recall(segment, good, item.question) for good in item.good)
    precision = sum(word in known for word in said) / len(said) if said else 0.0
    near = [letter_overlap(segment, good) for good in item.good]
    far = [letter_overlap(segment, bad) for bad in item.bad]
    ratio = log((len(said) + 1) / (len(_stems(meant)) + 1))
    return {
        "recall": recall,
        "recall_whole": max(_recall(answer, good, item.question) for good in item.good),
        "precision": precision,
        "dice": max(word_overlap(segment, good) for good in item.good),
        "trigram": max(near),
        "margin": max(near) - max(far, default=0.0),
        "negation_differs": float(_differs_in_negation(segment, meant)),
        "opposed": float(wording.is_opposed(list(said), list(_stems(meant)))),
        "length_ratio": ratio,
        "length_gap": abs(ratio),
        "from_question": sum(word in asked for word in said) / len(said) if said else 0.0,
        "novel": sum(word not in known and word not in asked for word in said) / len(said) if said else 1.0,
        "very_short": float(len(said) <= 1),
        "recall_x_precision": recall * precision,
        "vote": _vote(near, far, 8.0),
    }


def _dense_features(segment: str, item: Proposition, cosines: Cosines) -> dict[str, float]:
    near, far = cosines(segment, item.good), cosines(segment, item.bad)
    return {
        "cosine": max(near),
        "cosine_margin": max(near) - max(far, default=0.0),
        "cosine_question": cosines(segment, [item.question])[0],
        "cosine_vote": _vote(near, far, 12.0),
        "cosine_near_copy": max(max(near) - 0.8, 0.0),
    }
