"""Gradients by backpropagation, and by measuring. NumPy alone."""

import numpy as np


def loss_and_gradients(X, t, W, b, v, c):
    """Loss and gradients of a network with one hidden layer of tanh units and one output.

    X: (n, d) inputs, one example a row; t: (n,) targets.
    W: (d, h), b: (h,) hidden layer; v: (h,), c: a float, output layer.
    The output for each row is y = tanh(X W + b) v + c, and the loss is the mean over
    the rows of ½ (y − t)².
    Returns (loss, gradients): a float, and a dict with the keys "W", "b", "v", "c", each
    gradient shaped like its parameter ("c" a float).
    """
    # TODO: forward, keeping what you need; then from the loss back to W. tanh′ = 1 − tanh².
    raise NotImplementedError


def numerical_gradient(f, x, step=1e-5):
    """The gradient of f at x by central differences, an array of x's shape.

    f takes an array of x's shape and returns a number. x may hold integers, and must
    hold the same values afterwards.
    """
    # TODO: one entry at a time, a step ahead and a step back.
    raise NotImplementedError
