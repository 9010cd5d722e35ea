"""A forward pass of any depth, with all that a backward pass will ask for. Networks are drawn afresh."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated, row_permutation

ROW = "hub/4.1/objective-3"
HERE = ("forward-propagation-in-mlps",)


def network(rng, sizes):
    pairs = list(zip(sizes, sizes[1:]))
    return [rng.normal(size=pair) for pair in pairs], [rng.normal(size=after) * 2 for _, after in pairs]


def passed(submission, X, weights, biases):
    """What `forward` gives, once it is two lists of the right lengths."""
    value = submission.call("forward", X, weights, biases)
    expect(value, "forward(X, weights, biases)").type(tuple, list).length(2)
    expect(value[0], "sums").type(list, tuple).length(len(weights))
    expect(value[1], "outputs").type(list, tuple).length(len(weights) + 1)
    return value


@check("parameters are counted, biases included", points=1, task=ROW, visible=True, evidence=HERE)
def parameters_are_counted(submission):
    sizes = [int(size) for size in fresh_rng().integers(2, 40, size=5)]
    wanted = sum(before * after + after for before, after in zip(sizes, sizes[1:]))
    for part, right in (([784, 128, 10], 101770), (sizes, wanted)):
        expect(submission.call("count_parameters", part), f"count_parameters({part})").equals(right)


@check("the hidden layer is bent after its bias", points=2, task=ROW, visible=True, evidence=HERE, required=True)
def hidden_layer_is_bent(submission):
    rng = fresh_rng()
    X = rng.normal(size=(6, 3))
    weights, biases = network(rng, [3, 4, 2])
    hidden = passed(submission, X, weights, biases)[1][1]
    z = X @ weights[0] + biases[0]
    expect(hidden, "outputs[1]").shape(6, 4).close(np.where(z > 0, z, 0.0))


@check("the answer is a sum as it stands", points=2, task=ROW, visible=True, needs=("hidden-layer-is-bent",),
       evidence=HERE, required=True)
def answer_is_not_bent(submission):
    rng = fresh_rng()
    X = rng.normal(size=(8, 3))
    for sizes in ([3, 5, 4], [3, 2]):
        weights, biases = network(rng, sizes)
        weights[-1] = -np.abs(weights[-1])
        biases[-1] = -np.abs(biases[-1])
        right = reference.call("forward", X, weights, biases)[1][-1]
        expect(passed(submission, X, weights, biases)[1][-1], f"the answer of a network {sizes}").because(
            "a network that may not give a negative answer cannot predict one"
        ).close(right)


@check("the sums are kept as they were before ReLU", points=2, task=ROW, visible=False, needs=("answer-is-not-bent",),
       evidence=HERE)
def sums_are_kept(submission):
    rng = fresh_rng()
    X = rng.normal(size=(7, 4))
    weights, biases = network(rng, [4, 6, 3, 2])
    sums = passed(submission, X, weights, biases)[0]
    for layer, right in enumerate(reference.call("forward", X, weights, biases)[0]):
        expect(sums[layer], f"sums[{layer}]").because("the backward pass asks what went into each ReLU").close(right)


@check("any depth is right, row by row", points=3, task=ROW, visible=False, needs=("sums-are-kept",),
       evidence=HERE, required=True)
def any_depth_is_right(submission):
    rng = fresh_rng()
    for sizes in ([5, 1], [2, 7, 3, 6, 4], [4, 4, 4, 4]):
        X = rng.normal(size=(4, sizes[0]))
        weights, biases = network(rng, sizes)
        outputs = passed(submission, X, weights, biases)[1]
        for layer, right in enumerate(reference.call("forward", X, weights, biases)[1]):
            expect(outputs[layer], f"outputs[{layer}] of a network {sizes}").close(right)
    weights, biases = network(rng, [3, 5, 2])
    row_permutation(lambda rows: passed(submission, rows, weights, biases)[1][-1], rng.normal(size=(9, 3)))


@check("what you are given stays as it was", points=1, task=ROW, visible=False, needs=("hidden-layer-is-bent",),
       evidence=HERE)
def inputs_are_left_alone(submission):
    rng = fresh_rng()
    weights, biases = network(rng, [3, 4, 2])
    input_not_mutated(submission, "forward", rng.normal(size=(5, 3)), weights, biases)
