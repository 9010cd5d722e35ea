"""What a forward pass must do. Layers and inputs are drawn afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference

EVIDENCE = ("what-is-deep-learning",)


def draw_layers(rng, *widths):
    return [(rng.normal(size=(out, inp)), rng.normal(size=out)) for inp, out in zip(widths, widths[1:])]


@check("one layer is a weighted sum and a shift", points=2, visible=True, evidence=EVIDENCE, required=True)
def one_layer_is_affine(submission, data):
    rng = fresh_rng()
    [(W, b)] = layers = draw_layers(rng, 3, 2)
    x = rng.normal(size=(5, 3))
    expected = np.array([[sum(W[j, i] * row[i] for i in range(3)) + b[j] for j in range(2)] for row in x])
    expect(submission.call("forward", x, layers), "forward(x, [(W, b)])").shape(5, 2).close(expected)


@check("the last layer may be negative", points=2, visible=True, evidence=EVIDENCE)
def last_layer_may_be_negative(submission, data):
    layers = [(np.eye(2), np.zeros(2)), (-np.eye(2), np.array([-1.0, -1.0]))]
    expect(submission.call("forward", np.array([[1.0, 2.0]]), layers), "the outputs").because(
        "a ReLU after the last layer would cut off half of all answers"
    ).close(np.array([[-2.0, -3.0]]))


@check("hidden layers are cut at zero", points=3, visible=False, needs=("one-layer-is-affine",), evidence=EVIDENCE, required=True)
def hidden_layers_are_cut(submission, data):
    rng = fresh_rng()
    layers, x = draw_layers(rng, 4, 8, 6, 3), rng.normal(size=(7, 4))
    expect(submission.call("forward", x, layers), "forward through three layers").shape(7, 3).close(
        reference.call("forward", x, layers)
    )


@check("each row is judged by itself", points=1, visible=False, needs=("hidden-layers-are-cut",), evidence=EVIDENCE)
def rows_are_independent(submission, data):
    rng = fresh_rng()
    layers, x = draw_layers(rng, 4, 5, 2), rng.normal(size=(6, 4))
    whole = submission.call("forward", x, layers)
    expect(submission.call("forward", x[2:3], layers), "the third row alone").shape(1, 2).close(whole[2:3])
