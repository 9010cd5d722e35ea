"""Two distributions: a count of successes, and the logarithm of a bell curve."""

import math

import numpy as np


def binomial_chances(n, p):
    return np.array([math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)])


def gaussian_log_density(x, mean, deviation):
    z = (np.asarray(x, float) - mean) / deviation
    return -0.5 * z**2 - math.log(deviation) - 0.5 * math.log(2 * math.pi)
