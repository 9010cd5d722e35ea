"""Logistic regression by gradient descent. NumPy alone."""

import numpy as np


def sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1.0, small) / (1.0 + small)


def log_loss(w, X, y):
    z = X @ w
    return float(np.mean(np.logaddexp(0.0, z) - y * z))


def gradient(w, X, y):
    return X.T @ (sigmoid(X @ w) - y) / len(y)


def fit(X, y, rate, steps):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - rate * gradient(w, X, y)
    return w
