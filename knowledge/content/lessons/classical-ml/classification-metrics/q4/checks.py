"""Counts, shares, ranks and held-out scores. Everything is drawn afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference

EVIDENCE = ("classification-metrics",)
FOLDS = ("classification-metrics", "data-splits-and-cross-validation")
ROW = "hub/3.1/objective-4"

LENT = """
import numpy as np

def nearest_label(X_train, y_train, X_test):
    apart = ((X_test[:, None, :] - X_train[None, :, :]) ** 2).sum(axis=2)
    return y_train[apart.argmin(axis=1)] + 0.001 * X_test[:, 0] + 0.01 * y_train.mean()
"""


def labels(rng, n=80, share=0.3):
    """Labels and predictions in which all four cells occur, in different numbers."""
    y = (rng.uniform(size=n) < share).astype(int)
    y[:4] = [0, 0, 1, 1]
    predicted = np.where(rng.uniform(size=n) < 0.25, 1 - y, y)
    predicted[:4] = [0, 1, 0, 1]
    return y, predicted


@check("the four cells are counted", points=2, task=ROW, visible=True, evidence=EVIDENCE)
def four_cells_are_counted(submission):
    y, predicted = labels(fresh_rng())
    pairs = list(zip(y.tolist(), predicted.tolist(), strict=True))
    wanted = {name: pairs.count(pair) for name, pair in
              {"tp": (1, 1), "fp": (0, 1), "fn": (1, 0), "tn": (0, 0)}.items()}
    expect(submission.call("confusion", y, predicted), "confusion(y, predicted)").equals(wanted)


@check("precision and recall ask different people", points=2, task=ROW, visible=True,
       needs=("four-cells-are-counted",), evidence=EVIDENCE)
def precision_and_recall_ask_different_people(submission):
    y, predicted = np.zeros(1000, int), np.zeros(1000, int)
    y[:10], predicted[2:22] = 1, 1
    seen = submission.call("precision_recall_f1", y, predicted)
    expect(seen, "precision, recall, F1 of the detector with 20 alarms").length(3)
    expect(list(seen), "precision, recall, F1 of the detector with 20 alarms").close([0.4, 0.8, 16 / 30])
    y, predicted = labels(fresh_rng())
    seen = submission.call("precision_recall_f1", y, predicted)
    expect(seen, "precision_recall_f1(y, predicted)").length(3)
    expect(list(seen), "precision, recall, F1").close(list(reference.call("precision_recall_f1", y, predicted)))


@check("silence has a precision of 0", points=1, task=ROW, visible=False,
       needs=("precision-and-recall-ask-different-people",), evidence=EVIDENCE)
def silence_has_precision_zero(submission):
    y = np.array([0, 1, 0, 0, 1])
    for given, predicted in ((y, np.zeros(5, int)), (np.zeros(5, int), y), (np.zeros(5, int), np.zeros(5, int))):
        seen = submission.call("precision_recall_f1", given, predicted)
        expect(list(seen), f"precision_recall_f1({given.tolist()}, {predicted.tolist()})").because(
            "0/0 is reported as 0.0 here"
        ).finite().close([0.0, 0.0, 0.0])


@check("the AUC counts pairs", points=2, task=ROW, visible=True, evidence=EVIDENCE)
def auc_counts_pairs(submission):
    seen = submission.call("auc", np.array([1, 0, 1, 0, 0]), np.array([0.9, 0.7, 0.6, 0.4, 0.1]))
    expect(seen, "auc of the example in the lesson").type(float).close(5 / 6)
    rng = fresh_rng()
    y = labels(rng)[0]
    scores = rng.normal(size=80) * 100 + 30 * y
    expect(submission.call("auc", y, scores), "auc(y, scores)").close(reference.call("auc", y, scores))


@check("ties count half", points=2, task=ROW, visible=False, needs=("auc-counts-pairs",), evidence=EVIDENCE)
def ties_count_half(submission):
    rng = fresh_rng()
    y = labels(rng)[0]
    scores = rng.integers(0, 4, size=80) + y
    expect(submission.call("auc", y, scores), "auc with many equal scores").because(
        "a model that gives every case the same score must get ½, like a coin"
    ).close(reference.call("auc", y, scores))


@check("every row is scored by a model that has not seen it", points=3, task=ROW, visible=False, evidence=FOLDS)
def every_row_is_scored_by_a_stranger(submission):
    rng = fresh_rng()
    X, y, fold = rng.normal(size=(60, 2)), rng.integers(0, 2, size=60), rng.permutation(np.arange(60) % 4) * 3 + 1
    apart = ((X[:, None, :] - X[None, :, :]) ** 2).sum(axis=2)
    apart[fold[:, None] == fold[None, :]] = np.inf
    shares = np.array([y[fold != f].mean() for f in fold])
    wanted = y[apart.argmin(axis=1)] + 0.001 * X[:, 0] + 0.01 * shares
    seen = submission.call("out_of_fold", submission.lend(LENT, "nearest_label"), X, y, fold)
    expect(seen, "the out-of-fold scores of a nearest-neighbor rule").because(
        "the rows of a fold may be neither trained on nor scored by a model that was"
    ).shape(60).close(wanted)
