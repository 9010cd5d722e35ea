"""
misconception: rows-may-keep-their-order
fails: [epochs-differ]
"""

import numpy as np


def minibatches(n, size, rng):
    order = np.arange(n)
    return [order[start : start + size] for start in range(0, n, size)]


def momentum_step(w, v, gradient, rate, beta):
    v = beta * v + gradient
    return w - rate * v, v


def train(X, y, rate, beta, size, epochs, seed):
    rng = np.random.default_rng(seed)
    w, v = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for _ in range(epochs):
        for rows in minibatches(len(X), size, rng):
            gradient = X[rows].T @ (X[rows] @ w - y[rows]) / len(rows)
            w, v = momentum_step(w, v, gradient, rate, beta)
    return w
