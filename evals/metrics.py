"""Metrics as pure functions: ranking, proportions, agreement of verdicts, paired comparison.

The one rule owned here: a number comes with its uncertainty or can be given one, and
nothing in this module reads a file, a clock or a global random state.
"""

from __future__ import annotations

import math
import random
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """An estimate with the bounds of its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Confusion:
    """Counts of verdicts against truth; `positive` is what the caller says it is."""

    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int

    @property
    def total(self) -> int:
        return self.true_positive + self.false_positive + self.true_negative + self.false_negative

    @property
    def accuracy(self) -> float:
        return _share(self.true_positive + self.true_negative, self.total)

    @property
    def precision(self) -> float:
        return _share(self.true_positive, self.true_positive + self.false_positive)

    @property
    def recall(self) -> float:
        return _share(self.true_positive, self.true_positive + self.false_negative)

    @property
    def false_positive_rate(self) -> float:
        return _share(self.false_positive, self.false_positive + self.true_negative)

    @property
    def f1(self) -> float:
        wrong = self.false_positive + self.false_negative
        return _share(2 * self.true_positive, 2 * self.true_positive + wrong)


def recall_at(ranked: Sequence[Hashable], relevant: Set[Hashable], k: int) -> float:
    """The part of the relevant items among the first k. ValueError when none is relevant."""
    _need_relevant(relevant)
    return len(relevant & set(ranked[:k])) / len(relevant)


def ndcg_at(ranked: Sequence[Hashable], gains: Mapping[Hashable, float], k: int) -> float:
    """Normalised discounted cumulative gain, with log2(rank + 1) as discount.

    Järvelin and Kekäläinen, ACM TOIS 20(4), 2002, in the form that trec_eval computes.
    """
    _need_relevant({item for item, gain in gains.items() if gain > 0})
    gained = (gains.get(item, 0.0) for item in ranked[:k])
    ideal = sorted(gains.values(), reverse=True)[:k]
    return _discounted(gained) / _discounted(ideal)


def reciprocal_rank(ranked: Sequence[Hashable], relevant: Set[Hashable]) -> float:
    """1 / rank of the first relevant item; 0 when there is none in the ranking."""
    _need_relevant(relevant)
    return next((1.0 / rank for rank, item in enumerate(ranked, 1) if item in relevant), 0.0)


def mean(values: Sequence[float]) -> float:
    """The mean; NaN of nothing, so that an empty set never passes for a zero."""
    return sum(values) / len(values) if values else math.nan


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties half.

    NaN where there is none of one. By the rank sum: Mann and Whitney, Annals of Mathematical
    Statistics 18, 1947.
    """
    if not positive or not negative:
        return math.nan
    ordered = sorted([(score, 1) for score in positive] + [(score, 0) for score in negative])
    ranks, start = 0.0, 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and ordered[end][0] == ordered[start][0]:
            end += 1
        ranks += (start + end + 1) / 2 * sum(is_positive for _, is_positive in ordered[start:end])
        start = end
    count = len(positive)
    return (ranks - count * (count + 1) / 2) / (count * len(negative))


def wilson_interval(successes: int, trials: int, z: float = 1.959964) -> Interval:
    """Wilson's score interval of a proportion, 95 % by default (JASA 22, 1927)."""
    if trials <= 0 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes in {trials} trials is no proportion")
    share = successes / trials
    spread = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / spread
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / spread
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


def paired_bootstrap(
    before: Sequence[float], after: Sequence[float], draws: int = 2000, seed: int = 0, level: float = 0.95
) -> Interval:
    """The mean of after - before over the same samples, with its percentile interval."""
    if len(before) != len(after) or not before:
        raise ValueError(f"{len(before)} and {len(after)} scores cannot be paired")
    gains = [new - old for old, new in zip(before, after, strict=True)]
    chance = random.Random(seed)
    count = len(gains)
    means = sorted(sum(chance.choices(gains, k=count)) / count for _ in range(draws))
    tail = (1 - level) / 2
    return Interval(sum(gains) / count, _quantile(means, tail), _quantile(means, 1 - tail))


def confusion(truth: Sequence[bool], verdict: Sequence[bool]) -> Confusion:
    """How verdicts meet truth, in the order given."""
    pairs = list(zip(truth, verdict, strict=True))
    return Confusion(
        true_positive=pairs.count((True, True)),
        false_positive=pairs.count((False, True)),
        true_negative=pairs.count((False, False)),
        false_negative=pairs.count((True, False)),
    )


def f1_by_class(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """F1 of each class that is meant somewhere, from pairs (meant, said); their mean is macro-F1."""
    found: dict[str, float] = {}
    for name in sorted({meant for meant, _ in pairs}):
        verdicts = confusion([meant == name for meant, _ in pairs], [said == name for _, said in pairs])
        found[name] = verdicts.f1
    return found


def _discounted(gains: Iterable[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear interpolation between order statistics, as NumPy's default."""
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def _need_relevant(relevant: Set[Hashable]) -> None:
    if not relevant:
        raise ValueError("a query without a relevant item has no ranking score")


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
