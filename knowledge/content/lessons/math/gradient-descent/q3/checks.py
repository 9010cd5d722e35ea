"""The walk, its end, and a model that is fitted by it. Landscapes and data are drawn for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference

HERE = ("gradient-descent",)

LENT = """
import numpy as np
def valley(p):
    return np.array([1.0, 4.0]) * (p - np.array([2.0, -1.0]))
def quartic(p):
    return 4 * p**3
"""
CURVES, BOTTOM = np.array([1.0, 4.0]), np.array([2.0, -1.0])


def steps_by_hand(start, rate, steps):
    """The exact path in the valley: each step multiplies the distance to the bottom."""
    return np.array([BOTTOM + (start - BOTTOM) * (1 - rate * CURVES) ** k for k in range(steps + 1)])


@check("the path goes step by step against the gradient", points=3, visible=True, evidence=HERE, required=True)
def path_is_right(submission, data):
    rng = fresh_rng()
    start, rate = rng.normal(size=2) * 5, float(rng.uniform(0.05, 0.4))
    path = submission.call("descend", submission.lend(LENT, "valley"), start, rate, 6)
    expect(path, "descend(...)").shape(7, 2).close(steps_by_hand(start, rate, 6))


@check("the walk ends where the ground is level", points=2, visible=False, needs=("path-is-right",), evidence=HERE)
def walk_ends_on_level_ground(submission, data):
    start = fresh_rng().uniform(1, 2, size=3)
    right, point = [start], start
    while np.linalg.norm(4 * point**3) > 0.02:
        point = point - 0.02 * 4 * point**3
        right.append(point)
    quartic = submission.lend(LENT, "quartic")
    path = submission.call("descend", quartic, start, 0.02, 5000, tolerance=0.02)
    expect(path, "the path with tolerance 0.02").because(
        "the length of the gradient is looked at before each step, and the first point with 0.02 or less is the last"
    ).shape(len(right), 3).close(np.array(right))
    short = submission.call("descend", quartic, start, 0.02, 3, tolerance=0.02)
    expect(short, "the path with at most 3 steps").close(np.array(right[:4]))


@check("the start keeps its values, and may hold integers", points=2, visible=False, needs=("path-is-right",), evidence=HERE)
def start_keeps_its_values(submission, data):
    whole = fresh_rng().integers(3, 9, size=2)
    start = submission.keep(whole)
    path = submission.call("descend", submission.lend(LENT, "valley"), start, 0.1, 4)
    expect(start.value(), "the start after the walk").equals(whole)
    expect(path, "the path from whole numbers").because(
        "an array of integers cuts off the fractions of each step"
    ).close(steps_by_hand(whole.astype(float), 0.1, 4))


@check("a few steps of fitting are right", points=3, visible=True, evidence=HERE, required=True)
def first_steps_of_the_fit(submission, data):
    rng = fresh_rng()
    X, y = rng.normal(size=(12, 3)), rng.normal(size=12) + 2
    seen = submission.call("fit_line", X, y, 0.05, 3)
    expect(seen, "fit_line(X, y, 0.05, 3)").type(tuple, list).length(2)
    right = reference.call("fit_line", X, y, 0.05, 3)
    expect(seen[0], "w after 3 steps").shape(3).close(right[0])
    expect(seen[1], "b after 3 steps").type(float).close(right[1])


@check("many steps arrive at the best line", points=2, visible=False, needs=("first-steps-of-the-fit",), evidence=HERE, required=True)
def fit_arrives(submission, data):
    rng = fresh_rng()
    X, y = rng.normal(size=(60, 2)), rng.normal(size=60)
    best = np.linalg.lstsq(np.column_stack([X, np.ones(60)]), y, rcond=None)[0]
    w, b = submission.call("fit_line", X, y, 0.1, 600)
    expect(w, "w after 600 steps").shape(2).close(best[:2], atol=1e-4)
    expect(float(b), "b after 600 steps").close(float(best[2]), atol=1e-4)
