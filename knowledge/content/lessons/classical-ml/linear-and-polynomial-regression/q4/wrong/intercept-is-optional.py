"""
misconception: intercept-is-optional
fails: [powers-stand-side-by-side]
"""

import numpy as np


def expand(x, degree):
    return np.asarray(x, dtype=float)[:, None] ** np.arange(1, degree + 1)


def least_squares(A, y):
    return np.linalg.lstsq(A, y, rcond=None)[0]


def r_squared(y, predicted):
    left_over = np.square(y - predicted).sum()
    return float(1.0 - left_over / np.square(y - np.mean(y)).sum())
