"""
misconception: direction-length-counts-in-the-slope
fails: [slope-ignores-the-length]
"""

import numpy as np


def directional_slope(gradient, direction):
    return float(gradient @ direction)


def quadratic_gradient(A, b, x):
    return (A + A.T) @ x + b


def regression_gradient(X, W, Y):
    return X.T @ (X @ W - Y) * (2.0 / len(X))


def layer_jacobian(W, b, x):
    slopes = 1.0 - np.tanh(W @ x + b) ** 2
    return slopes[:, None] * W
