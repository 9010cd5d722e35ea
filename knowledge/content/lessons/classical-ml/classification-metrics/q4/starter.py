"""Metrics of a binary classifier, from counts and ranks. NumPy alone.

Labels y and predictions are arrays (n,) of 0 and 1; 1 is the positive class.
"""

import numpy as np


def confusion(y, predicted):
    """The four counts as a dict of ints with the keys "tp", "fp", "fn", "tn"."""
    # TODO
    raise NotImplementedError


def precision_recall_f1(y, predicted):
    """(precision, recall, F1) as floats; each of them is 0.0 where it would be 0/0."""
    # TODO
    raise NotImplementedError


def auc(y, scores):
    """The share of (positive, negative) pairs that are ranked right, ties counting ½, as a float."""
    # TODO: no loop over thresholds is needed.
    raise NotImplementedError


def out_of_fold(fit_score, X, y, fold):
    """One score for each row (n,), from a model that has not seen the row.

    fit_score(X_train, y_train, X_test) trains on the first two and returns a score for each
    row of X_test. fold: (n,) integers, the fold in which each row is held out.
    """
    # TODO
    raise NotImplementedError
