"""Soft and hard lookups, and a curve made of one. Scores and values are drawn afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated

ROW = "hub/5.4/objective-1"
HERE = ("attention-query-key-value",)


@check("two queries mix three values, each by its own weights", points=2, task=ROW, visible=True, evidence=HERE)
def two_queries_mix_three_values(submission, data):
    scores = np.log(np.array([[1.0, 2.0, 1.0], [6.0, 3.0, 1.0]]))
    values = np.array([[10.0, 0.0], [40.0, 1.0], [20.0, 0.0]])
    expect(submission.call("soft_lookup", scores, values), "soft_lookup(scores, values)").because(
        "the scores are logarithms, so the weights are 1/4, 2/4, 1/4 and 6/10, 3/10, 1/10"
    ).shape(2, 2).close(np.array([[27.5, 0.5], [20.0, 0.3]]))


@check("the best value alone is handed over", points=1, task=ROW, visible=True, evidence=HERE)
def best_value_alone(submission, data):
    rng = fresh_rng()
    values = rng.normal(size=(5, 3))
    scores = rng.permuted(np.tile(np.array([-2.0, -1.0, 0.0, 3.0, 3.0]), (4, 1)), axis=1)
    best = [row.tolist().index(3.0) for row in scores]
    expect(submission.call("hard_lookup", scores, values), "hard_lookup(scores, values)").shape(4, 3).close(
        np.array([values[i] for i in best])
    )


@check("any scores and values are mixed rightly", points=3, task=ROW, visible=False,
       needs=("two-queries-mix-three-values",), evidence=HERE)
def any_scores_are_mixed(submission, data):
    rng = fresh_rng()
    for m, n, d in ((6, 4, 3), (5, 5, 5), (1, 7, 1)):
        scores, values = rng.normal(size=(m, n)) * 3, rng.normal(size=(n, d))
        expect(submission.call("soft_lookup", scores, values), "soft_lookup(scores, values)").shape(m, d).close(
            reference.call("soft_lookup", scores, values)
        )


@check("large scores do no harm", points=2, task=ROW, visible=False,
       needs=("any-scores-are-mixed",), evidence=HERE)
def large_scores_do_no_harm(submission, data):
    rng = fresh_rng()
    scores, values = rng.normal(size=(3, 6)), rng.normal(size=(6, 2))
    wanted = reference.call("soft_lookup", scores, values)
    for shift in (1000.0, -1000.0):
        seen = submission.call("soft_lookup", scores + shift, values)
        expect(seen, f"soft_lookup with all scores shifted by {shift:g}").because(
            "weights depend on the differences of scores alone"
        ).finite().close(wanted)


@check("a curve is a soft lookup among its known points", points=3, task=ROW, visible=False,
       needs=("large-scores-do-no-harm",), evidence=HERE)
def curve_is_a_lookup(submission, data):
    rng = fresh_rng()
    x_known = rng.uniform(0, 10, size=12)
    y_known = np.sin(x_known) + rng.normal(size=12) * 0.1
    x, width = rng.uniform(0, 10, size=5), float(rng.uniform(0.3, 1.5))
    gaps = np.exp(-((x[:, None] - x_known) ** 2) / (2 * width**2))
    expect(submission.call("smooth", x, x_known, y_known, width), "smooth(x, x_known, y_known, width)").shape(
        5
    ).close(gaps @ y_known / gaps.sum(axis=1))
    far = np.array([500.0])
    expect(submission.call("smooth", far, x_known, y_known, 0.1), "smooth at a point far from all others").because(
        "far from everything, the nearest known point still scores highest"
    ).close(y_known[[np.argmax(x_known)]])


@check("scores and values stay as they were", points=1, task=ROW, visible=False,
       needs=("any-scores-are-mixed",), evidence=HERE)
def arguments_stay(submission, data):
    rng = fresh_rng()
    input_not_mutated(submission, "soft_lookup", rng.normal(size=(4, 5)), rng.normal(size=(5, 2)))
