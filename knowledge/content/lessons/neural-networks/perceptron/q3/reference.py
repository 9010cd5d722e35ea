"""A perceptron from scratch, in NumPy alone."""

import numpy as np


def predict(X, w, b):
    return np.where(np.asarray(X) @ w + b > 0, 1, -1)


def train(X, y, epochs):
    w, b, updates = np.zeros(np.shape(X)[1]), 0.0, []
    for _ in range(epochs):
        made = 0
        for row, label in zip(X, y):
            if label * (w @ row + b) <= 0:
                w = w + label * row
                b = b + float(label)
                made += 1
        updates.append(made)
        if made == 0:
            break
    return w, b, updates
