"""
misconception: a-silent-unit-is-dead
fails: [one-row-is-enough]
"""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def swish(z):
    return z * sigmoid(z)


def swish_slope(z):
    s = sigmoid(z)
    return s + z * s * (1 - s)


def dead_units(X, W, b):
    return np.flatnonzero((np.maximum(0, X @ W + b) == 0).any(axis=0))
