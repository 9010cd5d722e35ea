"""
misconception: precision-is-recall
fails: [precision-and-recall-ask-different-people]
"""

import numpy as np


def confusion(y, predicted):
    y, predicted = np.asarray(y) == 1, np.asarray(predicted) == 1
    cells = {"tp": y & predicted, "fp": ~y & predicted, "fn": y & ~predicted, "tn": ~y & ~predicted}
    return {name: int(cell.sum()) for name, cell in cells.items()}


def precision_recall_f1(y, predicted):
    n = confusion(y, predicted)

    def share(part, whole):
        return part / whole if whole else 0.0

    return (
        share(n["tp"], n["tp"] + n["fn"]),
        share(n["tp"], n["tp"] + n["fp"]),
        share(2 * n["tp"], 2 * n["tp"] + n["fp"] + n["fn"]),
    )


def auc(y, scores):
    y, scores = np.asarray(y), np.asarray(scores)
    ahead = scores[y == 1][:, None] - scores[y == 0][None, :]
    return float(np.mean((ahead > 0) + 0.5 * (ahead == 0)))


def out_of_fold(fit_score, X, y, fold):
    scores = np.empty(len(y))
    for held_out in np.unique(fold):
        test = fold == held_out
        scores[test] = fit_score(X[~test], y[~test], X[test])
    return scores
