"""
misconception: slope-is-taken-at-the-output
fails: [slope-is-taken-at-z]
"""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def swish(z):
    return z * sigmoid(z)


def swish_slope(z):
    h = swish(z)
    return sigmoid(h) + h * sigmoid(h) * (1 - sigmoid(h))


def dead_units(X, W, b):
    return np.flatnonzero((np.maximum(0, X @ W + b) == 0).all(axis=0))
