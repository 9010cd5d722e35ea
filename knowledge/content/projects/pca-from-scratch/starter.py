"""Principal component analysis from scratch. The brief says what each function returns."""

import numpy as np


def fit(X, k):
    """(mean (d,), components (k, d) as rows, variances (k,), largest first)."""
    # TODO: eigenvectors of a covariance matrix, or a singular value decomposition?
    raise NotImplementedError


def transform(X, mean, components):
    """Scores (m, k) of the rows of X (m, d)."""
    # TODO: whose mean?
    raise NotImplementedError


def inverse_transform(Z, mean, components):
    """Rows (m, d) rebuilt from the scores Z (m, k)."""
    # TODO
    raise NotImplementedError


def explained_shares(X):
    """Share of the total variance along each component, largest first (d,)."""
    # TODO
    raise NotImplementedError


def components_needed(X, share):
    """The smallest number of components that explain at least `share`: an int."""
    # TODO
    raise NotImplementedError


def whiten(X_train, X_new, k):
    """Scores (m, k) of X_new in units of the standard deviations of the training scores."""
    # TODO
    raise NotImplementedError


def anomaly_scores(X_train, X_new, k):
    """How badly each row of X_new is rebuilt from k components of X_train (m,)."""
    # TODO: first bring the sensors to one scale, the same for all rows.
    raise NotImplementedError
