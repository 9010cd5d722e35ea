"""
misconception: pca-ignores-units
fails: [faults-are-ranked-first]
"""

import numpy as np


def fit(X, k):
    mean = X.mean(axis=0)
    _, s, Vt = np.linalg.svd(X - mean, full_matrices=False)
    return mean, Vt[:k], s[:k] ** 2 / (len(X) - 1)


def transform(X, mean, components):
    return (X - mean) @ components.T


def inverse_transform(Z, mean, components):
    return mean + Z @ components


def explained_shares(X):
    _, _, variances = fit(X, X.shape[1])
    return variances / variances.sum()


def components_needed(X, share):
    reached = np.cumsum(explained_shares(X)) >= share
    return int(np.argmax(reached)) + 1


def whiten(X_train, X_new, k):
    mean, components, variances = fit(X_train, k)
    return transform(X_new, mean, components) / np.sqrt(variances)


def anomaly_scores(X_train, X_new, k):
    mean, components, _ = fit(X_train, k)
    rebuilt = inverse_transform(transform(X_new, mean, components), mean, components)
    return ((X_new - rebuilt) ** 2).sum(axis=1)
