"""
misconception: mean-of-the-slopes
fails: [slope-is-the-middle]
"""

import numpy as np


def pairwise_slopes(x, y):
    first, second = np.triu_indices(len(x), k=1)
    run, rise = x[second] - x[first], y[second] - y[first]
    return np.sort(rise[run != 0] / run[run != 0])


def fit_line(x, y):
    slope = float(np.mean(pairwise_slopes(x, y)))
    return slope, float(np.median(y - slope * x))
