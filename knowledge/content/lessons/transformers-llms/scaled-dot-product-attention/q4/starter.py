"""Scaled dot-product attention with masks, for any number of leading axes. NumPy alone."""

import numpy as np


def attention(Q, K, V, mask=None):
    """Outputs (..., n, e) and weights (..., n, m), as a tuple.

    Q: (..., n, d) queries; K: (..., m, d) keys; V: (..., m, e) values.
    mask: None, or booleans that stretch to (..., n, m): True where the query may see the key.
    A query that may see no key gets weights and an output of zeros. Scores may be large.
    """
    # TODO: scores, scaling, mask, softmax over the keys, mixture. In which order?
    raise NotImplementedError


def causal_mask(n):
    """Booleans (n, n): position i may look at the positions 0 to i, and at none after it."""
    # TODO
    raise NotImplementedError
