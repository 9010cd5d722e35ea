"""Three losses for classes, computed from raw scores."""

import numpy as np


def cross_entropy(scores, y):
    """Mean of −log softmax(scores)[right class] over the rows, a float; natural logarithm.

    scores: (n, k) floats of any size; y: (n,) integers 0 … k − 1.
    """
    # TODO: what would np.exp do to a score of 1000?
    raise NotImplementedError


def binary_cross_entropy(scores, y):
    """Mean binary cross-entropy of sigmoid(scores), a float; natural logarithm.

    scores: (n,) floats of any size; y: (n,) integers, 1 for yes and 0 for no.
    """
    # TODO
    raise NotImplementedError


def hinge(scores, y):
    """Mean hinge loss, a float. scores: (n,) floats; y: (n,) integers, each −1 or +1."""
    # TODO
    raise NotImplementedError
