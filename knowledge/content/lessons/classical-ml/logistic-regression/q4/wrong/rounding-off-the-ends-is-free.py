"""
misconception: rounding-off-the-ends-is-free
fails: [huge-scores-do-no-harm]
"""

import numpy as np


def sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1.0, small) / (1.0 + small)


def log_loss(w, X, y):
    p = np.clip(sigmoid(X @ w), 1e-15, 1 - 1e-15)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def gradient(w, X, y):
    return X.T @ (sigmoid(X @ w) - y) / len(y)


def fit(X, y, rate, steps):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - rate * gradient(w, X, y)
    return w
