"""Attention as a lookup: soft, hard, and as a way to draw a curve through known points."""

import numpy as np


def soft_lookup(scores, values):
    """For each query the mean of the values, weighted by the softmax of its scores.

    scores: (m, n), one row for each query, one column for each key; they may be as large as
    you like. values: (n, d). Returns (m, d).
    """
    # TODO: which axis holds the weights of one query?
    raise NotImplementedError


def hard_lookup(scores, values):
    """For each query the value with the highest score, (m, d); the first of equal ones."""
    # TODO
    raise NotImplementedError


def smooth(x, x_known, y_known, width):
    """Estimates (m,) of a curve at x (m,), from its known points x_known (n,), y_known (n,).

    A soft lookup in which the score of a known point is −(distance)² / (2 · width²).
    """
    # TODO: what asks, what is asked, and what is handed over?
    raise NotImplementedError
