"""k-nearest neighbors from scratch. Fill in the functions; the brief says what each returns."""

import numpy as np


def distances(A, B):
    """Euclidean distances between the rows of A (n, d) and of B (m, d): shape (n, m)."""
    # TODO: can you do it without two loops over the rows?
    raise NotImplementedError


def standardize(X_train, X_test):
    """Both arrays with each column shifted and scaled. Whose mean, whose deviation?"""
    # TODO
    raise NotImplementedError


def vote(labels, dists):
    """The winning label among k neighbors, nearest first. Mind the ties."""
    # TODO
    raise NotImplementedError


def predict(X_train, y_train, X_test, k):
    """Labels (m,) for the rows of X_test."""
    # TODO: standardize, measure, take the k nearest of each test row, vote.
    raise NotImplementedError


def cross_validate(X, y, k, fold):
    """Mean accuracy over the folds; fold (n,) names the fold that holds each row out."""
    # TODO
    raise NotImplementedError
