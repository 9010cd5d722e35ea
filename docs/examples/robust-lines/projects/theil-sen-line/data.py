"""A seeded lake: it rises by some millimetres an hour, and birds sit on the float."""

from types import SimpleNamespace

import numpy as np


def public(seed, scale):
    x, y, _ = lake(np.random.default_rng(seed), 120, 20)
    np.savetxt("lake.csv", np.column_stack([x, y]), delimiter=",", header="hour,level_cm", comments="")


def hidden(seed, scale):
    rng = np.random.default_rng(seed)
    return SimpleNamespace(lakes=[lake(rng, 80, bad) for bad in (0, 8, 20)])


def lake(rng, hours, bad):
    """Hours, levels, and the true rise an hour."""
    rise = rng.uniform(0.2, 0.6)
    x = np.arange(hours, dtype=float)
    y = 100 + rise * x + rng.normal(scale=0.2, size=hours)
    y[rng.choice(hours, size=bad, replace=False)] -= rng.uniform(200, 900, size=bad)
    return x, y, float(rise)
