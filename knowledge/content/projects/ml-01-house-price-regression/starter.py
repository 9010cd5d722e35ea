"""House prices with ridge and lasso of your own. The brief says what each function returns."""

import numpy as np


def profile(columns, price):
    """{column: {"kind", "missing", "distinct", "correlation"}}."""
    # TODO: mind the rows with gaps.
    raise NotImplementedError


def near_copies(columns, limit):
    """Triples (a, b, r) of number columns with |r| >= limit, the largest |r| first."""
    # TODO
    raise NotImplementedError


def impute(train, test):
    """Both tables without gaps."""
    # TODO: what does a gap mean in each of the four columns?
    raise NotImplementedError


def engineer(columns):
    """The columns and HouseAge, SinceRemodel, TotalSF."""
    # TODO
    raise NotImplementedError


def design(train, test):
    """Two float arrays (n, d) and (m, d), scaled by the training columns."""
    # TODO: fill, build, give each category a column, scale.
    raise NotImplementedError


def ridge(X, y, penalty):
    """(w, b) that minimize |y − Xw − b|²/(2n) + penalty/2 · |w|²."""
    # TODO: which of the two does the penalty not touch?
    raise NotImplementedError


def lasso(X, y, penalty):
    """(w, b) that minimize |y − Xw − b|²/(2n) + penalty · Σ|wⱼ|."""
    # TODO: one weight at a time has a formula.
    raise NotImplementedError


def compare(X, y, penalties):
    """{"ridge": {"zeros": [...], "size": [...]}, "lasso": {...}}."""
    # TODO
    raise NotImplementedError


def scores(price, predicted):
    """{"rmse", "mae", "r2"}: floats."""
    # TODO
    raise NotImplementedError


def forecast(train, price, test):
    """Predicted prices in dollars (m,)."""
    # TODO: which scale of the price suits a sum of effects? Which penalty, and who chooses it?
    raise NotImplementedError
