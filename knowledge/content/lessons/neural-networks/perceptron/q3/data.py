"""Two clouds with a gap between them, so that a separating line exists."""

from types import SimpleNamespace

import numpy as np


def hidden(seed, scale):
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=3)
    direction /= np.linalg.norm(direction)
    X = rng.normal(size=(60, 3)) + rng.normal(size=3)
    signed = (X - X.mean(axis=0)) @ direction
    keep = np.abs(signed) > 0.3
    return SimpleNamespace(X=X[keep], y=np.where(signed[keep] > 0, 1, -1))
