"""Counts, pairs, and folds that stay out of their own training. Numbers are drawn afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng
from sandbox.probes import input_not_mutated

EVIDENCE = ("data-splits-and-cross-validation",)
NEAREST = '''
import numpy as np

def nearest(X_train, y_train, X_test):
    """The label of the nearest training row."""
    table = ((X_test[:, None, :] - X_train[None, :, :]) ** 2).sum(axis=2)
    return y_train[table.argmin(axis=1)].astype(float)
'''
WITNESS = '''
import numpy as np

def witness(X_train, y_train, X_test):
    """Rows trained on, and half a row more for a test row that is among them."""
    met = (X_test[:, None, :] == X_train[None, :, :]).all(axis=2).any(axis=1)
    return len(X_train) + 0.5 * met + 0.25 * (len(X_train) != len(y_train))
'''


def cloud(rng, n):
    """Rows, labels and folds of unequal sizes with numbers that do not start at 0."""
    fold = rng.permutation(np.repeat([3, 4, 7, 11], [n // 2, n // 4, n // 8, n - n // 2 - n // 4 - n // 8]))
    return rng.normal(size=(n, 3)), rng.permutation(np.arange(n) % 2), fold


@check("the confusion matrix counts the four cases", points=2, visible=True, evidence=EVIDENCE)
def confusion_counts_the_four_cases(submission, data):
    rng = fresh_rng()
    tn, fp, fn, tp = (int(count) for count in rng.permutation([2, 5, 8, 11]))
    order = rng.permutation(26)
    y = np.repeat([0, 0, 1, 1], [tn, fp, fn, tp])[order]
    guess = np.repeat([0, 1, 0, 1], [tn, fp, fn, tp])[order]
    expect(submission.call("confusion", y, guess), "confusion(y, guess)").because(
        "rows are the truth, columns the guess, and 0 comes before 1"
    ).shape(2, 2).equals(np.array([[tn, fp], [fn, tp]]))


@check("the area is the share of pairs ranked rightly", points=2, visible=True, evidence=EVIDENCE)
def area_is_a_share_of_pairs(submission, data):
    rng = fresh_rng()
    y, score = rng.permutation(np.repeat([0, 1], [13, 8])), rng.normal(size=21)
    expect(submission.call("roc_auc", y, score), "roc_auc(y, score)").type(float).close(pairs(y, score))


@check(
    "equal scores count one half",
    points=2,
    visible=False,
    needs=("area-is-a-share-of-pairs",),
    evidence=EVIDENCE,
)
def equal_scores_count_one_half(submission, data):
    rng = fresh_rng()
    y, score = rng.permutation(np.repeat([0, 1], [40, 25])), rng.integers(0, 4, size=65) / 4
    expect(submission.call("roc_auc", y, score), "roc_auc(y, score), where many scores are equal").because(
        "a model that gives all rows the same score knows nothing, and that is 0.5"
    ).close(pairs(y, score))


@check("each row is scored by a model of the other folds", points=3, visible=True, evidence=EVIDENCE)
def rows_are_scored_from_outside(submission, data):
    X, y, fold = cloud(fresh_rng(), 40)
    seen = submission.call("out_of_fold", submission.lend(NEAREST, "nearest"), X, y, fold)
    expect(seen, "out_of_fold(nearest, X, y, fold)").because(
        "the score of a row comes from its nearest neighbor among the rows of the other folds"
    ).shape(40).close(strangers(X, y, fold))


@check(
    "all other folds are used, and no row meets itself",
    points=3,
    visible=False,
    needs=("rows-are-scored-from-outside",),
    evidence=EVIDENCE,
)
def no_row_meets_itself(submission, data):
    X, y, fold = cloud(fresh_rng(), 48)
    seen = submission.call("out_of_fold", submission.lend(WITNESS, "witness"), X, y, fold)
    expect(seen, "the number of rows that the model of each row was trained on").close(
        np.array([float((fold != number).sum()) for number in fold])
    )


@check(
    "the arrays you are given stay as they were",
    points=1,
    visible=False,
    needs=("equal-scores-count-one-half",),
    evidence=EVIDENCE,
    required=False,
)
def arrays_are_left_alone(submission, data):
    rng = fresh_rng()
    input_not_mutated(submission, "roc_auc", rng.permutation(np.arange(9) % 2), rng.normal(size=9))


def pairs(y, score):
    """The area by its definition, pair by pair."""
    wins = [(p > q) + 0.5 * (p == q) for p in score[y == 1] for q in score[y == 0]]
    return float(np.mean(wins))


def strangers(X, y, fold):
    """The label of the nearest row of another fold, row by row."""
    answers = []
    for row, number in zip(X, fold):
        distance = ((X - row) ** 2).sum(axis=1)
        distance[fold == number] = np.inf
        answers.append(float(y[distance.argmin()]))
    return np.array(answers)
