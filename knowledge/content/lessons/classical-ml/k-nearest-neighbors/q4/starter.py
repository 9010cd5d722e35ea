"""Nearest neighbors of one point, and a prediction from them."""

import numpy as np


def neighbors(X, x, k):
    """Indices (k,) of the rows of X (n, d) that are nearest to x (d,), nearest first.

    Euclidean distance; equal distances in the order of the rows.
    """
    # TODO: how do you get an order instead of sorted distances?
    raise NotImplementedError


def regress(X, y, x, k):
    """The mean of y (n,) over the k nearest rows of X, as a float."""
    # TODO
    raise NotImplementedError
