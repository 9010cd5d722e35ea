"""How far two people who label the same things agree.

The one rule owned here: agreement is told beside what chance alone would give.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence


def percent_agreement(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    """Share of the items that both label alike, 0 to 1; NaN of nothing."""
    pairs = list(zip(one, other, strict=True))
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else math.nan


def cohen_kappa(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    """Cohen's kappa: agreement beyond chance, 1 for full agreement, 0 for chance's.

    Cohen, Educational and Psychological Measurement 20(1), 1960. NaN where chance alone would agree.
    """
    seen = percent_agreement(one, other)
    first, second, count = Counter(one), Counter(other), len(one)
    chance = sum(first[label] * second[label] for label in first) / (count * count) if count else math.nan
    return (seen - chance) / (1 - chance) if chance != 1 else math.nan
