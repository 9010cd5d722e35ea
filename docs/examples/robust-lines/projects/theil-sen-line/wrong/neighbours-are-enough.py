"""
misconception: neighbours-are-enough
fails: [slopes-of-all-pairs]
"""

import numpy as np


def pairwise_slopes(x, y):
    run, rise = np.diff(x), np.diff(y)
    return np.sort(rise[run != 0] / run[run != 0])


def fit_line(x, y):
    slope = float(np.median(pairwise_slopes(x, y)))
    return slope, float(np.median(y - slope * x))
