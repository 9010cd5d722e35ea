"""
misconception: gradients-add-up-over-the-batch
fails: [output-layer-gradients]
"""

import numpy as np

SURE = 1e-12


def by_hand():
    # Both hidden units add the switches; one fires from half a volt on, the other from one and a half.
    return np.ones((2, 2)), np.array([-0.5, -1.5]), np.array([1.0, -1.0]), -0.5


def sigmoid(z):
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(z, dtype=float)))


def start(d, h, seed):
    rng = np.random.default_rng(seed)
    return {"W1": rng.normal(size=(d, h)), "b1": np.zeros(h), "w2": rng.normal(size=h), "b2": 0.0}


def _passes(params, X):
    hidden = np.tanh(X @ params["W1"] + params["b1"])
    return hidden, sigmoid(hidden @ params["w2"] + params["b2"])


def forward(params, X):
    return _passes(params, X)[1]


def loss(params, X, y):
    p = forward(params, X)
    right = np.where(y == 1, p, 1.0 - p)
    return float(-np.log(np.maximum(right, SURE)).mean())


def gradients(params, X, y):
    hidden, p = _passes(params, X)
    delta = p - y
    delta_hidden = np.outer(delta, params["w2"]) * (1.0 - hidden**2)
    return {
        "W1": X.T @ delta_hidden,
        "b1": delta_hidden.sum(axis=0),
        "w2": hidden.T @ delta,
        "b2": float(delta.sum()),
    }


def train(X, y, h, rate, steps, seed):
    params = start(X.shape[1], h, seed)
    losses = [loss(params, X, y)]
    for _ in range(steps):
        slopes = gradients(params, X, y)
        params = {name: value - rate * slopes[name] for name, value in params.items()}
        losses.append(loss(params, X, y))
    return params, losses


def predict(params, X):
    return (forward(params, X) >= 0.5).astype(int)


def solve(X, y, seed):
    attempts = [train(X, y, 8, 0.5, 800, seed + attempt) for attempt in range(2)]
    return min(attempts, key=lambda attempt: attempt[1][-1])[0]
