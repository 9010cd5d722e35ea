"""
misconception: a-gap-is-a-zero
fails: [new-rows-get-the-old-ruler]
"""

import numpy as np


def fit_scaler(X):
    center = np.nanmean(X, axis=0)
    scale = np.nanstd(X, axis=0)
    scale[scale == 0] = 1.0
    return center, scale


def prepare(X, center, scale):
    filled = np.nan_to_num(X)
    return np.concatenate([(filled - center) / scale, np.isnan(X).astype(float)], axis=1)


def one_hot(values, known):
    return np.array([[1.0 if value == name else 0.0 for name in known] for value in values])


def target_encode(category, y, fold, m):
    codes = []
    for c, f in zip(category, fold):
        labels = y[fold != f]
        mine = labels[category[fold != f] == c]
        codes.append((mine.sum() + m * labels.mean()) / (len(mine) + m))
    return np.array(codes)
