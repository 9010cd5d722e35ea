"""
misconception: gradients-add-up-over-the-batch
fails: [slopes-belong-to-their-losses]
"""

import numpy as np


def predict(X, w, b):
    return np.where(np.dot(X, w) + b > 0, 1, -1)


def train(X, y, epochs):
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        count = 0
        for x_i, y_i in zip(X, y):
            if y_i * (np.dot(w, x_i) + b) <= 0:
                w = w + y_i * x_i
                b = b + float(y_i)
                count += 1
        mistakes.append(count)
        if count == 0:
            break
    return w, b, mistakes


def pocket(X, y, epochs):
    w, b, best = np.zeros(X.shape[1]), 0.0, None
    for _ in range(epochs):
        for x_i, y_i in zip(X, y):
            if y_i * (np.dot(w, x_i) + b) <= 0:
                w = w + y_i * x_i
                b = b + float(y_i)
        wrong = int(np.sum(predict(X, w, b) != y))
        if best is None or wrong < best[2]:
            best = (w, b, wrong)
        if wrong == 0:
            break
    return best


def boundary(w, b, reach):
    size = np.sqrt(np.sum(w**2))
    foot = -b * w / size**2
    direction = np.array([w[1], -w[0]]) / size
    return np.vstack([foot + reach * direction, foot - reach * direction])


def label_grid(classify, x1, x2):
    A, B = np.meshgrid(x1, x2)
    return classify(np.column_stack([A.ravel(), B.ravel()])).reshape(A.shape)


def plot_boundary(X, y, w, b):
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    ax.scatter(X[y == 1, 0], X[y == 1, 1], color="red")
    ax.scatter(X[y == -1, 0], X[y == -1, 1], color="green")
    size = np.sqrt(np.sum(w**2))
    reach = 2 * np.abs(X).max() + abs(b) / size
    foot = -b * w / size**2
    direction = np.array([w[1], -w[0]]) / size
    ends = np.vstack([foot + reach * direction, foot - reach * direction])
    ax.plot(ends[:, 0], ends[:, 1])
    ax.set_xlabel("redness")
    ax.set_ylabel("sugar")
    return ax


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def activate(name, z):
    if name == "sigmoid":
        return sigmoid(z)
    if name == "tanh":
        return np.tanh(z)
    if name == "relu":
        return np.maximum(0.0, z)
    return np.where(z > 0, z, 0.01 * z)


def activation_slope(name, z):
    if name == "sigmoid":
        s = sigmoid(z)
        return s * (1 - s)
    if name == "tanh":
        return 1 - np.tanh(z) ** 2
    if name == "relu":
        return np.where(z > 0, 1.0, 0.0)
    return np.where(z > 0, 1.0, 0.01)


def softmax(scores):
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    e = np.exp(shifted)
    return e / np.sum(e, axis=1, keepdims=True)


def loss(name, scores, y):
    if name == "squared":
        return float(np.mean((scores - y) ** 2))
    if name == "absolute":
        return float(np.mean(np.abs(scores - y)))
    if name == "log":
        return float(np.mean(np.logaddexp(0, scores) - y * scores))
    return float(np.mean(np.maximum(0, 1 - (2 * y - 1) * scores)))


def loss_slope(name, scores, y):
    if name == "squared":
        return 2 * (scores - y)
    if name == "absolute":
        return np.sign(scores - y)
    if name == "log":
        return (sigmoid(scores) - y)
    t = 2 * y - 1
    return np.where(t * scores < 1, -t, 0.0)


def fit(X, y, name, steps, rate):
    w, b = np.zeros(X.shape[1]), 0.0
    curve = [loss(name, np.dot(X, w) + b, y)]
    for _ in range(steps):
        g = loss_slope(name, np.dot(X, w) + b, y)
        w = w - rate * np.dot(X.T, g)
        b = b - rate * float(np.sum(g))
        curve.append(loss(name, np.dot(X, w) + b, y))
    return w, b, curve


def compare(task, train, test, steps, rate):
    scores = {}
    for name in ["squared", "absolute"] if task == "regression" else ["squared", "log", "hinge"]:
        w, b, _ = fit(train[0], train[1], name, steps, rate)
        s = np.dot(test[0], w) + b
        if task == "regression":
            scores[name] = float(np.mean(np.abs(s - test[1])))
        else:
            threshold = 0.5 if name == "squared" else 0.0
            scores[name] = float(np.mean((s > threshold) == (test[1] == 1)))
    return scores
