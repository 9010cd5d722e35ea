"""
misconception: softmax-needs-no-shift
fails: [large-scores-do-no-harm]
"""

import numpy as np


def soft_lookup(scores, values):
    powers = np.exp(scores)
    return powers @ values / powers.sum(axis=1, keepdims=True)


def hard_lookup(scores, values):
    return values[np.argmax(scores, axis=1)]


def smooth(x, x_known, y_known, width):
    scores = -np.square(np.subtract.outer(x, x_known)) / (2 * width**2)
    return soft_lookup(scores, y_known[:, None])[:, 0]
