"""By the eigenvectors of the covariance matrix; small functions, explicit loops where they read well."""

import numpy as np


def spectrum(X):
    centered = X - X.mean(axis=0)
    covariance = centered.T @ centered / (X.shape[0] - 1)
    values, vectors = np.linalg.eigh(covariance)
    order = np.argsort(values)[::-1]
    return np.clip(values[order], 0, None), vectors[:, order].T


def fit(X, k):
    values, directions = spectrum(X)
    return np.mean(X, axis=0), directions[:k], values[:k]


def transform(X, mean, components):
    return np.array([[float((row - mean) @ u) for u in components] for row in X])


def inverse_transform(Z, mean, components):
    return np.array([mean + sum(z * u for z, u in zip(row, components)) for row in Z])


def explained_shares(X):
    values, _ = spectrum(X)
    return values / np.trace(np.cov(X, rowvar=False).reshape(X.shape[1], X.shape[1]))


def components_needed(X, share):
    total = 0.0
    for count, part in enumerate(explained_shares(X), start=1):
        total += part
        if total >= share:
            return count
    return X.shape[1]


def whiten(X_train, X_new, k):
    mean, components, _ = fit(X_train, k)
    own = transform(X_train, mean, components)
    return transform(X_new, mean, components) / own.std(axis=0, ddof=1)


def anomaly_scores(X_train, X_new, k):
    spread = X_train.std(axis=0, ddof=1)
    spread[spread == 0] = 1.0
    mean, components, _ = fit(X_train / spread, k)
    missing = X_new / spread - mean
    missing = missing - missing @ components.T @ components
    return np.linalg.norm(missing, axis=1)
