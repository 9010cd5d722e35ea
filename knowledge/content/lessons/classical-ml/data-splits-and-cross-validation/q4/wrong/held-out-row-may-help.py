"""
misconception: held-out-row-may-help
fails: [rows-are-scored-from-outside]
"""

import numpy as np


def confusion(y, guess):
    return np.array([[np.sum((y == a) & (guess == b)) for b in (0, 1)] for a in (0, 1)])


def roc_auc(y, score):
    above = score[y == 1][:, None] > score[y == 0]
    equal = score[y == 1][:, None] == score[y == 0]
    return float((above + 0.5 * equal).mean())


def out_of_fold(train_and_score, X, y, fold):
    scores = np.zeros(len(y))
    for number in np.unique(fold):
        scores[fold == number] = train_and_score(X, y, X[fold == number])
    return scores
