import numpy as np
import pytest

from evals.calibration import (
    as_forecasts,
    bootstrap_over_students,
    equal_mass_bins,
    expected_calibration_error,
    log_loss,
)


def drawn(count: int, seed: int = 0) -> np.ndarray:
    """Forecasts that are true: each comes with just its probability."""
    chance = np.random.default_rng(seed)
    p = chance.uniform(size=count)
    return np.column_stack([p, chance.uniform(size=count) < p])


def test_true_forecasts_have_hardly_an_error_and_overconfident_ones_do() -> None:
    honest = drawn(20_000)
    assert expected_calibration_error(honest) < 0.02
    boastful = honest.copy()
    boastful[:, 0] = np.where(honest[:, 0] > 0.5, 0.99, 0.01)
    assert expected_calibration_error(boastful) == pytest.approx(0.24, abs=0.02)


def test_bins_have_equal_mass_and_keep_equal_forecasts_together() -> None:
    assert [one.count for one in equal_mass_bins(drawn(100))] == [10] * 10
    same = as_forecasts([(0.3, place % 2 == 0) for place in range(50)])
    (only,) = equal_mass_bins(same)
    assert (only.count, only.predicted, only.observed) == (50, pytest.approx(0.3), 0.5)
    assert expected_calibration_error(same) == pytest.approx(0.2)


def test_every_forecast_is_in_one_bin() -> None:
    forecasts = as_forecasts([(round(p, 1), p > 0.4) for p in np.linspace(0, 1, 137)])
    assert sum(one.count for one in equal_mass_bins(forecasts)) == 137


def test_log_loss_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import log_loss as theirs

    forecasts = drawn(500, seed=3)
    assert log_loss(forecasts) == pytest.approx(theirs(forecasts[:, 1], forecasts[:, 0]))


def test_a_certainty_that_fails_costs_much_and_not_infinitely() -> None:
    assert log_loss(as_forecasts([(1.0, False)])) == pytest.approx(13.8, abs=0.1)


def test_the_interval_is_over_students_and_the_same_each_time() -> None:
    students = [drawn(40, seed) for seed in range(30)]
    found = bootstrap_over_students(students, log_loss)
    assert found == bootstrap_over_students(students, log_loss)
    assert found.low < found.value < found.high
    alike = [students[0]] * 10
    assert bootstrap_over_students(alike, log_loss).high == pytest.approx(log_loss(students[0]))


def test_without_forecasts_there_is_no_interval() -> None:
    with pytest.raises(ValueError, match="forecast"):
        bootstrap_over_students([as_forecasts([])], log_loss)
