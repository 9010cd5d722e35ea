"""Updating beliefs: for a list of hypotheses, and for an unknown rate."""

import numpy as np


def posterior(prior, likelihoods):
    with np.errstate(divide="ignore"):
        logs = np.log(prior) + np.log(likelihoods).sum(axis=0)
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def beta_posterior(a, b, outcomes):
    successes = int(np.sum(outcomes))
    return a + successes, b + len(outcomes) - successes
