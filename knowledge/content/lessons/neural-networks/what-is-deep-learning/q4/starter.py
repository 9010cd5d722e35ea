"""A network as a list of layers."""

import numpy as np


def forward(x, layers):
    """Outputs of the last layer for a batch.

    x: (n, d) inputs, one a row; layers: a list of pairs (W, b) with W of shape
    (outputs, inputs) and b of shape (outputs,). ReLU, max(0, z), follows every layer
    but the last. Returns an array of shape (n, outputs of the last layer).
    """
    # TODO: what happens to a row of x in one layer?
    raise NotImplementedError
