"""A network as a list of layers."""

import numpy as np


def forward(x, layers):
    *hidden, (W_out, b_out) = layers
    for W, b in hidden:
        x = np.maximum(x @ W.T + b, 0.0)
    return x @ W_out.T + b_out
