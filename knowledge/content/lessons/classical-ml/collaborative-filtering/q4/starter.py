"""Two tools of collaborative filtering: how alike two users are, and one step on two factor vectors."""

import numpy as np


def similarity(a, b):
    """Cosine of the deviations a (n,) and b (n,) over the films that both have rated, as a float.

    a, b: ratings minus the user's own mean, NaN where there is no rating. 0.0 when the two share
    no film, or when one of them has no length there.
    """
    # TODO: which positions count?
    raise NotImplementedError


def step(p, q, error, rate, decay):
    """The pair (p, q) after one step for one known rating; the arrays given stay as they are.

    p, q: factor vectors (k,) of the user and of the film. error: rating minus prediction.
    rate: the learning rate η. decay: the penalty λ.
    """
    # TODO
    raise NotImplementedError
