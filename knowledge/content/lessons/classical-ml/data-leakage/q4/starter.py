"""The tools of a leak hunter: areas of single columns, shared rows, and a choice inside the folds."""

import numpy as np


def column_areas(X, y):
    """Floats (d,): for each column, how well it alone ranks the labels, whichever way round: max(A, 1 - A).

    A is the share of pairs of a row with y = 1 and one with y = 0 in which the first has the larger
    value; equal values count one half. X: floats (n, d); y: 0 or 1 (n,).
    """
    # TODO
    raise NotImplementedError


def suspects(X, y, limit):
    """The indices of the columns whose area is at least `limit`, the most suspicious first: integers (m,)."""
    # TODO
    raise NotImplementedError


def shared_rows(A, B):
    """How many rows of B (m, d) stand in A (n, d) too, value for value: an int."""
    # TODO
    raise NotImplementedError


def selected_score(X, y, fold, k):
    """The share of rows that are labelled rightly from outside their fold, a float.

    For each fold, from the other rows alone: take the k columns with the largest absolute
    correlation with y; take the mean of each class in these columns. A held-out row gets the class
    whose mean is nearer (Euclidean distance in the k columns). fold: the fold of each row (n,).
    """
    # TODO: where does the choice of the columns belong?
    raise NotImplementedError
