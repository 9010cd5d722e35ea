"""
misconception: the-output-needs-relu-too
fails: [answer-is-not-bent]
"""

import numpy as np


def count_parameters(sizes):
    return sum((before + 1) * after for before, after in zip(sizes, sizes[1:]))


def forward(X, weights, biases):
    sums, outputs = [], [X]
    for W, b in zip(weights, biases):
        z = outputs[-1] @ W + b
        sums.append(z)
        outputs.append(np.maximum(0, z))
    return sums, outputs
