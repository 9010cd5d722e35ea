"""
misconception: eigenvectors-are-rows
fails: [pupils-have-one-direction]
"""

import numpy as np


def fit(X, k):
    mean = X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(X.T))
    order = np.argsort(values)[::-1][:k]
    return mean, vectors[order], values[order]


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
    center, deviation = X_train.mean(axis=0), X_train.std(axis=0)
    deviation = np.where(deviation == 0, 1.0, deviation)
    train, new = (X_train - center) / deviation, (X_new - center) / deviation
    mean, components, _ = fit(train, k)
    rebuilt = inverse_transform(transform(new, mean, components), mean, components)
    return ((new - rebuilt) ** 2).sum(axis=1)
