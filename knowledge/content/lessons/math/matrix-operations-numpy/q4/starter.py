"""Three matrix operations on whole arrays, with the points in rows."""

import numpy as np


def affine(X, A, b):
    """Every row x of X (n, d) moved to Ax + b, with A (m, d) and b (m,): shape (n, m)."""
    # TODO: the points are rows here, not columns
    raise NotImplementedError


def undo(A, b, Y):
    """The points (n, d) that x -> Ax + b, with A (d, d) and b (d,), has moved to the rows of Y (n, d).

    A has an inverse. Do you need it?
    """
    # TODO
    raise NotImplementedError


def weighted_scatter(X, w):
    """The sum over i of w[i] * outer(X[i], X[i]), for X (n, d) and w (n,): shape (d, d)."""
    # TODO: one product can do the whole sum
    raise NotImplementedError
