"""Fits the tracker's constants to simulated students of the development seed.

`python -m evals.tune_tracing` prints the constants of least log-loss, and what the present ones
give, both on the development seed; they are then set by hand in `teaching/tracing.py`. The rule
owned here: the test seed is never looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from evals.calibration import Forecasts, as_forecasts, expected_calibration_error, log_loss
from evals.learners import read_seed_file
from evals.learners_course import simulate
from evals.learners_desk import WrittenCatalog
from knowledge.catalog import load_catalog
from teaching.evidence import Observation, observe
from teaching.tracing import DEFAULTS, Parameters, Tracker

STUDENTS = 40
NAMES = ("initial", "learn", "slip", "assisted", "trust", "strangers", "chances")
BOUNDS = ((0.02, 0.8), (0.001, 0.4), (0.02, 0.4), (0.0, 1.0), (0.1, 1.0), (0.5, 30.0), (0.5, 100.0))
START = Parameters(initial=0.3, learn=0.03, slip=0.2, assisted=0.4, trust=0.5, strangers=2.0, chances=4.0)

Course = list[list[Observation]]


def forecasts(courses: Sequence[Course], parameters: Parameters) -> Forecasts:
    """What `foresee` gives as the tracker's."""
    pairs: list[tuple[float, bool]] = []
    for course in courses:
        tracker = Tracker(parameters)
        for group in course:
            one = group[0]
            if one.is_question and not one.assisted:
                p = tracker.state(one.unit).p
                pairs.append((p * (1 - parameters.slip) + (1 - p) * one.guess, one.correct))
            tracker.take(group)
    return as_forecasts(pairs)


def simulated_courses(students: int = STUDENTS) -> list[Course]:
    catalog = WrittenCatalog(load_catalog(), "development")
    return [
        observe(desk.catalog, desk.log)
        for regime in read_seed_file().regimes
        for desk in simulate(catalog, regime, "development", students)
    ]


def fit(courses: Sequence[Course]) -> Parameters:
    """The constants of least log-loss within BOUNDS (Nelder and Mead 1965)."""
    # Imported late: SciPy's optimisers are slow to load and only this function needs them.
    from scipy.optimize import minimize

    def loss(values: NDArray[np.float64]) -> float:
        return log_loss(forecasts(courses, Parameters(*map(float, values))))

    start = np.array([getattr(START, name) for name in NAMES])
    found = minimize(loss, start, method="Nelder-Mead", bounds=BOUNDS, options={"xatol": 1e-3, "fatol": 1e-5})
    return Parameters(*(round(float(value), 3) for value in found.x))


def main() -> None:
    courses = simulated_courses()
    for name, parameters in (("present", DEFAULTS), ("fitted", fit(courses))):
        found = forecasts(courses, parameters)
        values = "  ".join(f"{key} {value:g}" for key, value in asdict(parameters).items())
        print(
            f"{name:8} {values}  log-loss {log_loss(found):.4f}  ece {expected_calibration_error(found):.4f}"
        )


if __name__ == "__main__":
    main()
