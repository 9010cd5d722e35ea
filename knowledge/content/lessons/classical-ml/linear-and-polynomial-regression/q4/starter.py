"""Least squares on powers of x, and how good the fit is."""

import numpy as np


def expand(x, degree):
    """Columns 1, x, x², …, x^degree of the numbers x (n,): an array of floats (n, degree + 1)."""
    # TODO
    raise NotImplementedError


def least_squares(A, y):
    """Weights w (d,) for which the sum of squares of y − A w is smallest; A is (n, d), y (n,).

    The columns of A are taken as they are: an intercept is there if A has a column of ones.
    Columns may repeat each other; then any w with the smallest sum will do.
    """
    # TODO
    raise NotImplementedError


def r_squared(y, predicted):
    """R² = 1 − Σ(y − predicted)² / Σ(y − mean of y)², as a float."""
    # TODO
    raise NotImplementedError
