"""Two distributions: a count of successes, and the logarithm of a bell curve."""

import numpy as np


def binomial_chances(n, p):
    """Chances (n + 1,) of 0, 1, …, n successes in n independent tries with chance p each.

    p may be 0 or 1 as well.
    """
    # TODO: how many orders, and what is the chance of one of them?
    raise NotImplementedError


def gaussian_log_density(x, mean, deviation):
    """Natural logarithm of the Gaussian's density at each entry of x, in the shape of x."""
    # TODO: must be finite far away from the mean, too.
    raise NotImplementedError
