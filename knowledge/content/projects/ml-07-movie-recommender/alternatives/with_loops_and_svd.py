"""The same with plain loops for the neighbors, and an SVD whose gaps are refilled."""

import numpy as np


def rating_matrix(users, films, stars, n_users, n_films):
    R = np.zeros((n_users, n_films)) * np.nan
    last = {(int(u), int(i)): float(r) for u, i, r in zip(users, films, stars)}
    for (u, i), r in last.items():
        R[u, i] = r
    return R


def baseline(R, damping=5.0):
    mean = np.nanmean(R)
    film, user = np.zeros(R.shape[1]), np.zeros(R.shape[0])
    for i in range(R.shape[1]):
        column = R[:, i][~np.isnan(R[:, i])]
        if len(column):
            film[i] = (column - mean).sum() / (len(column) + damping)
    for u in range(R.shape[0]):
        rated = np.flatnonzero(~np.isnan(R[u]))
        if len(rated):
            user[u] = (R[u, rated] - mean - film[rated]).sum() / (len(rated) + damping)
    return mean + np.add.outer(user, film)


def cosine_similarity(D, shrink=0.0):
    n = len(D)
    S = np.zeros((n, n))
    known = ~np.isnan(D)
    for a in range(n):
        for b in range(a + 1):
            both = known[a] & known[b]
            x, y = D[a, both], D[b, both]
            size = np.sqrt((x @ x) * (y @ y))
            if size > 0:
                S[a, b] = S[b, a] = (x @ y) / size * len(x) / (len(x) + shrink)
    return S


def user_based(R, k=20, shrink=10.0):
    B = baseline(R)
    D = R - B
    S = cosine_similarity(D, shrink)
    np.fill_diagonal(S, 0.0)
    known = ~np.isnan(R)
    P = B.copy()
    for u in range(len(R)):
        alike = np.argsort(-S[u], kind="stable")
        alike = alike[S[u, alike] > 0]
        for i in range(R.shape[1]):
            near = alike[known[alike, i]][:k]
            if len(near):
                P[u, i] += S[u, near] @ D[near, i] / S[u, near].sum()
    return P


def item_based(R, k=20, shrink=10.0):
    B = baseline(R)
    D = R - B
    S = cosine_similarity(D.T, shrink)
    np.fill_diagonal(S, 0.0)
    known = ~np.isnan(R)
    P = B.copy()
    for i in range(R.shape[1]):
        alike = np.argsort(-S[i], kind="stable")
        alike = alike[S[i, alike] > 0]
        for u in range(len(R)):
            near = alike[known[u, alike]][:k]
            if len(near):
                P[u, i] += S[i, near] @ D[u, near] / S[i, near].sum()
    return P


def factorize(R, factors=3, seed=0):
    B = baseline(R)
    gaps = np.isnan(R)
    guess = np.zeros(R.shape)
    for _ in range(15):
        full = np.where(gaps, guess, R - B)
        left, sizes, right = np.linalg.svd(full, full_matrices=False)
        kept = np.maximum(sizes[:factors] - 4.0, 0.0)
        guess = (left[:, :factors] * kept) @ right[:factors]
    return B + guess


def rmse(R, P):
    return float(np.sqrt(np.nanmean((R - P) ** 2)))


def recommend(P, R, user, n):
    scores = np.where(np.isnan(R[user]), P[user], -np.inf)
    order = np.argsort(-scores, kind="stable")
    return order[: min(n, int(np.isnan(R[user]).sum()))]


def precision_at_k(P, R_train, R_test, k=10, liked=4.0):
    total, people = 0.0, 0
    for user in range(P.shape[0]):
        favorites = set(np.flatnonzero(R_test[user] >= liked).tolist())
        if favorites:
            people += 1
            total += len(favorites & set(recommend(P, R_train, user, k).tolist())) / k
    return total / people


def compare(R_train, R_test):
    table = {}
    for name, method in (
        ("baseline", baseline), ("user-based", user_based), ("item-based", item_based), ("factorization", factorize),
    ):
        P = method(R_train)
        table[name] = {"rmse": rmse(R_test, P), "precision": precision_at_k(P, R_train, R_test)}
    return table
