"""What is measured about an answer against one proposition, before any weight is applied.

A proposition has a question, wordings that state it and wordings that do not (partial
answers, misconceptions, the question's other ideas). The one rule owned here: a feature is
of the one segment of the answer that is nearest to the proposition, or says in its name
that it is of the whole, so an answer that states three ideas is not punished for its length.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log
from typing import Any, Protocol

from teaching import contrast, wording
from teaching.contrast import stems, word_overlap
from teaching.pair_reader import PairScores
from teaching.rarity import rarity

LEXICAL = (
    "recall", "recall_whole", "recall_mean", "recall_full", "core_recall", "rare_recall", "rare_recall_mean",
    "precision", "recall_x_precision", "dice", "trigram", "trigram_mean", "trigram_whole", "margin", "vote",
    "novel", "novel_whole", "from_question", "length_ratio", "length_gap", "length", "words", "mass",
    "very_short", "negation_differs", "negated", "negations_apart", "opposed", "opposed_share", "swapped",
    "clash", "flip", "flip_most", "flip_mean", "dismissal",
)  # fmt: skip
DENSE = (
    "cosine", "cosine_whole", "cosine_mean", "cosine_second", "cosine_margin", "cosine_question",
    "cosine_vote", "cosine_near_copy", "contrary", "contrary_whole", "soft_recall", "soft_recall_whole",
    "soft_mean", "soft_core", "soft_least", "soft_precision", "soft_precision_whole", "soft_x_precision",
    "rare_soft", "rare_soft_mean", "rare_soft_second", "rare_precision",
)  # fmt: skip
PAIRED = (
    "pair_states", "pair_states_mean", "pair_states_near", "pair_margin", "pair_contradicts",
    "pair_contradicts_mean", "pair_contradicts_near",
)  # fmt: skip
"""What each is: docs/answer-matching.md. PAIRED: of an answer and a wording read together."""


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
    turned: bool


Cosines = Callable[[str, Sequence[str]], list[float]]
_KEPT = 16_384
TURNED = 0.5
"""Of learners' right answers 0.3 % are taken for turned round from this share on."""


@lru_cache(maxsize=_KEPT)
def _trigrams(text: str) -> Counter[str]:
    joined = f" {' '.join(stems(text))} "
    return Counter(joined[i : i + 3] for i in range(len(joined) - 2))


@lru_cache(maxsize=_KEPT)
def letter_overlap(one: str, other: str) -> float:
    """Dice coefficient of the two texts' letter trigrams, 0 to 1."""
    first, second = _trigrams(one), _trigrams(other)
    total = first.total() + second.total()
    shared = sum(min(count, second[item]) for item, count in first.items() if item in second)
    return 2 * shared / total if total else 0.0


@lru_cache(maxsize=_KEPT)
def telling_words(text: str) -> tuple[str, ...]:
    """The words that carry meaning, in order, without repeats."""
    return tuple(word for word in dict.fromkeys(wording.words(text)) if wording.content(word))


@lru_cache(maxsize=_KEPT)
def key_words(text: str, question: str) -> tuple[str, ...]:
    """The telling words that `text` adds to the question; all of them where it adds none."""
    found, asked = telling_words(text), set(stems(question))
    return tuple(word for word in found if wording.stem(word) not in asked) or found


@lru_cache(maxsize=_KEPT)
def _recall(said: str, meant: str, question: str) -> float:
    """Share of what `meant` adds to the question that `said` contains."""
    wanted = set(stems(meant)) - set(stems(question)) or set(stems(meant))
    return len(wanted & set(stems(said))) / len(wanted) if wanted else 0.0


def rare_share(words: Sequence[str], said: Sequence[float]) -> float:
    """Mean of `said`, one value a word, weighted by how telling the words are."""
    weights = [rarity(word) for word in words]
    total = sum(weights)
    return sum(w * value for w, value in zip(weights, said, strict=True)) / total if total else 0.0


def core(item: Proposition) -> dict[str, tuple[str, float]]:
    """Stems of the key words, each with one of its words and the share of the wordings that have it."""
    count: Counter[str] = Counter()
    words: dict[str, str] = {}
    for good in item.good:
        found = {wording.stem(word): word for word in key_words(good, item.question)}
        count.update(found.keys())
        words = found | words
    return {stem: (words[stem], n / len(item.good)) for stem, n in count.items()}


def _likeness(said: str, meant: str, question: str, cosine: float | None) -> float:
    """How near a segment is to a wording: what picks the segment and the wording compared."""
    lexical = 0.5 * letter_overlap(said, meant) + 0.5 * _recall(said, meant, question)
    near = lexical if cosine is None else 0.7 * cosine + 0.3 * lexical
    return near - 0.12 * contrast.differs_in_negation(said, meant)


def read_answer(
    answer: str, proposition: Proposition, cosines: Cosines | None = None, pairs: PairScores | None = None
) -> Reading:
    """Features of `answer` against `proposition`; dense ones only with `cosines`, paired ones with `pairs`.

    cosines(text, others) gives the cosine of `text` to each of `others`; it must know
    `texts_of(proposition)` and `texts_of_answer(answer)`. ValueError without a good wording.
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
    features = _overlap(answer, segment, proposition) | _whole(answer, proposition)
    features |= _lengths(answer, segment, meant) | _against(answer, segment, meant, proposition)
    if cosines:
        # A cycle otherwise: the dense features are built on the words of this module.
        from teaching.vector_features import dense_features

        features |= dense_features(answer, segment, meant, proposition, cosines)
    if pairs:
        features |= _paired(answer, segment, proposition, pairs)
    return Reading(
        segment,
        meant,
        features,
        bool(features["negation_differs"]),
        bool(features["opposed"]),
        is_turned(features),
    )


def _paired(answer: str, segment: str, item: Proposition, pairs: PairScores) -> dict[str, float]:
    """What reading the answer, and its nearest segment, with each wording tells; logits."""
    whole = pairs(answer, item.good)
    near = pairs(segment, item.good) if segment != answer else whole
    stated, denied = [one for one, _ in whole], [one for _, one in whole]
    far = [one for one, _ in pairs(answer, item.bad)]
    return {
        "pair_states": max(stated),
        "pair_states_mean": sum(stated) / len(stated),
        "pair_states_near": max(one for one, _ in near),
        "pair_margin": max(stated) - max(far) if far else 0.0,
        "pair_contradicts": max(denied),
        "pair_contradicts_mean": sum(denied) / len(denied),
        "pair_contradicts_near": max(one for _, one in near),
    }


def is_turned(features: Mapping[str, float]) -> bool:
    """Whether the answer says the wording with one negation or opposite more: the clear contradiction."""
    return features["flip"] >= TURNED and features["rare_recall"] >= TURNED


def vote(good: Sequence[float], bad: Sequence[float], sharpness: float) -> float:
    """Soft share of the nearest exemplars that are good: 1 all good, 0 all bad, whatever their number."""
    if not bad:
        return 0.5
    for_it = sum(exp(sharpness * near) for near in good) / len(good)
    against = sum(exp(sharpness * near) for near in bad) / len(bad)
    return for_it / (for_it + against)


def _overlap(answer: str, segment: str, item: Proposition) -> dict[str, float]:
    """Words and letters that the segment shares with the wordings."""
    said, asked = stems(segment), set(stems(item.question))
    known = {word for text in item.good for word in stems(text)}
    recall = max(_recall(segment, good, item.question) for good in item.good)
    precision = sum(word in known for word in said) / len(said) if said else 0.0
    near = [letter_overlap(segment, good) for good in item.good]
    far = [letter_overlap(segment, bad) for bad in item.bad]
    return {
        "recall": recall,
        "precision": precision,
        "recall_x_precision": recall * precision,
        "dice": max(word_overlap(segment, good) for good in item.good),
        "trigram": max(near),
        "trigram_mean": sum(near) / len(near),
        "margin": max(near) - max(far, default=0.0),
        "vote": vote(near, far, 8.0),
        "from_question": sum(word in asked for word in said) / len(said) if said else 0.0,
        "novel": _new_share(said, known | asked),
        "novel_whole": _new_share(stems(answer), known | asked),
    }


def _new_share(said: Sequence[str], known: set[str]) -> float:
    return sum(word not in known for word in said) / len(said) if said else 1.0


def _whole(answer: str, item: Proposition) -> dict[str, float]:
    """How much of each wording the whole answer contains."""
    have = set(stems(answer))
    recalls = [_recall(answer, good, item.question) for good in item.good]
    rare = [
        rare_share(keys, [float(wording.stem(word) in have) for word in keys])
        for keys in (key_words(good, item.question) for good in item.good)
    ]
    shares = sorted((share for _, share in core(item).values()), reverse=True)
    fill = sum(shares[: max(1, len(shares) // len(item.good))])
    found = sum(share for stem, (_, share) in core(item).items() if stem in have)
    return {
        "recall_whole": max(recalls),
        "recall_mean": sum(recalls) / len(recalls),
        "recall_full": max(len(set(stems(g)) & have) / max(len(set(stems(g))), 1) for g in item.good),
        "core_recall": min(1.0, found / fill) if fill else 0.0,
        "rare_recall": max(rare),
        "rare_recall_mean": sum(rare) / len(rare),
        "trigram_whole": max(letter_overlap(answer, good) for good in item.good),
    }


def _lengths(answer: str, segment: str, meant: str) -> dict[str, float]:
    ratio = log((len(stems(segment)) + 1) / (len(stems(meant)) + 1))
    return {
        "length_ratio": ratio,
        "length_gap": abs(ratio),
        "length": log(len(stems(answer)) + 1),
        "words": log(len(wording.words(answer)) + 1),
        "mass": log(sum(rarity(word) for word in telling_words(answer)) + 1),
        "very_short": float(len(stems(segment)) <= 1),
    }


def _against(answer: str, segment: str, meant: str, item: Proposition) -> dict[str, float]:
    """Signs of contradiction (`contrast.py`)."""
    denied = wording.is_negated(answer)
    share = contrast.opposed_share(segment, meant)
    differs = contrast.differs_in_negation(segment, meant)
    flips = [contrast.flip(answer, (good,)) for good in item.good]
    return {
        "negation_differs": float(differs),
        "negated": float(denied),
        "negations_apart": denied - sum(wording.is_negated(good) for good in item.good) / len(item.good),
        "opposed": float(contrast.opposed(segment, meant)),
        "opposed_share": share,
        "swapped": contrast.swapped_share(segment, meant),
        "clash": float(differs != (share > 0)),
        "flip": contrast.flip(answer, item.good),
        "flip_most": max(flips),
        "flip_mean": sum(flips) / len(flips),
        "dismissal": contrast.dismissal(answer),
    }
