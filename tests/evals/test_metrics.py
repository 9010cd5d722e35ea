import math
import random

import numpy as np
import pytest
from scipy.stats import binomtest, bootstrap
from sklearn.metrics import f1_score, ndcg_score, precision_score, recall_score, roc_auc_score

from evals.metrics import (
    auc,
    confusion,
    mean,
    ndcg_at,
    paired_bootstrap,
    recall_at,
    reciprocal_rank,
    wilson_interval,
)


def test_recall_counts_the_relevant_among_the_first_k() -> None:
    assert recall_at(["a", "b", "c"], {"b", "z"}, 2) == 0.5
    assert recall_at(["a", "b", "c"], {"c"}, 2) == 0.0
    assert recall_at([], {"c"}, 5) == 0.0


def test_reciprocal_rank_is_of_the_first_relevant() -> None:
    assert reciprocal_rank(["a", "b", "c"], {"c", "b"}) == 0.5
    assert reciprocal_rank(["a"], {"c"}) == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_ndcg_equals_scikit_learns(seed: int) -> None:
    chance = np.random.default_rng(seed)
    gains = chance.integers(0, 4, 12)
    gains[0] = 3
    scores = chance.permutation(12)
    ranked = [str(item) for item in np.argsort(-scores)]
    ours = ndcg_at(ranked, {str(item): float(gain) for item, gain in enumerate(gains)}, 10)
    assert ours == pytest.approx(ndcg_score([gains], [scores], k=10))


def test_a_query_without_relevant_items_is_refused() -> None:
    for score in (lambda: recall_at(["a"], set(), 5), lambda: ndcg_at(["a"], {"a": 0.0}, 5)):
        with pytest.raises(ValueError, match="relevant"):
            score()


@pytest.mark.parametrize(("successes", "trials"), [(0, 20), (7, 20), (20, 20), (1, 1)])
def test_wilson_interval_equals_scipys(successes: int, trials: int) -> None:
    ours = wilson_interval(successes, trials)
    theirs = binomtest(successes, trials).proportion_ci(method="wilson")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_wilson_interval_of_no_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson_interval(0, 0)


def test_paired_bootstrap_agrees_with_scipys_and_is_repeatable() -> None:
    chance = np.random.default_rng(0)
    before = chance.random(80)
    after = before + chance.normal(0.1, 0.2, 80)
    ours = paired_bootstrap(before.tolist(), after.tolist(), draws=4000)
    theirs = bootstrap(
        (after - before,), np.mean, n_resamples=4000, method="percentile", random_state=chance
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.01)
    assert ours == paired_bootstrap(before.tolist(), after.tolist(), draws=4000)


def test_paired_bootstrap_of_equal_scores_shows_no_difference() -> None:
    gain = paired_bootstrap([0.0, 1.0, 1.0], [0.0, 1.0, 1.0])
    assert (gain.value, gain.low, gain.high) == (0.0, 0.0, 0.0)


def test_scores_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="paired"):
        paired_bootstrap([1.0], [])


def test_confusion_counts_and_rates_equal_scikit_learns() -> None:
    chance = np.random.default_rng(1)
    truth, verdict = (chance.random(50) > 0.4).tolist(), (chance.random(50) > 0.5).tolist()
    counts = confusion(truth, verdict)
    assert counts.total == 50
    assert counts.precision == pytest.approx(precision_score(truth, verdict))
    assert counts.recall == pytest.approx(recall_score(truth, verdict))
    assert counts.f1 == pytest.approx(f1_score(truth, verdict))
    assert counts.false_positive_rate == counts.false_positive / truth.count(False)


def test_figures_of_nothing_are_nan_and_never_zero() -> None:
    assert math.isnan(mean([]))
    assert math.isnan(confusion([], []).accuracy)


def test_auc_is_scikit_learns_also_with_ties() -> None:
    chance = random.Random(3)
    scores = [round(chance.random(), 1) for _ in range(200)]
    truth = [chance.random() < 0.3 for _ in scores]
    positive = [score for score, is_so in zip(scores, truth, strict=True) if is_so]
    negative = [score for score, is_so in zip(scores, truth, strict=True) if not is_so]
    assert auc(positive, negative) == pytest.approx(roc_auc_score(truth, scores))
    assert math.isnan(auc([], [1.0]))
