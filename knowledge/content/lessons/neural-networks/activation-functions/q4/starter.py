"""One smooth activation with its slope, and a search for dead ReLU units."""

import numpy as np


def swish(z):
    """z · sigmoid(z), elementwise, for a float array of any shape and numbers of any size."""
    # TODO: what does your sigmoid do at z = 1000 and at z = −1000?
    raise NotImplementedError


def swish_slope(z):
    """The derivative of swish at z, elementwise; z is what goes into swish. Any size of z."""
    # TODO
    raise NotImplementedError


def dead_units(X, W, b):
    """The ReLU units of one layer that give 0 for each row of X.

    X: (n, d); W: (d, m), one column for each unit; b: (m,).
    Returns their column numbers as an integer array in increasing order, empty if there is none.
    """
    # TODO
    raise NotImplementedError
