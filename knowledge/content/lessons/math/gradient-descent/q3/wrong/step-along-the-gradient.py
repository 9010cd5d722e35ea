"""
misconception: step-along-the-gradient
fails: [path-is-right, first-steps-of-the-fit]
"""

import numpy as np


def descend(gradient, start, rate, steps, tolerance=0.0):
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        slope = np.asarray(gradient(path[-1].copy()))
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] + rate * slope)
    return np.array(path)


def fit_line(X, y, rate, steps):
    wide = np.column_stack([X, np.ones(len(X))])

    def slopes(weights):
        return 2.0 * wide.T @ (wide @ weights - y) / len(y)

    final = descend(slopes, np.zeros(wide.shape[1]), rate, steps)[-1]
    return final[:-1], float(final[-1])
