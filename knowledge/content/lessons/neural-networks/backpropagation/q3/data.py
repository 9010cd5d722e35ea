"""A few rows and a network that is neither saturated nor symmetric."""

from types import SimpleNamespace

import numpy as np


def hidden(seed, scale):
    rng = np.random.default_rng(seed)
    n, d, h = 7, 3, 4
    return SimpleNamespace(
        X=rng.normal(size=(n, d)),
        t=rng.normal(size=n),
        W=rng.normal(size=(d, h)),
        b=rng.normal(size=h),
        v=rng.normal(size=h) + np.sign(rng.normal(size=h)),
        c=float(rng.normal()),
    )
