"""Features of an answer against a proposition that need vectors of texts and of single words.

The one rule owned here: whatever text a feature compares is among `texts_of` and
`texts_of_answer`, so that a caller can embed all of it in two calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from teaching import contrast, wording
from teaching.features import Cosines, Proposition, core, key_words, rare_share, telling_words, vote

_MOST_STACKS = 4096


def cosines_over(vectors: Mapping[str, Any]) -> Cosines:
    """Cosines between texts whose unit vectors, float32 (d,), the mapping has; KeyError for others."""
    # Heavy, and loaded already by whatever made the vectors.
    import numpy as np

    stacks: dict[tuple[str, ...], Any] = {}

    def cosines(text: str, others: Sequence[str]) -> list[float]:
        key = tuple(others)
        if not key:
            return []
        if key not in stacks:
            if len(stacks) >= _MOST_STACKS:
                stacks.clear()
            stacks[key] = np.stack([vectors[other] for other in key])
        return (stacks[key] @ vectors[text]).tolist()

    return cosines


def texts_of(item: Proposition) -> tuple[str, ...]:
    """Every text of a proposition that `dense_features` needs a vector of."""
    contrary = (text for good in item.good for text in contrast.contraries(good))
    words = (word for good in item.good for word in key_words(good, item.question))
    return tuple(dict.fromkeys((item.question, *item.good, *item.bad, *contrary, *words)))


def texts_of_answer(answer: str) -> tuple[str, ...]:
    """The texts of an answer that `dense_features` needs a vector of: itself, its segments, its words."""
    return tuple(dict.fromkeys((answer, *wording.segments(answer), *telling_words(answer))))


def dense_features(
    answer: str, segment: str, meant: str, item: Proposition, cosines: Cosines
) -> dict[str, float]:
    """Features by name (`features.DENSE`); `segment` of the answer is nearest to the wording `meant`."""
    near, far, whole = cosines(segment, item.good), cosines(segment, item.bad), cosines(answer, item.good)
    contrary = contrast.contraries(meant)
    place = item.good.index(meant)
    ordered = sorted(near, reverse=True)
    return {
        "cosine": ordered[0],
        "cosine_whole": max(whole),
        "cosine_mean": _mean(near),
        "cosine_second": ordered[min(1, len(ordered) - 1)],
        "cosine_margin": ordered[0] - max(far, default=0.0),
        "cosine_question": cosines(segment, [item.question])[0],
        "cosine_vote": vote(near, far, 12.0),
        "cosine_near_copy": max(ordered[0] - 0.8, 0.0),
        "contrary": max(cosines(segment, contrary)) - near[place],
        "contrary_whole": max(cosines(answer, contrary)) - whole[place],
        **_soft_features(telling_words(answer), telling_words(segment), item, cosines),
    }


def _soft_features(
    said: Sequence[str], near: Sequence[str], item: Proposition, cosines: Cosines
) -> dict[str, float]:
    """Recall and precision with the nearest word's cosine in place of equality."""
    keys = [key_words(good, item.question) for good in item.good]
    soft = [_soft(words, said, cosines) for words in keys]
    rare = sorted((rare_share(*pair) for pair in zip(keys, soft, strict=True)), reverse=True)
    known = tuple(dict.fromkeys(word for words in keys for word in words))
    precise = _soft(said, known, cosines)
    recall, precision = max(_mean(one) for one in soft), _mean(precise)
    shared = core(item)
    central = _soft([word for word, _ in shared.values()], said, cosines)
    total = sum(share for _, share in shared.values())
    weighed = sum(share * got for (_, share), got in zip(shared.values(), central, strict=True))
    return {
        "soft_recall": max(_mean(_soft(words, near, cosines)) for words in keys),
        "soft_recall_whole": recall,
        "soft_mean": _mean([_mean(one) for one in soft]),
        "soft_core": weighed / total if total else 0.0,
        "soft_least": max(min(one, default=0.0) for one in soft),
        "soft_precision": _mean(_soft(near, known, cosines)),
        "soft_precision_whole": precision,
        "soft_x_precision": recall * precision,
        "rare_soft": rare[0],
        "rare_soft_mean": _mean(rare),
        "rare_soft_second": rare[min(1, len(rare) - 1)],
        "rare_precision": rare_share(said, precise),
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _soft(wanted: Sequence[str], said: Sequence[str], cosines: Cosines) -> list[float]:
    """For each wanted word the cosine to the nearest word said; 1 for the same stem, 0 for nothing said."""
    if not said:
        return [0.0] * len(wanted)
    have = {wording.stem(word) for word in said}
    return [1.0 if wording.stem(word) in have else max(cosines(word, said)) for word in wanted]
