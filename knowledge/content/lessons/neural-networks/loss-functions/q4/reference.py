"""Three losses for classes, computed from raw scores."""

import numpy as np


def cross_entropy(scores, y):
    largest = scores.max(axis=1)
    totals = largest + np.log(np.exp(scores - largest[:, None]).sum(axis=1))
    return float(np.mean(totals - scores[np.arange(len(y)), y]))


def binary_cross_entropy(scores, y):
    return float(np.mean(np.maximum(scores, 0) - scores * y + np.log1p(np.exp(-np.abs(scores)))))


def hinge(scores, y):
    return float(np.mean(np.maximum(0.0, 1.0 - y * scores)))
