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


def area(y, values):
    order = np.sort(values[y == 0])
    mine = values[y == 1]
    below = np.searchsorted(order, mine, side="left") + np.searchsorted(order, mine, side="right")
    return float(below.mean() / 2 / len(order))


def knows_too_much(table, y, limit):
    found = []
    for name in sorted(table):
        a = area(y, table[name])
        if a >= limit or a <= 1 - limit:
            found.append(name)
    return found


def shift(train, test):
    found = {}
    for name in train:
        if name in test and name != "id":
            values = np.append(train[name], test[name])
            is_test = np.append(np.zeros(len(train[name])), np.ones(len(test[name])))
            a = area(is_test, values)
            found[name] = max(a, 1 - a)
    return found


def find_cutoff(ids, values):
    order = np.argsort(ids)
    v = values[order] - values.mean()
    n = len(v)
    left = np.arange(1, n)
    gain = np.cumsum(v)[:-1] ** 2 * n / (left * (n - left))
    return int(ids[order][np.argmax(gain) + 1])


def concept_gap(x_head, y_head, x_tail, y_tail, edges):
    head, tail = np.digitize(x_head, edges), np.digitize(x_tail, edges)
    total = weights = 0.0
    for number in np.intersect1d(head, tail):
        here = tail == number
        total += here.sum() * abs(y_head[head == number].mean() - y_tail[here].mean())
        weights += here.sum()
    return float(total / weights)


def _matrix(table, names):
    return np.column_stack([table[name] for name in names])


def forecast(train, test, original):
    told = shift(train, test)
    names = sorted(told)
    cut = find_cutoff(train["id"], train[max(told, key=told.get)])
    tail = train["id"] >= cut
    X, y = _matrix(train, names)[tail], train[LABEL][tail]
    more, sick = _matrix(original, names), original[LABEL]

    def model(rows):
        return fit(np.vstack([X[rows], more]), np.append(y[rows], sick), np.ones(rows.sum() + len(sick)))

    fold = np.argsort(np.argsort(train["id"][tail])) % 5
    outside = np.empty(len(y))
    for number in range(5):
        outside[fold == number] = score(model(fold != number), X[fold == number])
    answers = score(model(np.ones(len(y), dtype=bool)), _matrix(test, names))
    return answers, area(y, outside)
