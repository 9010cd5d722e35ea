"""Updating beliefs: for a list of hypotheses, and for an unknown rate."""

import numpy as np


def posterior(prior, likelihoods):
    """Chances (k,) of the hypotheses after n independent observations; they add up to 1.

    prior (k,): the chances before. likelihoods (n, k): the chance of each observation
    under each hypothesis. There may be thousands of observations, and zeros in both.
    Under at least one hypothesis with a positive prior all observations are possible.
    """
    # TODO: multiply and normalize. What happens to the product of 2,000 small numbers?
    raise NotImplementedError


def beta_posterior(a, b, outcomes):
    """The pair (a, b) of the Beta posterior after outcomes (n,) of zeros and ones."""
    # TODO
    raise NotImplementedError
