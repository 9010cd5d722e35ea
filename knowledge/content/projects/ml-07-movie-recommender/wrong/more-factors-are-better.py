"""
misconception: more-factors-are-better
fails: [many-factors-do-no-harm]
"""

import numpy as np


def rating_matrix(users, films, stars, n_users, n_films):
    R = np.full((n_users, n_films), np.nan)
    for user, film, rating in zip(users, films, stars):
        R[user, film] = rating
    return R


def baseline(R, damping=5.0):
    known = ~np.isnan(R)
    mean = R[known].mean()
    left = np.where(known, R - mean, 0.0)
    film = left.sum(axis=0) / np.maximum(known.sum(axis=0) + damping, 1e-12)
    left = np.where(known, left - film, 0.0)
    user = left.sum(axis=1) / np.maximum(known.sum(axis=1) + damping, 1e-12)
    return mean + user[:, None] + film


def cosine_similarity(D, shrink=0.0):
    known = (~np.isnan(D)).astype(float)
    filled = np.where(known > 0, D, 0.0)
    shared = known @ known.T
    squares = filled**2 @ known.T
    lengths = np.sqrt(squares * squares.T)
    good = (shared > 0) & (lengths > 0)
    cosine = filled @ filled.T / np.where(good, lengths, 1.0)
    return np.where(good, cosine * shared / np.where(good, shared + shrink, 1.0), 0.0)


def neighbors(B, D, S, k):
    """Predictions for all cells from the rows most similar to each row."""
    P = B.copy()
    positive = np.maximum(S, 0.0)
    np.fill_diagonal(positive, 0.0)
    for i in range(D.shape[1]):
        raters = np.flatnonzero(~np.isnan(D[:, i]))
        weights = positive[:, raters]
        if len(raters) > k:
            order = np.argsort(-weights, axis=1, kind="stable")
            np.put_along_axis(weights, order[:, k:], 0.0, axis=1)
        total = weights.sum(axis=1)
        some = total > 0
        P[some, i] += weights[some] @ D[raters, i] / total[some]
    return P


def user_based(R, k=20, shrink=10.0):
    B = baseline(R)
    return neighbors(B, R - B, cosine_similarity(R - B, shrink), k)


def item_based(R, k=20, shrink=10.0):
    B = baseline(R)
    D = (R - B).T
    return neighbors(B.T, D, cosine_similarity(D, shrink), k).T


def factorize(R, factors=3, seed=0):
    B = baseline(R)
    rng = np.random.default_rng(seed)
    p, q = rng.normal(scale=0.1, size=(R.shape[0], factors)), rng.normal(scale=0.1, size=(R.shape[1], factors))
    for _ in range(300):
        error = np.nan_to_num(R - B - p @ q.T)
        p, q = p + 0.01 * error @ q, q + 0.01 * error.T @ p
    return B + p @ q.T


def rmse(R, P):
    known = ~np.isnan(R)
    return float(np.sqrt(np.mean((R - P)[known] ** 2)))


def recommend(P, R, user, n):
    unseen = np.flatnonzero(np.isnan(R[user]))
    return unseen[np.argsort(-P[user, unseen], kind="stable")[:n]]


def precision_at_k(P, R_train, R_test, k=10, liked=4.0):
    shares = []
    for user in range(len(P)):
        good = R_test[user] >= liked
        if good.any():
            shares.append(good[recommend(P, R_train, user, k)].sum() / k)
    return float(np.mean(shares))


def compare(R_train, R_test):
    predictions = {
        "baseline": baseline(R_train),
        "user-based": user_based(R_train),
        "item-based": item_based(R_train),
        "factorization": factorize(R_train),
    }
    return {
        name: {"rmse": rmse(R_test, P), "precision": precision_at_k(P, R_train, R_test)}
        for name, P in predictions.items()
    }
