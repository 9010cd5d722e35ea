"""
misconception: one-step-ahead-is-enough
fails: [both-sides-are-measured]
"""

import numpy as np


def loss_and_gradients(X, t, W, b, v, c):
    H = np.tanh(X @ W + b)
    miss = H @ v + c - t
    delta = miss / len(t)
    delta_hidden = np.outer(delta, v) * (1.0 - H**2)
    gradients = {
        "W": X.T @ delta_hidden,
        "b": delta_hidden.sum(axis=0),
        "v": H.T @ delta,
        "c": float(delta.sum()),
    }
    return float(0.5 * np.mean(miss**2)), gradients


def numerical_gradient(f, x, step=1e-5):
    point = np.array(x, dtype=float)
    gradient = np.empty(point.shape)
    for place in np.ndindex(point.shape):
        here = point[place]
        point[place] = here + step
        ahead = f(point)
        point[place] = here
        gradient[place] = (ahead - f(point)) / step
    return gradient
