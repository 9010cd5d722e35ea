"""Logistic regression by gradient descent. NumPy alone."""

import numpy as np


def sigmoid(z):
    """σ(z) = 1 / (1 + e^−z) of an array of any shape, for z of any size: never NaN."""
    # TODO: which of e^z and e^−z can overflow, and when?
    raise NotImplementedError


def log_loss(w, X, y):
    """The mean of −ln(chance given to the true label), as a float.

    w: (d,) weights; X: (n, d), a column of ones included where a bias is wanted; y: (n,)
    labels 0 and 1. The chance of a 1 is sigmoid(X w). Finite for scores of any size.
    """
    # TODO: do not take the logarithm of something that may be 0.
    raise NotImplementedError


def gradient(w, X, y):
    """The gradient of log_loss in w: (d,)."""
    # TODO
    raise NotImplementedError


def fit(X, y, rate, steps):
    """Weights (d,) after `steps` steps of gradient descent on log_loss from w = 0, each of size `rate`."""
    # TODO
    raise NotImplementedError
