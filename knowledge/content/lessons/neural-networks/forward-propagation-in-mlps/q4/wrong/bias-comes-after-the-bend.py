"""
misconception: bias-comes-after-the-bend
fails: [hidden-layer-is-bent]
"""

import numpy as np


def count_parameters(sizes):
    return sum((before + 1) * after for before, after in zip(sizes, sizes[1:]))


def forward(X, weights, biases):
    sums, outputs = [], [X]
    for layer, (W, b) in enumerate(zip(weights, biases)):
        z = outputs[-1] @ W
        sums.append(z + b)
        outputs.append(np.maximum(0, z) + b if layer < len(weights) - 1 else z + b)
    return sums, outputs
