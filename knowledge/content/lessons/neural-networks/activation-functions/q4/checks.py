"""Swish, its slope, and units that never wake. All numbers are drawn afresh."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference

ROW = "hub/4.1/objective-2"
HERE = ("activation-functions",)


def numbers(value, what):
    """The column numbers that `dead_units` returns, as a list of ints."""
    expect(value, what).type(np.ndarray, list)
    found = np.asarray(value)
    if found.size:
        expect(found, what).dtype("int")
    return found.ravel().tolist()


@check("swish matches its formula", points=1, task=ROW, visible=True, evidence=HERE, required=True)
def swish_matches_its_formula(submission):
    z = fresh_rng().normal(size=(3, 4)) * 3
    expect(submission.call("swish", z), "swish(z)").shape(3, 4).close(z / (1 + np.exp(-z)))


@check("its slope is the slope at z", points=3, task=ROW, visible=True, needs=("swish-matches-its-formula",),
       evidence=HERE, required=True)
def slope_is_taken_at_z(submission):
    z, step = fresh_rng().uniform(-4, 4, size=20), 1e-5
    ahead, behind = z + step, z - step
    measured = (ahead / (1 + np.exp(-ahead)) - behind / (1 + np.exp(-behind))) / (2 * step)
    expect(submission.call("swish_slope", z), "swish_slope(z)").because(
        "nudging z by a little moves swish by this much"
    ).close(measured, rtol=0, atol=1e-6)


@check("large numbers do no harm", points=2, task=ROW, visible=False, needs=("slope-is-taken-at-z",), evidence=HERE)
def large_numbers_do_no_harm(submission):
    size = fresh_rng().uniform(800, 5000, size=4)
    z = np.concatenate([size, -size, [0.0]])
    for name in ("swish", "swish_slope"):
        expect(submission.call(name, z), f"{name}(z) for |z| around 1000").because(
            "far out swish is z or 0, and a sigmoid need not overflow to say so"
        ).finite().close(reference.call(name, z), atol=1e-9)


@check("a unit that wakes for one row is alive", points=2, task=ROW, visible=True, evidence=HERE, required=True)
def one_row_is_enough(submission):
    X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    W = np.array([[1.0, -1.0, 1.0, -2.0], [-1.0, -1.0, 1.0, 1.0]])
    b = np.array([0.0, 0.0, -5.0, 0.5])
    found = numbers(submission.call("dead_units", X, W, b), "dead_units(X, W, b)")
    expect(found, "dead_units(X, W, b)").because("units 0 and 3 are active for a row; 1 and 2 for none").equals([1, 2])


@check("dead units are found in any layer", points=2, task=ROW, visible=False, needs=("one-row-is-enough",),
       evidence=HERE, required=True)
def any_layer_is_right(submission):
    rng = fresh_rng()
    X, W = rng.normal(size=(30, 5)), rng.normal(size=(5, 12))
    highest = (X @ W).max(axis=0)
    dead = rng.uniform(size=12) < 0.4
    b = np.where(dead, -highest - 0.1, -highest + 0.1)
    for bias, wanted in ((b, np.flatnonzero(dead).tolist()), (-highest - 0.1, list(range(12))), (-highest + 0.1, [])):
        found = numbers(submission.call("dead_units", X, W, bias), "dead_units(X, W, b)")
        expect(found, "dead_units(X, W, b)").equals(wanted)
    still = submission.call("dead_units", np.eye(2), np.zeros((2, 2)), np.array([0.0, 0.1]))
    expect(numbers(still, "dead_units"), "the units whose sums are exactly 0").because(
        "ReLU of 0 is 0, so such a unit gives nothing either"
    ).equals([0])
