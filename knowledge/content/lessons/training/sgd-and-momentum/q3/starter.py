"""Minibatches, a step with momentum, and a training loop made of both."""

import numpy as np


def minibatches(n, size, rng):
    """The rows of one epoch: a list of integer arrays that together hold 0 … n − 1 once each.

    The order comes fresh from `rng`, a NumPy generator. Every batch has `size` rows but
    the last, which has what is left (and at least one).
    """
    # TODO
    raise NotImplementedError


def momentum_step(w, v, gradient, rate, beta):
    """(new w, new v): v ← beta · v + gradient, then w ← w − rate · v. Arrays of any one shape.

    The arrays that come in keep their values.
    """
    # TODO
    raise NotImplementedError


def train(X, y, rate, beta, size, epochs, seed):
    """The weights (d,) of a linear model y ≈ X w, trained from w = 0 with minibatches and momentum.

    X: (n, d), y: (n,). The loss of a batch is the mean over its rows of ½ (x·w − y)².
    Each epoch deals out all rows anew, with one generator np.random.default_rng(seed) for
    the whole training.
    """
    # TODO: what starts at 0, and when?
    raise NotImplementedError
