"""
misconception: ties-are-wins
fails: [equal-scores-count-one-half]
"""

import numpy as np


def confusion(y, guess):
    return np.array([[np.sum((y == a) & (guess == b)) for b in (0, 1)] for a in (0, 1)])


def roc_auc(y, score):
    return float((score[y == 1][:, None] >= score[y == 0]).mean())


def out_of_fold(train_and_score, X, y, fold):
    scores = np.zeros(len(y))
    for number in np.unique(fold):
        out = fold == number
        scores[out] = train_and_score(X[~out], y[~out], X[out])
    return scores
