"""
misconception: selection-is-not-training
fails: [columns-are-chosen-inside]
"""

import numpy as np


def column_areas(X, y):
    above = X[y == 1][:, None] > X[y == 0]
    equal = X[y == 1][:, None] == X[y == 0]
    area = (above + 0.5 * equal).mean(axis=(0, 1))
    return np.maximum(area, 1 - area)


def suspects(X, y, limit):
    area = column_areas(X, y)
    return np.array([c for c in np.argsort(-area) if area[c] >= limit], dtype=int)


def shared_rows(A, B):
    known = set(map(tuple, A))
    return sum(1 for row in B if tuple(row) in known)


def selected_score(X, y, fold, k):
    r = np.array([abs(np.corrcoef(column, y)[0, 1]) for column in X.T])
    X = X[:, np.argsort(-r)[:k]]
    right = 0
    for f in np.unique(fold):
        train, test = fold != f, fold == f
        m0, m1 = X[train & (y == 0)].mean(axis=0), X[train & (y == 1)].mean(axis=0)
        guess = np.linalg.norm(X[test] - m1, axis=1) < np.linalg.norm(X[test] - m0, axis=1)
        right += (guess == y[test]).sum()
    return float(right / len(y))
