"""The search for neighbors, and the average over them. Points are drawn afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated

EVIDENCE = ("k-nearest-neighbors",)


def indices(value, what, k):
    """Row numbers as a list, once there are k of them."""
    expect(value, what).length(k)
    numbers = np.asarray(value)
    expect(numbers, what).dtype("int").shape(k)
    return numbers.tolist()


@check("the nearest come first", points=2, visible=True, evidence=EVIDENCE, required=True)
def nearest_come_first(submission, data):
    X = np.array([[0.0, 0.0], [3.0, 4.0], [1.0, 1.0], [-6.0, 8.0]])
    found = submission.call("neighbors", X, np.array([0.0, 0.0]), 3)
    expect(indices(found, "neighbors(X, origin, 3)", 3), "neighbors(X, origin, 3)").equals([0, 2, 1])


@check("neighbors are right for any cloud", points=3, visible=False, needs=("nearest-come-first",), evidence=EVIDENCE, required=True)
def neighbors_are_right(submission, data):
    rng = fresh_rng()
    X, x = rng.normal(size=(50, 6)) * 10, rng.normal(size=6)
    for k in (1, 7, 50):
        found = submission.call("neighbors", X, x, k)
        expect(indices(found, f"neighbors(X, x, {k})", k), f"neighbors(X, x, {k})").equals(
            [int(i) for i in reference.call("neighbors", X, x, k)]
        )


@check("a prediction is the mean of the neighbors' numbers", points=3, visible=False, needs=("nearest-come-first",), evidence=EVIDENCE, required=True)
def prediction_is_the_mean(submission, data):
    rng = fresh_rng()
    X, y, x = rng.normal(size=(30, 2)), rng.normal(size=30), rng.normal(size=2)
    for k in (1, 5):
        expect(submission.call("regress", X, y, x, k), f"regress(..., k={k})").close(
            reference.call("regress", X, y, x, k)
        )


@check("the points you are given stay as they were", points=1, visible=False, needs=("nearest-come-first",), evidence=EVIDENCE)
def points_are_left_alone(submission, data):
    rng = fresh_rng()
    input_not_mutated(submission, "neighbors", rng.normal(size=(9, 2)), rng.normal(size=2), 4)
