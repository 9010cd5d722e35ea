"""Rows rebuilt from few principal components, and how many of them it takes."""

import numpy as np


def reconstruct(X, k):
    """The rows of X (n, d) rebuilt from their first k principal components: shape (n, d)."""
    # TODO: the components are directions around the mean
    raise NotImplementedError


def components_needed(X, share):
    """The smallest number of components that explain at least `share` (0 < share < 1) of the variance: an int."""
    # TODO
    raise NotImplementedError
