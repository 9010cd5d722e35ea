"""Two tools of collaborative filtering: how alike two users are, and one step on two factor vectors."""

import numpy as np


def similarity(a, b):
    both = ~np.isnan(a) & ~np.isnan(b)
    length = np.linalg.norm(a[both]) * np.linalg.norm(b[both])
    return float(a[both] @ b[both] / length) if length > 0 else 0.0


def step(p, q, error, rate, decay):
    return p + rate * (error * q - decay * p), q + rate * (error * p - decay * q)
