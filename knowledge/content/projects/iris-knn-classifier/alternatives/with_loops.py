"""The same, row by row with plain loops and a Counter."""

import math
from collections import Counter

import numpy as np


def distances(A, B):
    return np.array([[math.dist(a, b) for b in B] for a in A]).reshape(len(A), len(B))


def standardize(X_train, X_test):
    columns = []
    for j in range(X_train.shape[1]):
        mean, deviation = np.mean(X_train[:, j]), np.std(X_train[:, j])
        columns.append((mean, deviation if deviation > 0 else 1.0))

    def scale(X):
        return np.column_stack([(X[:, j] - m) / s for j, (m, s) in enumerate(columns)])

    return scale(X_train), scale(X_test)


def vote(labels, dists):
    counts = Counter(int(label) for label in labels)
    most = max(counts.values())
    ranked = sorted(zip(dists, (int(label) for label in labels)))
    return next(label for _, label in ranked if counts[label] == most)


def predict(X_train, y_train, X_test, k):
    train, test = standardize(X_train, X_test)
    answers = []
    for row in distances(test, train):
        order = sorted(range(len(row)), key=row.__getitem__)[:k]
        answers.append(vote([y_train[i] for i in order], [row[i] for i in order]))
    return np.array(answers)


def cross_validate(X, y, k, fold):
    scores = []
    for held_out in sorted(set(fold.tolist())):
        inside = np.array([f == held_out for f in fold])
        answers = predict(X[~inside], y[~inside], X[inside], k)
        scores.append(sum(a == b for a, b in zip(answers, y[inside])) / inside.sum())
    return sum(scores) / len(scores)
