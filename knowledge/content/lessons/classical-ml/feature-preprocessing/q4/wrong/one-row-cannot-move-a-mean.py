"""
misconception: one-row-cannot-move-a-mean
fails: [code-is-a-smoothed-mean]
"""

import numpy as np


def fit_scaler(X):
    center = np.nanmean(X, axis=0)
    scale = np.nanstd(X, axis=0)
    scale[scale == 0] = 1.0
    return center, scale


def prepare(X, center, scale):
    Z = (X - center) / scale
    return np.concatenate([np.nan_to_num(Z), np.isnan(X).astype(float)], axis=1)


def one_hot(values, known):
    return np.array([[1.0 if value == name else 0.0 for name in known] for value in values])


def target_encode(category, y, fold, m):
    total = {c: y[category == c].sum() for c in np.unique(category)}
    count = {c: (category == c).sum() for c in np.unique(category)}
    return np.array([(total[c] + m * y.mean()) / (count[c] + m) for c in category])
