"""Is the tracker's probability of the next unaided answer true, and of use?

Simulated students of another family study units of the real graph; before each unaided answer
stand the tracker's forecast and those of two baselines. The rule owned here: what is reported
comes from the test seed, and the prior of the baselines from the development seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from evals.calibration import (
    Bin,
    Forecasts,
    as_forecasts,
    bootstrap_over_students,
    equal_mass_bins,
    expected_calibration_error,
    log_loss,
)
from evals.learners import read_seed_file
from evals.learners_course import Foreseen, foresee, share_right, simulate
from evals.learners_desk import WrittenCatalog
from evals.metrics import Interval
from evals.record import Sample
from evals.run import Context

NAME = "tracing"
DESCRIPTION = "the tracker's forecast of the next unaided answer is calibrated and beats two baselines"
FLOORS = {"calibrated": 0.95, "gain.prior_mean": 0.0, "gain.last_five": 0.0}
PREDICTORS = ("tracker", "prior_mean", "last_five")
FOR_THE_PRIOR = 10
"""Students of each regime whose share of right answers is the prior."""


def run(context: Context) -> Iterator[Sample]:
    """One sample a student: forecasts as lists [tracker, prior mean, last five, right]."""
    seed_file = read_seed_file()
    practice = WrittenCatalog(context.catalog, "development")
    desks = [
        desk
        for regime in seed_file.regimes
        for desk in simulate(practice, regime, "development", FOR_THE_PRIOR)
    ]
    prior = share_right(desks)
    catalog = WrittenCatalog(context.catalog, "test")
    for regime in seed_file.regimes:
        for number, desk in enumerate(simulate(catalog, regime, "test", seed_file.students["tracing"])):
            found = list(foresee(desk, regime, number, prior))
            yield _sample(regime, number, prior, found)


def summary(samples: Sequence[Sample]) -> dict[str, float]:
    """Calibration error with its interval and log-loss, of all students and by regime.

    calibrated: one minus the upper end of the interval of the tracker's error. gain.*: how much
    lower the tracker's log-loss is than a baseline's, in nats.
    """
    found = _figures(samples, "")
    for regime in dict.fromkeys(sample.input["regime"] for sample in samples):
        found |= _figures([sample for sample in samples if sample.input["regime"] == regime], f"{regime}.")
    return found


def reliability(samples: Sequence[Sample]) -> list[Bin]:
    """The tracker's forecasts of all students in bins of equal mass."""
    return equal_mass_bins(as_forecasts([pair for one in samples for pair in _pairs(one, "tracker")]))


def error_interval(samples: Sequence[Sample], predictor: str) -> Interval:
    return bootstrap_over_students(_forecasts(samples, predictor), expected_calibration_error)


def _figures(samples: Sequence[Sample], prefix: str) -> dict[str, float]:
    found: dict[str, float] = {}
    losses: dict[str, float] = {}
    for predictor in PREDICTORS:
        error = error_interval(samples, predictor)
        losses[predictor] = _of_all(samples, predictor, log_loss)
        found |= {
            f"{prefix}ece.{predictor}": error.value,
            f"{prefix}ece.{predictor}.low": error.low,
            f"{prefix}ece.{predictor}.high": error.high,
            f"{prefix}log_loss.{predictor}": losses[predictor],
        }
    found[f"{prefix}calibrated"] = 1 - found[f"{prefix}ece.tracker.high"]
    for baseline in PREDICTORS[1:]:
        found[f"{prefix}gain.{baseline}"] = losses[baseline] - losses["tracker"]
    found[f"{prefix}answers"] = float(sum(len(sample.output) for sample in samples))
    return found


def _of_all(samples: Sequence[Sample], predictor: str, figure: Callable[[Forecasts], float]) -> float:
    return figure(as_forecasts([pair for one in samples for pair in _pairs(one, predictor)]))


def _forecasts(samples: Sequence[Sample], predictor: str) -> list[Forecasts]:
    return [as_forecasts(_pairs(sample, predictor)) for sample in samples if sample.output]


def _pairs(sample: Sample, predictor: str) -> list[tuple[float, bool]]:
    place = PREDICTORS.index(predictor)
    return [(float(row[place]), bool(row[-1])) for row in sample.output]


def _sample(regime: str, number: int, prior: float, found: list[Foreseen]) -> Sample:
    rows: list[list[Any]] = [
        [round(one.tracker, 5), round(prior, 5), round(one.last_five, 5), int(one.right)] for one in found
    ]
    tracker = as_forecasts([(one.tracker, one.right) for one in found])
    scores = {"likelihood": -log_loss(tracker), "right": float(tracker[:, 1].mean())} if found else {}
    return Sample(f"{regime}/{number}", {"regime": regime, "prior": round(prior, 5)}, rows, scores)
