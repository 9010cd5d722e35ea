"""Derivatives of vectors and matrices, held against the exact ones on numbers drawn for this grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated

HERE = ("gradients-and-matrix-calculus",)


@check("the slope does not depend on how long the arrow is drawn", points=2, visible=True, evidence=HERE, required=True)
def slope_ignores_the_length(submission, data):
    rng = fresh_rng()
    gradient, direction = rng.normal(size=4), rng.normal(size=4)
    wanted = reference.call("directional_slope", gradient, direction)
    for length in (1.0, 3.0, 0.2):
        slope = submission.call("directional_slope", gradient, length * direction)
        expect(slope, "the slope").type(float).because(
            "a slope is the rise for one unit of distance, however long the arrow that shows the way"
        ).close(wanted)


@check("the gradient of a quadratic form is right", points=2, visible=True, evidence=HERE, required=True)
def quadratic_form_is_right(submission, data):
    rng = fresh_rng()
    A, b, x = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)
    expect(submission.call("quadratic_gradient", A, b, x), "quadratic_gradient(A, b, x)").because(
        "A need not be symmetric: xᵢxⱼ occurs with Aᵢⱼ and with Aⱼᵢ"
    ).shape(3).close(reference.call("quadratic_gradient", A, b, x))


@check("the gradient by a matrix of weights is right", points=3, visible=False, evidence=HERE, required=True)
def regression_gradient_is_right(submission, data):
    rng = fresh_rng()
    for n, d, k in ((7, 3, 2), (4, 5, 1)):
        X, W, Y = rng.normal(size=(n, d)), rng.normal(size=(d, k)), rng.normal(size=(n, k))
        expect(submission.call("regression_gradient", X, W, Y), f"the gradient for n={n}, d={d}, k={k}").because(
            "the loss is a mean over the rows and a sum over the entries of a row"
        ).shape(d, k).close(reference.call("regression_gradient", X, W, Y))


@check("the Jacobian of a layer is right", points=3, visible=False, evidence=HERE, required=True)
def layer_jacobian_is_right(submission, data):
    rng = fresh_rng()
    for m, n in ((4, 2), (3, 3)):
        W, b, x = rng.normal(size=(m, n)), rng.normal(size=m), rng.normal(size=n)
        expect(submission.call("layer_jacobian", W, b, x), f"the Jacobian of {n} inputs and {m} outputs").because(
            "each row belongs to one output, and each output has a slope of tanh of its own"
        ).shape(m, n).close(reference.call("layer_jacobian", W, b, x))


@check("the arrays you are given stay as they were", points=1, visible=False, evidence=HERE,
       needs=("regression-gradient-is-right", "layer-jacobian-is-right"))
def arrays_are_left_alone(submission, data):
    rng = fresh_rng()
    input_not_mutated(submission, "regression_gradient", *(rng.normal(size=s) for s in ((5, 3), (3, 2), (5, 2))))
    input_not_mutated(submission, "layer_jacobian", *(rng.normal(size=s) for s in ((4, 2), 4, 2)))
