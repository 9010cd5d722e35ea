"""
misconception: index-is-a-count
fails: [count-is-the-smallest]
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
    return int(np.argmax(reached))


def whiten(X_train, X_new, k):
    mean, components, variances = fit(X_train, k)
    return transform(X_new, mean, components) / np.sqrt(variances)


def anomaly_scores(X_train, X_new, k):
    center, deviation = X_train.mean(axis=0), X_train.std(axis=0)
    deviation = np.where(deviation == 0, 1.0, deviation)
    train, new = (X_train - center) / deviation, (X_new - center) / deviation
    mean, components, _ = fit(train, k)
    rebuilt = inverse_transform(transform(new, mean, components), mean, components)
    return ((new - rebuilt) ** 2).sum(axis=1)
