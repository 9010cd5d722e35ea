"""What a perceptron of one's own must do. Data are drawn afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference

ROW = "hub/4.1/objective-1"


def trained(submission, X, y, epochs):
    """What `train` returns, once it is a triple of weights, bias and a list."""
    value = submission.call("train", X, y, epochs)
    expect(value, "train(X, y, epochs)").type(tuple, list).length(3)
    expect(value[0], "the weights").shape(X.shape[1]).finite()
    expect(value[2], "the updates of each pass").type(list, tuple)
    return value


@check("predict returns -1 or +1 for each row", points=1, task=ROW, visible=True, evidence=("perceptron",), required=True)
def predict_signs_each_row(submission, data):
    X = fresh_rng().normal(size=(7, 3))
    w, b = np.array([1.0, -2.0, 0.5]), 0.3
    labels = submission.call("predict", X, w, b)
    expect(labels, "predict(X, w, b)").shape(7)
    expect(labels, "predict(X, w, b)").equals(np.where(X @ w + b > 0, 1, -1))


@check("a score of exactly zero is no yes", points=1, task=ROW, visible=True, evidence=("perceptron",))
def zero_score_is_negative(submission, data):
    labels = submission.call("predict", np.zeros((2, 2)), np.zeros(2), 0.0)
    expect(labels, "labels of rows whose score is 0").equals(np.array([-1, -1]))


@check("training separates separable data and then stops", points=3, task=ROW, visible=True, evidence=("perceptron",), required=True)
def training_separates(submission, data):
    w, b, updates = trained(submission, data.X, data.y, 500)
    expect(np.where(data.X @ w + b > 0, 1, -1), "the labels after training").equals(data.y)
    expect(updates[-1], "the updates in the last pass").because(
        "training stops after a pass without a mistake"
    ).equals(0)


@check("each example sees the weights the one before it left", points=3, task=ROW, visible=False, needs=("training-separates",), evidence=("perceptron",), required=True)
def updates_are_sequential(submission, data):
    w, b, updates = trained(submission, data.X, data.y, 500)
    w_ref, b_ref, updates_ref = reference.call("train", data.X, data.y, 500)
    expect(list(updates), "the updates of each pass").equals(updates_ref)
    expect(w, "the weights").because("from zero weights and in row order the rule has one outcome").close(w_ref, atol=1e-9)
    expect(b, "the bias").close(b_ref, atol=1e-9)


@check("on XOR it uses all its epochs and returns", points=2, task=ROW, visible=False, evidence=("perceptron",))
def xor_never_settles(submission, data):
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    w, b, updates = trained(submission, X, np.array([-1, 1, 1, -1]), 9)
    expect(updates, "the updates of each pass on XOR").length(9)
    expect(min(updates), "the fewest updates in a pass on XOR").at_least(1)
