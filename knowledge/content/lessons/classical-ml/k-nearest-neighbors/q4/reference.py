"""Nearest neighbors of one point, and a prediction from them."""

import numpy as np


def neighbors(X, x, k):
    squared = np.square(X - x).sum(axis=1)
    return np.argsort(squared, kind="stable")[:k]


def regress(X, y, x, k):
    return float(np.mean(y[neighbors(X, x, k)]))
