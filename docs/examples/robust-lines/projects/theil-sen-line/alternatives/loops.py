import statistics

import numpy as np


def pairwise_slopes(x, y):
    found = []
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            if x[i] != x[j]:
                found.append((y[j] - y[i]) / (x[j] - x[i]))
    return np.array(sorted(found))


def fit_line(x, y):
    slope = float(statistics.median(pairwise_slopes(x, y).tolist()))
    return slope, float(statistics.median([b - slope * a for a, b in zip(x.tolist(), y.tolist())]))
