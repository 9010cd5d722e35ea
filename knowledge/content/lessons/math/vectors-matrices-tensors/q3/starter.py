"""Spans, and linear maps known only by examples."""

import numpy as np


def in_span(V, t):
    """Whether t (d,) is a linear combination of the rows of V (k, d): a bool.

    Allow for rounding: entries are of ordinary size, and 1e-8 counts as zero.
    """
    # TODO: what would adding t to the rows change?
    raise NotImplementedError


def recover_map(X, Y):
    """The matrix A (m, d) of the linear map that sends each row of X (n, d) to that row of Y (n, m).

    n is at least d and the rows of X span the whole space, so there is exactly one.
    """
    # TODO: write all the equations as one
    raise NotImplementedError
