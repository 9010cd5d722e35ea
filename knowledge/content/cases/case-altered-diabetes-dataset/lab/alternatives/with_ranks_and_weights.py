import numpy as np

LABEL = "diagnosed_diabetes"


def fit(X, y, weight):
    total = weight.sum()
    center = weight @ X / total
    spread = np.sqrt(weight @ (X - center) ** 2 / total)
    spread[spread == 0] = 1.0
    Z = np.column_stack([np.ones(len(X)), (X - center) / spread])
    beta = np.zeros(Z.shape[1])
    for _ in range(15):
        p = 1 / (1 + np.exp(-np.clip(Z @ beta, -30, 30)))
        slope = Z.T @ (weight * (p - y)) + 1e-3 * beta
        bend = (Z * (weight * p * (1 - p))[:, None]).T @ Z + 1e-3 * np.eye(len(beta))
        beta = beta - np.linalg.solve(bend, slope)
    return center, spread, beta


def score(model, X):
    center, spread, beta = model
    return 1 / (1 + np.exp(-np.clip(beta[0] + (X - center) / spread @ beta[1:], -30, 30)))


def _ranks(values):
    """1, 2, 3, ... in order of size; equal values share the mean of their ranks."""
    different, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[place]


def area(y, values):
    positives = int((y == 1).sum())
    surplus = _ranks(values)[y == 1].sum() - positives * (positives + 1) / 2
    return float(surplus / (positives * (len(y) - positives)))


def _knowing(y, values):
    return 0.5 + abs(area(y, values) - 0.5)


def knows_too_much(table, y, limit):
    return sorted(name for name, column in table.items() if _knowing(y, column) >= limit)


def shift(train, test):
    names = set(train) & set(test) - {"id"}
    side = np.repeat([0, 1], [len(train["id"]), len(test["id"])])
    return {name: _knowing(side, np.concatenate([train[name], test[name]])) for name in names}


def find_cutoff(ids, values):
    rows = sorted(zip(ids.tolist(), values.tolist()))
    whole, n = sum(value for _, value in rows), len(rows)
    best, found, before = -1.0, None, 0.0
    for count in range(1, n):
        before += rows[count - 1][1]
        contrast = count * (n - count) / n * (before / count - (whole - before) / (n - count)) ** 2
        if contrast > best:
            best, found = contrast, rows[count][0]
    return int(found)


def concept_gap(x_head, y_head, x_tail, y_tail, edges):
    bins = len(edges) + 1

    def count(x, y):
        place = np.digitize(x, edges)
        return np.bincount(place, minlength=bins), np.bincount(place, weights=y, minlength=bins)

    (n_head, s_head), (n_tail, s_tail) = count(x_head, y_head), count(x_tail, y_tail)
    both = (n_head > 0) & (n_tail > 0)
    gap = np.abs(s_head[both] / n_head[both] - s_tail[both] / n_tail[both])
    return float(np.average(gap, weights=n_tail[both]))


def forecast(train, test, original):
    """All rows, but the head hardly counts; each half of the tail judges a model without it."""
    told = shift(train, test)
    names = sorted(told)
    cutoff = find_cutoff(train["id"], train[max(names, key=told.get)])
    x, x_first, x_test = (np.array([table[name] for name in names]).T for table in (train, original, test))
    rows = np.vstack([x, x_first])
    y = np.append(train[LABEL], original[LABEL])
    in_tail = train["id"] >= cutoff
    weight = np.append(np.where(in_tail, 16.0, 0.02), np.full(len(x_first), 8.0))
    turn = np.where(in_tail, np.argsort(np.argsort(train["id"])) % 2, 2)
    outside = np.zeros(len(turn))
    for half in (0, 1):
        silent = weight.copy()
        silent[: len(turn)][turn == half] = 0.0
        outside[turn == half] = score(fit(rows, y, silent), x[turn == half])
    claim = area(train[LABEL][in_tail], outside[in_tail])
    return score(fit(rows, y, weight), x_test), claim
