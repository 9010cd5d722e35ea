"""Scaling with gaps, one-hot columns with new names, target codes without the own label."""

import numpy as np


def fit_scaler(X):
    """(center, scale), arrays (d,): mean and standard deviation of the known values of each column.

    X: floats (n, d) with NaN for gaps. The deviation divides by the number of known values; where
    it is 0, the scale is 1.
    """
    # TODO
    raise NotImplementedError


def prepare(X, center, scale):
    """Floats (n, 2 d): the scaled columns with gaps filled by the center, then an indicator for each.

    center, scale: what fit_scaler learned from the training rows; X may be one new row.
    An indicator is 1.0 where the value was missing, else 0.0.
    """
    # TODO: what is the scaled value of the center?
    raise NotImplementedError


def one_hot(values, known):
    """Floats (n, len(known)): 1.0 in the column of the row's value, a row of zeros for any other value.

    values: sequence of texts; known: list of texts, which fixes the order of the columns.
    """
    # TODO
    raise NotImplementedError


def target_encode(category, y, fold, m):
    """Codes (n,): for each row the smoothed mean label of its category, from the rows of the other folds.

    category: integers (n,); y: floats (n,); fold: the fold of each row (n,); m: how many labels
    the overall mean (of the other folds) counts for.
    """
    # TODO: which rows may speak for the rows of a fold?
    raise NotImplementedError
