"""Three matrix operations on whole arrays, with the points in rows."""

import numpy as np


def affine(X, A, b):
    return X @ A.T + b


def undo(A, b, Y):
    return np.linalg.solve(A, (Y - b).T).T


def weighted_scatter(X, w):
    return X.T @ (w[:, None] * X)
