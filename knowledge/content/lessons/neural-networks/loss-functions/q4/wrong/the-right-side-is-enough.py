"""
misconception: the-right-side-is-enough
fails: [hinge-asks-for-a-margin]
"""

import numpy as np


def cross_entropy(scores, y):
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(y)), y].mean())


def binary_cross_entropy(scores, y):
    return float(np.mean(np.logaddexp(0, scores) - scores * y))


def hinge(scores, y):
    return float(np.maximum(0, -y * scores).mean())
