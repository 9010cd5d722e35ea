"""
misconception: appending-keeps-todays-values
fails: [path-is-right]
"""

import numpy as np


def descend(gradient, start, rate, steps, tolerance=0.0):
    point = np.array(start, dtype=float)
    path = [point]
    for _ in range(steps):
        slope = np.asarray(gradient(point.copy()))
        if np.linalg.norm(slope) <= tolerance:
            break
        point -= rate * slope
        path.append(point)
    return np.array(path)


def fit_line(X, y, rate, steps):
    wide = np.column_stack([X, np.ones(len(X))])

    def slopes(weights):
        return 2.0 * wide.T @ (wide @ weights - y) / len(y)

    final = descend(slopes, np.zeros(wide.shape[1]), rate, steps)[-1]
    return final[:-1], float(final[-1])
