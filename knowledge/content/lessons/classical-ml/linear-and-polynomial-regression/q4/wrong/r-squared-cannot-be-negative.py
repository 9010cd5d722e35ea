"""
misconception: r-squared-cannot-be-negative
fails: [bad-forecasts-have-a-negative-r-squared]
"""

import numpy as np


def expand(x, degree):
    return np.asarray(x, dtype=float)[:, None] ** np.arange(degree + 1)


def least_squares(A, y):
    return np.linalg.lstsq(A, y, rcond=None)[0]


def r_squared(y, predicted):
    return float(np.corrcoef(y, predicted)[0, 1] ** 2)
