"""
misconception: noise-swaps-whole-rows
fails: [each-cell-decides-for-itself]
"""

import numpy as np
from scipy.special import ndtri

HIDDEN, MIDDLE = 48, 8  # ReLU units before and after the middle; coordinates in the middle
RATE = 0.2  # share of the cells that the noise swaps


def start(width, seed):
    rng = np.random.default_rng(seed)
    sizes = (width, HIDDEN, MIDDLE, HIDDEN, width)
    parameters = {}
    for layer, (rows, columns) in enumerate(zip(sizes[:-1], sizes[1:]), start=1):
        gain = 2 if layer in (1, 3) else 1
        parameters[f"W{layer}"] = rng.normal(0, np.sqrt(gain / rows), (rows, columns))
        parameters[f"b{layer}"] = np.zeros(columns)
    return parameters


def adam(parameters, slopes, memory, rate):
    memory["step"] = memory.get("step", 0) + 1
    for name, slope in slopes.items():
        first, second = memory.get(name, (0.0, 0.0))
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        memory[name] = first, second
        first, second = first / (1 - 0.9 ** memory["step"]), second / (1 - 0.99 ** memory["step"])
        parameters[name] = parameters[name] - rate * first / (np.sqrt(second) + 1e-8)


def _terms(features, mean, spread):
    scaled = ((features - mean) / spread).clip(-5, 5)
    i, j = np.triu_indices(scaled.shape[1])
    return np.column_stack([np.ones(len(scaled)), scaled, scaled[:, i] * scaled[:, j]])


def fit_risk(features, target, penalty=30.0):
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    X = _terms(features, mean, spread)
    ridge = np.full(X.shape[1], penalty)
    ridge[0] = 0.0
    weights = np.zeros(X.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-(X @ weights).clip(-30, 30)))
        slope = X.T @ (chance - target) + ridge * weights
        bend = (X.T * (chance * (1 - chance)).clip(0.01)) @ X + np.diag(ridge)
        weights = weights - np.linalg.solve(bend, slope)
    return weights, mean, spread


def risk(model, features):
    weights, mean, spread = model
    return 1 / (1 + np.exp(-(_terms(features, mean, spread) @ weights).clip(-30, 30)))


def gini(target, score):
    claims = np.asarray(target) == 1
    ordered = np.sort(np.asarray(score)[~claims])
    asked = np.asarray(score)[claims]
    below = np.searchsorted(ordered, asked, side="left")
    beaten = below + (np.searchsorted(ordered, asked, side="right") - below) / 2
    return float(2 * beaten.mean() / len(ordered) - 1)


def rank_gauss(values):
    values = np.asarray(values)
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    return ndtri(middle[group] / len(values))


def prepare(train, test):
    parts = []
    for name in train:
        if name in ("id", "target") or name.startswith("ps_calc"):
            continue
        both = np.concatenate([train[name], test[name]])
        if name.endswith("_cat"):
            parts.append((both[:, None] == np.unique(both)).astype(float))
        elif name.endswith("_bin"):
            parts.append(both[:, None].astype(float))
        else:
            parts.append(rank_gauss(both)[:, None])
    rows = np.hstack(parts)
    known = len(train["id"])
    return rows[:known], rows[known:]


def swap_noise(rows, rate, seed):
    rng = np.random.default_rng(seed)
    donors = rng.integers(len(rows), size=len(rows))
    swapped = rng.random(len(rows)) < rate
    return np.where(swapped[:, None], rows[donors], rows)


def _layers(parameters, rows):
    before = np.maximum(rows @ parameters["W1"] + parameters["b1"], 0)
    middle = before @ parameters["W2"] + parameters["b2"]
    after = np.maximum(middle @ parameters["W3"] + parameters["b3"], 0)
    return before, middle, after, after @ parameters["W4"] + parameters["b4"]


def forward(parameters, rows):
    _, middle, _, rebuilt = _layers(parameters, rows)
    return middle, rebuilt


def gradients(parameters, noisy, clean):
    before, middle, after, rebuilt = _layers(parameters, noisy)
    blame = 2 * (rebuilt - clean) / clean.size
    slopes = {}
    for layer, seen in ((4, after), (3, middle), (2, before), (1, noisy)):
        slopes[f"W{layer}"], slopes[f"b{layer}"] = seen.T @ blame, blame.sum(axis=0)
        blame = blame @ parameters[f"W{layer}"].T
        if layer in (4, 2):
            blame = blame * (seen > 0)
    return slopes


def train(rows, seed, steps=1000):
    rng = np.random.default_rng(seed)
    parameters, memory = start(rows.shape[1], seed), {}
    for step in range(steps):
        clean = rows[rng.integers(len(rows), size=128)]
        slopes = gradients(parameters, swap_noise(clean, RATE, rng), clean)
        adam(parameters, slopes, memory, 0.005 * (1 - step / steps))
    return parameters


def claim_scores(train_columns, test_columns, seed):
    known, asked = prepare(train_columns, test_columns)
    parameters = train(np.vstack([known, asked]), seed)
    model = fit_risk(forward(parameters, known)[0], np.asarray(train_columns["target"]))
    return risk(model, forward(parameters, asked)[0])
