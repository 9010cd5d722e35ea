"""
misconception: bending-in-place-is-free
fails: [sums-are-kept]
"""

import numpy as np


def count_parameters(sizes):
    return sum((before + 1) * after for before, after in zip(sizes, sizes[1:]))


def forward(X, weights, biases):
    sums, outputs = [], [X]
    for layer, (W, b) in enumerate(zip(weights, biases)):
        z = outputs[-1] @ W + b
        sums.append(z)
        if layer < len(weights) - 1:
            z[z < 0] = 0.0
        outputs.append(z)
    return sums, outputs
