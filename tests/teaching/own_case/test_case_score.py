"""Scores are those of scikit-learn; a difference comes with how sure it is."""

from __future__ import annotations

import numpy as np
import pytest

from teaching.own_case.plan import MetricName
from teaching.own_case.score import compare, score
from tutor_error import TutorError

RNG = np.random.default_rng(3)


def texts(values: np.ndarray) -> list[str]:
    return [str(value) for value in values]


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_scores_of_classes_are_those_of_scikit_learn(metric: MetricName) -> None:
    from sklearn.metrics import accuracy_score, f1_score

    right, given = RNG.choice(["a", "b", "c"], 80), RNG.choice(["a", "b", "c", "d"], 80)
    wanted = accuracy_score(right, given) if metric == "accuracy" else f1_score(right, given, average="macro")
    assert score(metric, texts(right), texts(given)) == pytest.approx(wanted)


def test_roc_auc_is_that_of_scikit_learn_with_ties_and_either_positive() -> None:
    from sklearn.metrics import roc_auc_score

    right, given = RNG.integers(0, 2, 90), RNG.integers(0, 7, 90) / 7
    wanted = roc_auc_score(right, given)
    assert score("roc_auc", texts(right), texts(given)) == pytest.approx(wanted)
    assert score("roc_auc", texts(right), texts(given), "0") == pytest.approx(1 - wanted)


@pytest.mark.parametrize("metric", ["mae", "rmse", "r2"])
def test_scores_of_numbers_are_those_of_scikit_learn(metric: MetricName) -> None:
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    right, given = RNG.normal(size=60), RNG.normal(size=60)
    oracle = {"mae": mean_absolute_error, "rmse": root_mean_squared_error, "r2": r2_score}[metric]
    assert score(metric, texts(right), texts(given)) == pytest.approx(oracle(right, given))


def test_one_and_one_point_nought_are_one_class() -> None:
    assert score("accuracy", ["1", "0", "1"], ["1.0", "0.0", " 1"]) == 1.0


@pytest.mark.parametrize(
    ("metric", "answers", "predictions", "code"),
    [
        ("mae", ["red", "blue"], ["1", "2"], "unfit-metric"),
        ("mae", ["1", "2"], ["1", "nan"], "bad-predictions"),
        ("r2", ["1", "1"], ["1", "2"], "unfit-metric"),
        ("roc_auc", ["a", "a"], ["1", "2"], "unfit-metric"),
        ("roc_auc", ["a", "b"], ["a", "b"], "bad-predictions"),
        ("accuracy", [str(n) for n in range(50)], ["1"] * 50, "unfit-metric"),
    ],
)
def test_what_cannot_be_scored_is_told(
    metric: MetricName, answers: list[str], predictions: list[str], code: str
) -> None:
    with pytest.raises(TutorError) as told:
        score(metric, answers, predictions)
    assert told.value.code == code and told.value.remedy


def test_a_better_model_is_surely_better_and_an_equal_one_is_not() -> None:
    right = RNG.normal(size=200)
    near, far = texts(right + RNG.normal(size=200) * 0.1), texts(right + RNG.normal(size=200))
    sure = compare("mae", texts(right), near, far)
    assert sure.better_by > 0 and 0 < sure.low < sure.better_by < sure.high
    even = compare("mae", texts(right), far, far)
    assert (even.better_by, even.low, even.high) == (0, 0, 0)
    worse = compare("r2", texts(right), far, near)
    assert worse.high < 0
