"""
misconception: large-numbers-matter-more
fails: [predictions-agree]
"""

import numpy as np


def distances(A, B):
    return np.sqrt(((A[:, None, :] - B[None, :, :]) ** 2).sum(axis=2))


def standardize(X_train, X_test):
    mean, deviation = X_train.mean(axis=0), X_train.std(axis=0)
    deviation[deviation == 0] = 1.0
    return (X_train - mean) / deviation, (X_test - mean) / deviation


def vote(labels, dists):
    counts = {}
    for label in labels:
        counts[int(label)] = counts.get(int(label), 0) + 1
    most = max(counts.values())
    return next(int(label) for label in labels if counts[int(label)] == most)


def predict(X_train, y_train, X_test, k):
    answers = []
    for row in distances(X_test, X_train):
        nearest = np.argsort(row, kind="stable")[:k]
        answers.append(vote(y_train[nearest], row[nearest]))
    return np.array(answers)


def cross_validate(X, y, k, fold):
    scores = []
    for held_out in np.unique(fold):
        test = fold == held_out
        answers = predict(X[~test], y[~test], X[test], k)
        scores.append(np.mean(answers == y[test]))
    return float(np.mean(scores))
