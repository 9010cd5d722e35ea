"""The bias as the weight of a column of ones; losses as small classes of functions; angles for the line."""

import math

import numpy as np


def _widen(X):
    return np.hstack([np.asarray(X, float), np.ones((len(X), 1))])


def predict(X, w, b):
    return 2 * (_widen(X) @ np.append(w, b) > 0).astype(int) - 1


def _epochs(X, y, limit):
    """After each pass the weights, bias last, and the mistakes that the pass met."""
    rows, v = _widen(X) * np.reshape(y, (-1, 1)), np.zeros(X.shape[1] + 1)
    for _ in range(limit):
        count = 0
        for row in rows:
            if v @ row <= 0:
                v = v + row
                count += 1
        yield v, count


def train(X, y, epochs):
    v, counts = np.zeros(X.shape[1] + 1), []
    for v, count in _epochs(X, y, epochs):
        counts.append(count)
        if not count:
            break
    return v[:-1], float(v[-1]), counts


def pocket(X, y, epochs):
    best_v, best = None, len(y) + 1
    for v, _ in _epochs(X, y, epochs):
        wrong = sum(int(label != right) for label, right in zip(predict(X, v[:-1], v[-1]), y))
        if wrong < best:
            best_v, best = v, wrong
        if not best:
            break
    return best_v[:-1], float(best_v[-1]), best


def boundary(w, b, reach):
    angle = math.atan2(w[1], w[0])
    size = math.hypot(*w)
    foot = (-b / size * math.cos(angle), -b / size * math.sin(angle))
    step = (reach * math.cos(angle + math.pi / 2), reach * math.sin(angle + math.pi / 2))
    return np.array([[foot[0] + step[0], foot[1] + step[1]], [foot[0] - step[0], foot[1] - step[1]]])


def label_grid(classify, x1, x2):
    return np.array([classify(np.array([[across, up] for across in x1])) for up in x2])


def plot_boundary(X, y, w, b):
    from matplotlib import pyplot

    axes = pyplot.figure().add_subplot()
    axes.scatter(*X[np.asarray(y) > 0].T, marker="o")
    axes.scatter(*X[np.asarray(y) < 0].T, marker="x")
    far = float(np.abs(X).max()) * 3 + abs(b) / math.hypot(*w)
    axes.plot(*boundary(w, b, far).T)
    axes.set(xlabel="x1", ylabel="x2", xlim=(X[:, 0].min(), X[:, 0].max()), ylim=(X[:, 1].min(), X[:, 1].max()))
    return axes


def activate(name, z):
    if name == "sigmoid":
        return 0.5 * (1 + np.tanh(0.5 * z))
    if name == "tanh":
        return np.tanh(z)
    return np.maximum(z, 0) if name == "relu" else np.maximum(z, 0.01 * z)


def activation_slope(name, z):
    if name in ("sigmoid", "tanh"):
        value = activate(name, z)
        return value * (1 - value) if name == "sigmoid" else (1 - value) * (1 + value)
    floor = 0.0 if name == "relu" else 0.01
    return floor + (1 - floor) * (z > 0)


def softmax(scores):
    rows = []
    for row in scores:
        largest = max(row)
        powers = [math.exp(score - largest) for score in row]
        rows.append([power / sum(powers) for power in powers])
    return np.array(rows)


def _softplus(s):
    return np.maximum(s, 0) + np.log1p(np.exp(-np.abs(s)))


def loss(name, scores, y):
    if name == "log":
        return float(np.mean(_softplus(scores) - scores * y))
    if name == "hinge":
        return float(np.mean(np.clip(1 - (2 * y - 1) * scores, 0, None)))
    return float(np.mean(np.abs(scores - y) ** (2 if name == "squared" else 1)))


def loss_slope(name, scores, y):
    n = len(scores)
    if name == "log":
        return (activate("sigmoid", scores) - y) / n
    if name == "hinge":
        sides = 2 * y - 1
        return -sides * (sides * scores < 1) / n
    return (2 * (scores - y) if name == "squared" else np.sign(scores - y)) / n


def fit(X, y, name, steps, rate):
    rows, v = _widen(X), np.zeros(X.shape[1] + 1)
    curve = [loss(name, rows @ v, y)]
    while len(curve) <= steps:
        v = v - rate * rows.T @ loss_slope(name, rows @ v, y)
        curve.append(loss(name, rows @ v, y))
    return v[:-1], float(v[-1]), curve


def compare(task, train, test, steps, rate):
    def score(name):
        w, b, _ = fit(train[0], train[1], name, steps, rate)
        s = test[0] @ w + b
        if task == "regression":
            return loss("absolute", s, test[1])
        return float(np.mean((s > {"squared": 0.5}.get(name, 0)) == (test[1] > 0.5)))

    names = {"regression": ["absolute", "squared"], "classification": ["hinge", "log", "squared"]}
    return {name: score(name) for name in names[task]}
