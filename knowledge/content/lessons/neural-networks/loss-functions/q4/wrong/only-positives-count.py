"""
misconception: only-positives-count
fails: [yes-and-no-both-count]
"""

import numpy as np


def cross_entropy(scores, y):
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(y)), y].mean())


def binary_cross_entropy(scores, y):
    p = 1 / (1 + np.exp(-scores))
    return float(-np.mean(y * np.log(p)))


def hinge(scores, y):
    return float(np.maximum(0, 1 - y * scores).mean())
