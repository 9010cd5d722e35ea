"""Repeated multiplication: what it converges to, and how to skip it."""

import numpy as np


def power_iteration(A, x, steps):
    """The dominant eigenvalue of A (d, d) and its eigenvector (d,) of length 1, found from x (d,).

    Multiply by A `steps` times. The eigenvalue may be negative; the numbers must never overflow.
    Returns (value, vector), the value as a float.
    """
    # TODO
    raise NotImplementedError


def evolve(A, x, k):
    """Aᵏx as a real array (d,), for any real k >= 0, by way of the eigenvectors.

    A (d, d) need not be symmetric; its eigenvalues are real, positive and all different.
    """
    # TODO: which coordinates make A a set of separate stretches?
    raise NotImplementedError
