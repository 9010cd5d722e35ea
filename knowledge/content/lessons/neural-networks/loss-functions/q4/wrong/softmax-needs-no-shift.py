"""
misconception: softmax-needs-no-shift
fails: [any-size-is-right]
"""

import numpy as np


def cross_entropy(scores, y):
    powers = np.exp(scores)
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    return float(-np.log(probabilities[np.arange(len(y)), y]).mean())


def binary_cross_entropy(scores, y):
    p = 1 / (1 + np.exp(-scores))
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def hinge(scores, y):
    return float(np.maximum(0, 1 - y * scores).mean())
