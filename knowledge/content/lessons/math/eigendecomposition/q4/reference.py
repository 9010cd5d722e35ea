"""Repeated multiplication: what it converges to, and how to skip it."""

import numpy as np


def power_iteration(A, x, steps):
    v = x / np.linalg.norm(x)
    for _ in range(steps):
        v = A @ v
        v = v / np.linalg.norm(v)
    return float(v @ A @ v), v


def evolve(A, x, k):
    values, vectors = np.linalg.eig(A)
    return vectors @ (values**k * np.linalg.solve(vectors, x))
