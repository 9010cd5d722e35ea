"""Three tools of evaluation: a table of counts, a share of pairs, and scores from outside each fold."""

import numpy as np


def confusion(y, guess):
    """[[true negatives, false positives], [false negatives, true positives]], an integer array (2, 2).

    y: true labels (n,), 0 or 1; guess: predicted labels (n,), 0 or 1.
    """
    # TODO: rows are the truth, columns the guess.
    raise NotImplementedError


def roc_auc(y, score):
    """The share of pairs of a positive and a negative row in which the positive scores higher, a float.

    y: labels (n,), 0 or 1; score: floats (n,). A pair with equal scores counts one half.
    """
    # TODO
    raise NotImplementedError


def out_of_fold(train_and_score, X, y, fold):
    """Scores (n,): each row scored by a model that was trained on the rows of all other folds.

    train_and_score(X_train, y_train, X_test) trains a new model and returns the scores (m,) of
    the rows of X_test. fold: the number of the fold of each row (n,), any integers.
    """
    # TODO: how many models are trained, and which places does each of them fill?
    raise NotImplementedError
