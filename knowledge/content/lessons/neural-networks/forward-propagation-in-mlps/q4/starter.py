"""The forward pass of a multilayer perceptron of any depth, in NumPy alone."""

import numpy as np


def count_parameters(sizes):
    """The number of weights and biases of a network, an int.

    sizes: list of ints, the number of inputs followed by the width of each layer.
    """
    # TODO
    raise NotImplementedError


def forward(X, weights, biases):
    """Send the rows of X (n, d) through all layers: ReLU after each layer but the last.

    weights: list of L arrays, one column for each unit; biases: list of L arrays (m,). L is 1 or more.
    Returns (sums, outputs):
    sums: list of the L pre-activations, each (n, m), as they were before any ReLU;
    outputs: list of L + 1 arrays: X, then what each layer passes on; the last is the network's answer.
    Changes none of its arguments.
    """
    # TODO: what does each layer take, and what does it leave behind?
    raise NotImplementedError
