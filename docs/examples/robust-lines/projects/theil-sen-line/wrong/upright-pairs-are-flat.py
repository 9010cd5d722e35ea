"""
misconception: upright-pairs-are-flat
fails: [equal-x-give-no-slope]
"""

import numpy as np


def pairwise_slopes(x, y):
    first, second = np.triu_indices(len(x), k=1)
    run, rise = x[second] - x[first], y[second] - y[first]
    return np.sort(np.where(run != 0, rise / np.where(run != 0, run, 1), 0.0))


def fit_line(x, y):
    slope = float(np.median(pairwise_slopes(x, y)))
    return slope, float(np.median(y - slope * x))
