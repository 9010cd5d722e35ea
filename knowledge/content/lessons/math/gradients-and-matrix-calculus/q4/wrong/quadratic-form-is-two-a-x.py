"""
misconception: quadratic-form-is-two-a-x
fails: [quadratic-form-is-right]
"""

import numpy as np


def directional_slope(gradient, direction):
    return float(gradient @ direction / np.linalg.norm(direction))


def quadratic_gradient(A, b, x):
    return 2 * A @ x + b


def regression_gradient(X, W, Y):
    return X.T @ (X @ W - Y) * (2.0 / len(X))


def layer_jacobian(W, b, x):
    slopes = 1.0 - np.tanh(W @ x + b) ** 2
    return slopes[:, None] * W
