"""Gradient descent on any function, and a linear model fitted with it."""

import numpy as np


def descend(gradient, start, rate, steps, tolerance=0.0):
    """The path of gradient descent: shape (k + 1, d), one point a row, `start` first.

    gradient: a function that takes a point (d,) and returns the gradient (d,) there.
    start: (d,), possibly integers; it keeps its values. The path holds floats.
    At most `steps` steps are taken; before each, the walk ends if the length of the
    gradient is at most `tolerance`. k is the number of steps taken.
    """
    # TODO
    raise NotImplementedError


def fit_line(X, y, rate, steps):
    """(w, b) after `steps` steps of gradient descent on the mean squared error of X w + b.

    X: (n, d), y: (n,). w is (d,) and b a float; both start at 0. The loss is
    mean((X w + b − y)²), without a factor ½.
    """
    # TODO
    raise NotImplementedError
