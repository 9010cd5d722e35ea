"""Stairwells with two switches and a lamp: noisy voltages and XOR. There is no real set behind them."""

from types import SimpleNamespace

import numpy as np

ROWS = {"proof": 200, "small": 300, "full": 300}
TEST_ROWS = 300
SCATTER = 0.2


def public(seed, scale):
    """stairwell.csv: 300 readings, downstairs_volts, upstairs_volts, lamp."""
    X, y = readings(np.random.default_rng(seed), 300)
    header = "downstairs_volts,upstairs_volts,lamp"
    table = np.column_stack([X, y])
    np.savetxt("stairwell.csv", table, delimiter=",", header=header, comments="", fmt=["%.4f", "%.4f", "%d"])


def hidden(seed, scale):
    rng = np.random.default_rng(seed)
    stairwells = []
    for flip in (0, 1):
        X, y = readings(rng, ROWS[scale] + TEST_ROWS)
        angle = rng.uniform(0, 2 * np.pi)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        X, y = (X - 0.5) @ turn + 0.5, np.abs(flip - y)
        count = ROWS[scale]
        stairwells.append(SimpleNamespace(train=(X[:count], y[:count]), test=(X[count:], y[count:])))
    return SimpleNamespace(stairwells=stairwells)


def readings(rng, n):
    """Voltages (n, 2) of two switches, and the lamp (n,)."""
    switches = rng.integers(0, 2, size=(n, 2))
    return switches + rng.normal(scale=SCATTER, size=(n, 2)), switches[:, 0] ^ switches[:, 1]


def real():
    """The truth table itself: X (4, 2) and y (4,). XOR has no data set beyond it."""
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return X, np.array([0, 1, 1, 0])
