"""Four derivatives of functions of vectors and matrices."""

import numpy as np


def directional_slope(gradient, direction):
    """The slope, a float, in the direction of an arrow, where the gradient is `gradient`.

    gradient, direction: (n,). The arrow shows where to go; its length says nothing and is not 0.
    """
    # TODO
    raise NotImplementedError


def quadratic_gradient(A, b, x):
    """The gradient (n,) of f(x) = xᵀ A x + bᵀ x at x (n,); A (n, n) need not be symmetric, b (n,)."""
    # TODO
    raise NotImplementedError


def regression_gradient(X, W, Y):
    """The gradient by W, shaped like W, of the mean over the rows of ‖(row of X) W − (row of Y)‖².

    X: (n, d), W: (d, k), Y: (n, k).
    """
    # TODO: the loss is a mean over the n rows, and within a row a sum over the k entries.
    raise NotImplementedError


def layer_jacobian(W, b, x):
    """The Jacobian (m, n) of x ↦ tanh(W x + b) at x (n,); W (m, n), b (m,)."""
    # TODO: tanh′(z) = 1 − tanh(z)².
    raise NotImplementedError
