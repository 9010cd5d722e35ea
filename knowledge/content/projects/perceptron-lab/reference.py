import numpy as np


def predict(X, w, b):
    return np.where(X @ w + b > 0, 1, -1)


def _one_pass(X, y, w, b):
    made = 0
    for row, label in zip(X, y):
        if label * (row @ w + b) <= 0:
            w, b, made = w + label * row, b + float(label), made + 1
    return w, b, made


def train(X, y, epochs):
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    while len(mistakes) < epochs and 0 not in mistakes:
        w, b, made = _one_pass(X, y, w, b)
        mistakes.append(made)
    return w, b, mistakes


def pocket(X, y, epochs):
    w, b, kept = np.zeros(X.shape[1]), 0.0, None
    for _ in range(epochs):
        w, b, _ = _one_pass(X, y, w, b)
        wrong = int((predict(X, w, b) != y).sum())
        if kept is None or wrong < kept[2]:
            kept = (w, b, wrong)
        if wrong == 0:
            break
    return kept


def boundary(w, b, reach):
    length = np.hypot(w[0], w[1])
    nearest = -b * w / length**2
    along = np.array([-w[1], w[0]]) / length
    return np.array([nearest - reach * along, nearest + reach * along])


def label_grid(classify, x1, x2):
    across, up = np.meshgrid(x1, x2)
    return np.asarray(classify(np.column_stack([across.ravel(), up.ravel()]))).reshape(across.shape)


def plot_boundary(X, y, w, b):
    import matplotlib.pyplot as plt

    _, axes = plt.subplots()
    for label in (-1, 1):
        axes.scatter(X[y == label, 0], X[y == label, 1], label=f"class {label:+d}")
    centre = X.mean(axis=0)
    ends = boundary(w, b, 1.0)
    along = (ends[1] - ends[0]) / 2
    middle = ends.mean(axis=0)
    middle = middle + ((centre - middle) @ along) * along
    half = np.ptp(X, axis=0).max()
    line = np.array([middle - half * along, middle + half * along])
    axes.plot(line[:, 0], line[:, 1], "k", label="boundary")
    axes.set_xlabel("first feature")
    axes.set_ylabel("second feature")
    axes.legend()
    return axes


def _sigmoid(z):
    shrunk = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, shrunk) / (1.0 + shrunk)


def activate(name, z):
    if name == "sigmoid":
        return _sigmoid(z)
    if name == "tanh":
        return np.tanh(z)
    return np.where(z > 0, z, z * {"relu": 0.0, "leaky_relu": 0.01}[name])


def activation_slope(name, z):
    if name == "sigmoid":
        return _sigmoid(z) * _sigmoid(-z)
    if name == "tanh":
        return 1.0 - np.square(np.tanh(z))
    return np.where(z > 0, 1.0, {"relu": 0.0, "leaky_relu": 0.01}[name])


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def loss(name, scores, y):
    each = {
        "squared": lambda: (scores - y) ** 2,
        "absolute": lambda: np.abs(scores - y),
        "log": lambda: np.logaddexp(0.0, np.where(y == 1, -scores, scores)),
        "hinge": lambda: np.maximum(0.0, 1.0 - np.where(y == 1, scores, -scores)),
    }[name]()
    return float(each.mean())


def loss_slope(name, scores, y):
    sign = np.where(y == 1, 1.0, -1.0)
    each = {
        "squared": lambda: 2.0 * (scores - y),
        "absolute": lambda: np.sign(scores - y),
        "log": lambda: _sigmoid(scores) - y,
        "hinge": lambda: np.where(sign * scores < 1, -sign, 0.0),
    }[name]()
    return each / len(y)


def fit(X, y, name, steps, rate):
    w, b = np.zeros(X.shape[1]), 0.0
    curve = [loss(name, X @ w + b, y)]
    for _ in range(steps):
        slope = loss_slope(name, X @ w + b, y)
        w, b = w - rate * (X.T @ slope), b - rate * float(slope.sum())
        curve.append(loss(name, X @ w + b, y))
    return w, b, curve


def compare(task, train, test, steps, rate):
    X, y = test
    result = {}
    for name in ("squared", "absolute") if task == "regression" else ("squared", "log", "hinge"):
        w, b, _ = fit(*train, name, steps, rate)
        scores = X @ w + b
        if task == "regression":
            result[name] = float(np.abs(scores - y).mean())
        else:
            yes = scores > (0.5 if name == "squared" else 0.0)
            result[name] = float((yes == (y == 1)).mean())
    return result
