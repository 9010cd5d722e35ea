"""Rows rebuilt from few principal components, and how many of them it takes."""

import numpy as np


def decompose(X):
    mean = X.mean(axis=0)
    _, s, Vt = np.linalg.svd(X - mean, full_matrices=False)
    return mean, s, Vt


def reconstruct(X, k):
    mean, _, Vt = decompose(X)
    return mean + (X - mean) @ Vt[:k].T @ Vt[:k]


def components_needed(X, share):
    _, s, _ = decompose(X)
    explained = np.cumsum(s**2) / np.sum(s**2)
    return int(np.searchsorted(explained, share)) + 1
