"""A film recommender. R: ratings (users, films), NaN for gaps. P: predictions of the same shape, no gaps."""

import numpy as np


def rating_matrix(users, films, stars, n_users, n_films):
    """R (n_users, n_films) from a log; for a pair that occurs twice, the later line counts."""
    # TODO: what stands in a cell that nobody has rated?
    raise NotImplementedError


def baseline(R, damping=5.0):
    """P: overall mean plus damped offsets, first those of the films, then those of the users."""
    # TODO
    raise NotImplementedError


def cosine_similarity(D, shrink=0.0):
    """S (n, n) for the rows of D (n, m) with NaN gaps, over shared columns, times n / (n + shrink)."""
    # TODO: two loops first; can matrix products do it for all pairs?
    raise NotImplementedError


def user_based(R, k=20, shrink=10.0):
    """P by the k most similar users who have rated the film."""
    # TODO
    raise NotImplementedError


def item_based(R, k=20, shrink=10.0):
    """P by the k most similar films that the user has rated."""
    # TODO: how much of user_based can you use again?
    raise NotImplementedError


def factorize(R, factors=3, seed=0):
    """P by `factors` hidden traits of each user and film, fitted to known ratings and kept small."""
    # TODO
    raise NotImplementedError


def rmse(R, P):
    """Root of the mean squared error over the known cells of R, a float."""
    # TODO
    raise NotImplementedError


def recommend(P, R, user, n):
    """Indices of the n best films by P among those that the user has not rated, best first."""
    # TODO
    raise NotImplementedError


def precision_at_k(P, R_train, R_test, k=10, liked=4.0):
    """Mean share of hits among k recommendations, over the users with something to like in R_test."""
    # TODO
    raise NotImplementedError


def compare(R_train, R_test):
    """{"baseline": {"rmse": …, "precision": …}, "user-based": …, "item-based": …, "factorization": …}."""
    # TODO: what may the four methods see?
    raise NotImplementedError
