"""What a k-nearest-neighbors classifier must do, from one distance to the whole flower bed."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated, label_shuffle, row_permutation

ROW = "syllabus/project/13"
KNN = ("k-nearest-neighbors",)


def both_parts(value, train, test):
    """The two arrays that `standardize` returns, once they are two arrays of the right shapes."""
    expect(value, "standardize(X_train, X_test)").type(tuple, list).length(2)
    for part, given, name in zip(value, (train, test), ("the scaled training rows", "the scaled test rows")):
        expect(part, name).type(np.ndarray).shape(*given.shape)
    return value


def share_right(answers, y):
    expect(answers, "predict(...)").shape(len(y))
    return float((answers == y).mean())


@check("distances match the definition", points=2, task=ROW, visible=True, evidence=KNN, required=True)
def distances_match_the_definition(submission, data):
    rng = fresh_rng()
    A, B = rng.normal(size=(4, 3)), rng.normal(size=(6, 3))
    expected = np.array([[np.linalg.norm(a - b) for b in B] for a in A])
    expect(submission.call("distances", A, B), "distances(A, B)").shape(4, 6).finite().close(expected, rtol=1e-6)


@check("distances stay exact far from the origin", points=1, task=ROW, visible=False,
       needs=("distances-match-the-definition",), evidence=KNN)
def distances_survive_an_offset(submission, data):
    rng = fresh_rng()
    A = rng.normal(size=(5, 2))
    moved = submission.call("distances", A + 1e6, A[:3] + 1e6)
    expect(moved, "distances of points near (1e6, 1e6)").because(
        "moving all points together changes no distance, and floating point must not see one either"
    ).finite().close(reference.call("distances", A, A[:3]), atol=1e-6)


@check("standardizing uses the training columns alone", points=2, task=ROW, visible=True, evidence=KNN, required=True)
def standardize_uses_training_statistics(submission, data):
    rng = fresh_rng()
    train = rng.normal(size=(20, 3)) * [1, 50, 0.1] + [0, 7, -2]
    test = rng.normal(size=(6, 3)) + 5
    scaled_train, scaled_test = both_parts(submission.call("standardize", train, test), train, test)
    expect(scaled_train.mean(axis=0), "the means of the scaled training columns").close(np.zeros(3), atol=1e-8)
    expect(scaled_train.std(axis=0), "their standard deviations").close(np.ones(3), atol=1e-8)
    expect(scaled_test, "the scaled test rows").because(
        "a new flower is measured with the ruler of the training set; its own statistics are not known yet"
    ).close((test - train.mean(axis=0)) / train.std(axis=0))


@check("a constant column does no harm", points=1, task=ROW, visible=False,
       needs=("standardize-uses-training-statistics",), evidence=KNN)
def constant_column_is_harmless(submission, data):
    rng = fresh_rng()
    train = np.column_stack([rng.normal(size=8), np.full(8, 3.0)])
    scaled_train, scaled_test = both_parts(submission.call("standardize", train, train[:2]), train, train[:2])
    expect(scaled_train, "the scaled rows").because("a column that never varies has deviation 0").finite()
    expect(scaled_test[:, 1], "the constant column").close(np.zeros(2))


@check("the majority wins the vote", points=1, task=ROW, visible=True, evidence=KNN, required=True)
def majority_wins(submission, data):
    rng = fresh_rng()
    for winner, loser in rng.permutation(9)[:8].reshape(4, 2):
        labels = np.array([loser, winner, winner, loser, winner])
        dists = np.sort(rng.uniform(size=5))
        expect(submission.call("vote", labels, dists), f"vote({labels.tolist()}, ...)").equals(int(winner))


@check("the nearest breaks a tie", points=2, task=ROW, visible=False, needs=("majority-wins",), evidence=KNN)
def nearest_breaks_a_tie(submission, data):
    rng = fresh_rng()
    for labels in ([2, 1, 1, 2], [1, 2, 2, 1], [3, 0, 0, 3, 1]):
        dists = np.sort(rng.uniform(size=len(labels)))
        expect(submission.call("vote", np.array(labels), dists), f"vote({labels}, ...)").because(
            "two labels have the same count, and the nearest neighbor of all carries one of them"
        ).equals(labels[0])


@check("predictions agree with the definition", points=3, task=ROW, visible=False,
       needs=("distances-match-the-definition", "standardize-uses-training-statistics", "nearest-breaks-a-tie"),
       evidence=KNN, required=True)
def predictions_agree(submission, data):
    rng = fresh_rng()
    X = rng.normal(size=(40, 3)) * [1, 30, 0.2]
    y = rng.integers(0, 3, size=30)
    for k in (1, 5, 30):
        expected = reference.call("predict", X[:30], y, X[30:], k)
        expect(submission.call("predict", X[:30], y, X[30:], k), f"predict(..., k={k})").shape(10).equals(expected)


@check("shuffling the test rows shuffles the answers", points=1, task=ROW, visible=False,
       needs=("predictions-agree",), evidence=KNN)
def answers_follow_their_rows(submission, data):
    X, y = data.train
    row_permutation(lambda rows: submission.call("predict", X, y, rows, 3), data.test[0])


@check("the arrays you are given stay as they were", points=1, task=ROW, visible=False,
       needs=("predictions-agree",), evidence=KNN)
def inputs_are_left_alone(submission, data):
    input_not_mutated(submission, "predict", data.train[0], data.train[1], data.test[0], 3)


@check("flowers are told apart", points=3, task=ROW, visible=False, needs=("predictions-agree",),
       evidence=KNN, required=True)
def flowers_are_told_apart(submission, data):
    (X, y), (X_test, y_test) = data.train, data.test
    accuracy = share_right(submission.call("predict", X, y, X_test, 5), y_test)
    expect(accuracy, "accuracy on 50 flowers held out").at_least(0.86)
    label_shuffle(
        lambda labels: share_right(submission.call("predict", X, labels, X_test, 5), y_test),
        y,
        chance=1 / 3,
        margin=0.2,
    )


@check("cross-validation keeps each fold out of sight", points=3, task=ROW, visible=False,
       needs=("predictions-agree",), evidence=("k-nearest-neighbors", "data-splits-and-cross-validation"), required=True)
def folds_stay_out_of_sight(submission, data):
    for X, y, fold in [*data.noise, data.flowers]:
        seen = submission.call("cross_validate", X, y, 3, fold)
        expect(seen, "cross_validate(X, y, 3, fold)").because(
            "the held-out rows may not touch the statistics that scale the others"
        ).close(reference.call("cross_validate", X, y, 3, fold), atol=1e-9)
