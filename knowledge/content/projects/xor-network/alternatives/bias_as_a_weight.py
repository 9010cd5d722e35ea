"""The bias as the weight of a constant input, one row at a time on the way back, and a velocity in solve."""

import math

import numpy as np


def by_hand():
    """Unit 1: upstairs and not downstairs. Unit 2: the other way round. Output: either."""
    return np.array([[-2.0, 2.0], [2.0, -2.0]]), np.array([-1.0, -1.0]), np.array([3.0, 3.0]), -1.0


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, small) / (1 + small)


def start(d, h, seed):
    rng = np.random.default_rng([seed, 7])
    return _split(np.vstack([rng.standard_normal((d, h)), np.zeros(h)]), np.append(rng.standard_normal(h), 0.0))


def _split(V, v):
    return {"W1": V[:-1].copy(), "b1": V[-1].copy(), "w2": v[:-1].copy(), "b2": float(v[-1])}


def _join(params):
    return np.vstack([params["W1"], params["b1"]]), np.append(params["w2"], params["b2"])


def _wide(A):
    return np.hstack([A, np.ones((len(A), 1))])


def forward(params, X):
    V, v = _join(params)
    return sigmoid(_wide(np.tanh(_wide(X) @ V)) @ v)


def loss(params, X, y):
    total = 0.0
    for p, label in zip(forward(params, X), y):
        total -= math.log(max(p if label else 1 - p, 1e-12))
    return total / len(y)


def _gradients(V, v, X, y):
    H = np.tanh(_wide(X) @ V)
    miss = sigmoid(_wide(H) @ v) - y
    back = miss[:, None] * v[:-1] * (1 - H) * (1 + H)
    return np.einsum("ni,nj->ij", _wide(X), back) / len(y), np.einsum("n,nj->j", miss, _wide(H)) / len(y)


def gradients(params, X, y):
    return _split(*_gradients(*_join(params), X, y))


def train(X, y, h, rate, steps, seed):
    V, v = _join(start(X.shape[1], h, seed))
    losses = []
    for _ in range(steps):
        losses.append(loss(_split(V, v), X, y))
        dV, dv = _gradients(V, v, X, y)
        V, v = V - rate * dV, v - rate * dv
    losses.append(loss(_split(V, v), X, y))
    return _split(V, v), losses


def predict(params, X):
    return np.array([int(p >= 0.5) for p in forward(params, X)])


def solve(X, y, seed):
    V, v = _join(start(X.shape[1], 16, seed))
    speeds = [np.zeros_like(V), np.zeros_like(v)]
    for _ in range(800):
        speeds = [0.9 * speed + slope for speed, slope in zip(speeds, _gradients(V, v, X, y))]
        V, v = V - 0.1 * speeds[0], v - 0.1 * speeds[1]
    return _split(V, v)
