"""A perceptron from scratch, in NumPy alone."""

import numpy as np


def predict(X, w, b):
    """Labels for the rows of X (n, d): +1 where the score w·x + b is positive, else -1.

    Returns an integer array of shape (n,).
    """
    # TODO: score all rows at once, then turn scores into labels.
    raise NotImplementedError


def train(X, y, epochs):
    """Train with learning rate 1 from zero weights, passing over the rows in order.

    X: (n, d) floats; y: (n,) labels, each -1 or +1; epochs: at most this many passes.
    Stop early, after the first pass without an update.
    Returns (w, b, updates): weights (d,), bias (a float), and a list with the number
    of updates in each pass that was made.
    """
    # TODO: which examples change the weights, and which weights does the next example see?
    raise NotImplementedError
