"""How well probabilities keep their word: calibration error, log-loss, and their uncertainty.

Pure functions of forecasts, an array of shape (n, 2): a probability, and 1 or 0 for what came.
The rule owned here: what is uncertain is uncertain over students, since the answers of one
student hang together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.metrics import Interval

BINS = 10
_SMALLEST = 1e-6

Forecasts = NDArray[np.float64]


@dataclass(frozen=True)
class Bin:
    """Predictions of about the same size: how many, their mean, and the share that came true."""

    count: int
    predicted: float
    observed: float


def as_forecasts(pairs: Sequence[tuple[float, bool]]) -> Forecasts:
    """Shape (n, 2) from pairs of a probability and what came."""
    return np.array([(p, float(came)) for p, came in pairs], dtype=np.float64).reshape(-1, 2)


def equal_mass_bins(forecasts: Forecasts, bins: int = BINS) -> list[Bin]:
    """The forecasts by size in `bins` groups of about equal count; equal forecasts share one."""
    ordered = forecasts[np.argsort(forecasts[:, 0], kind="stable")]
    places = [round(place * len(ordered) / bins) for place in range(1, bins)]
    ends = [np.searchsorted(ordered[:, 0], ordered[place - 1, 0], side="right") for place in places if place]
    groups = [group for group in np.split(ordered, np.unique(ends).astype(int)) if len(group)]
    return [Bin(len(group), float(group[:, 0].mean()), float(group[:, 1].mean())) for group in groups]


def expected_calibration_error(forecasts: Forecasts, bins: int = BINS) -> float:
    """The mean distance of prediction and outcome over equal-mass bins, weighted by their count.

    Naeini, Cooper and Hauskrecht (AAAI 2015), with bins of equal mass. NaN without forecasts.
    """
    found = equal_mass_bins(forecasts, bins)
    total = sum(one.count for one in found)
    if not total:
        return math.nan
    return sum(one.count * abs(one.predicted - one.observed) for one in found) / total


def log_loss(forecasts: Forecasts) -> float:
    """Mean negative log-likelihood in nats; a certainty that fails costs that of one in a million."""
    p, came = forecasts[:, 0], forecasts[:, 1]
    of_what_came = np.where(came > 0.5, p, 1 - p)
    return float(-np.log(np.maximum(of_what_came, _SMALLEST)).mean())


def bootstrap_over_students(
    students: Sequence[Forecasts],
    figure: Callable[[Forecasts], float],
    draws: int = 400,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """A figure of all forecasts, with its percentile interval over students drawn with replacement."""
    if not sum(len(student) for student in students):
        raise ValueError("without a forecast there is no figure")
    chance = np.random.default_rng(seed)
    drawn = [
        figure(
            np.concatenate([students[place] for place in chance.integers(len(students), size=len(students))])
        )
        for _ in range(draws)
    ]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(figure(np.concatenate(list(students))), float(low), float(high))
