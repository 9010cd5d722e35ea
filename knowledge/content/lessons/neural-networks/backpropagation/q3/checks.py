"""Backpropagation through one hidden layer, and the instrument that checks it."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference

MANUAL, NUMERIC = "hub/4.2/objective-3", "hub/4.2/objective-4"
HERE = ("backpropagation",)

LENT = """
import numpy as np
def cubes(x):
    return float((x**3).sum())
def waves(x):
    return float(np.sin(x).sum() + x[0, 0] * x[1, 2])
def powers(x):
    return float(np.exp(x).sum())
"""


def asked(owner, data):
    return owner.call("loss_and_gradients", data.X, data.t, data.W, data.b, data.v, data.c)


def entries_agree(submission, data, names):
    answer = asked(submission, data)
    expect(answer, "loss_and_gradients(...)").type(tuple, list).length(2)
    expect(answer[1], "the gradients").type(dict).keys("W", "b", "v", "c")
    right = asked(reference, data)[1]
    for name in names:
        expect(answer[1][name], f"the gradient of {name}").close(right[name], rtol=1e-6)


@check("the loss is half the mean squared miss", points=1, task=MANUAL, visible=True, evidence=HERE)
def loss_is_half_the_mean_square(submission, data):
    answer = asked(submission, data)
    expect(answer, "loss_and_gradients(...)").type(tuple, list).length(2)
    expect(answer[0], "the loss").close(asked(reference, data)[0], rtol=1e-6)


@check("the gradients of the output layer are right", points=2, task=MANUAL, visible=True,
       needs=("loss-is-half-the-mean-square",), evidence=HERE)
def output_layer_is_right(submission, data):
    entries_agree(submission, data, ("v", "c"))


@check("the gradients of the hidden layer are right", points=3, task=MANUAL, visible=False,
       needs=("output-layer-is-right",), evidence=HERE)
def hidden_layer_is_right(submission, data):
    entries_agree(submission, data, ("b", "W"))


@check("measured gradients of known functions are right", points=2, task=NUMERIC, visible=True, evidence=HERE)
def measured_gradients_are_right(submission):
    rng = fresh_rng()
    x, grid = rng.normal(size=4), rng.normal(size=(2, 3))
    seen = submission.call("numerical_gradient", submission.lend(LENT, "cubes"), x)
    expect(seen, "the gradient of Σ x³").shape(4).close(3 * x**2, atol=1e-3)
    slopes = np.cos(grid)
    slopes[0, 0] += grid[1, 2]
    slopes[1, 2] += grid[0, 0]
    seen = submission.call("numerical_gradient", submission.lend(LENT, "waves"), grid)
    expect(seen, "the gradient at a 2×3 array").shape(2, 3).close(slopes, atol=1e-3)


@check("both sides of the point are measured", points=2, task=NUMERIC, visible=False,
       needs=("measured-gradients-are-right",), evidence=HERE)
def both_sides_are_measured(submission):
    x = fresh_rng().uniform(0, 2, size=5)
    seen = submission.call("numerical_gradient", submission.lend(LENT, "powers"), x)
    expect(seen, "the gradient of Σ eˣ").because(
        "ahead minus behind cancels the curvature; a step to one side keeps an error as large as the step"
    ).close(np.exp(x), rtol=0, atol=1e-7)


@check("the point stays as it was, and may hold integers", points=1, task=NUMERIC, visible=False,
       needs=("measured-gradients-are-right",), evidence=HERE)
def point_stays_as_it_was(submission):
    whole = np.array([1, -2, 3])
    point = submission.keep(whole)
    seen = submission.call("numerical_gradient", submission.lend(LENT, "cubes"), point)
    expect(point.value(), "x afterwards").equals(whole)
    expect(seen, "the gradient of Σ x³ at (1, −2, 3)").because(
        "an array of integers cuts off a step of 0.00001"
    ).close(3.0 * whole**2, atol=1e-3)
