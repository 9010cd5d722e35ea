"""TODO: what the data are, and which difficulties of the real set they keep."""

from types import SimpleNamespace

import numpy as np


def public(seed, scale):
    """Write into the current folder what the learner gets."""


def hidden(seed, scale):
    """What the checks draw on; it never leaves the judge."""
    return SimpleNamespace(rng=np.random.default_rng(seed))


def real():
    """Load the real data set, for those with a network. TODO"""
    raise NotImplementedError
