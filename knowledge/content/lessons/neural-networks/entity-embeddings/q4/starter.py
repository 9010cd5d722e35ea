"""What stands around an embedding table: codes for names, lookups, and one training step."""

import numpy as np


def learn_codes(values, at_least=1):
    """{name: code} for the names that occur `at_least` times or more, in sorted order: 1, 2, 3, ...

    values: an array (n,) of texts or integers, from the training rows. Keys are plain Python values.
    """
    # TODO: which code stays free?
    raise NotImplementedError


def encode(values, codes):
    """The integer codes (n,) of an array of names; 0 for a name that has none."""
    # TODO
    raise NotImplementedError


def look_up(tables, codes):
    """The rows of several columns side by side, floats (n, d₁ + d₂ + …).

    tables: a list of arrays (sizeⱼ, dⱼ); codes: integers (n, number of tables), one column for
    each table.
    """
    # TODO
    raise NotImplementedError


def step(table, codes, upstream, rate):
    """The table (size, d) after one step of gradient descent, as a new array.

    codes: (n,), which row each example looked up; upstream: (n, d), the gradient of the loss
    in what it got.
    """
    # TODO: several examples may have looked up the same row.
    raise NotImplementedError
