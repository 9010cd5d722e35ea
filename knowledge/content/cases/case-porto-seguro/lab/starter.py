"""Denoising autoencoders for insurance rows. The brief says what each function returns; NumPy and SciPy are enough.

`start`, `adam`, `fit_risk` and `risk` are given: they are tools here, not the task.
"""

import numpy as np

HIDDEN, MIDDLE = 48, 8  # ReLU units before and after the middle; coordinates in the middle
RATE = 0.2  # share of the cells that the noise swaps


def start(width, seed):
    """Parameters to start from, for rows of `width` numbers: W1, b1, ... W4, b4."""
    rng = np.random.default_rng(seed)
    sizes = (width, HIDDEN, MIDDLE, HIDDEN, width)
    parameters = {}
    for layer, (rows, columns) in enumerate(zip(sizes[:-1], sizes[1:]), start=1):
        gain = 2 if layer in (1, 3) else 1
        parameters[f"W{layer}"] = rng.normal(0, np.sqrt(gain / rows), (rows, columns))
        parameters[f"b{layer}"] = np.zeros(columns)
    return parameters


def adam(parameters, slopes, memory, rate):
    """One step of Adam. `parameters` gets new arrays; `memory` begins as {} and is kept by you."""
    memory["step"] = memory.get("step", 0) + 1
    for name, slope in slopes.items():
        first, second = memory.get(name, (0.0, 0.0))
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        memory[name] = first, second
        first, second = first / (1 - 0.9 ** memory["step"]), second / (1 - 0.99 ** memory["step"])
        parameters[name] = parameters[name] - rate * first / (np.sqrt(second) + 1e-8)


def _terms(features, mean, spread):
    """Ones, the standardized features, their squares and their products."""
    scaled = ((features - mean) / spread).clip(-5, 5)
    i, j = np.triu_indices(scaled.shape[1])
    return np.column_stack([np.ones(len(scaled)), scaled, scaled[:, i] * scaled[:, j]])


def fit_risk(features, target, penalty=30.0):
    """A logistic regression on the features, their squares and products; keep it for `risk`."""
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
    """The estimated chance of a claim for each row of the features."""
    weights, mean, spread = model
    return 1 / (1 + np.exp(-(_terms(features, mean, spread) @ weights).clip(-30, 30)))


def gini(target, score):
    """The normalized Gini coefficient, a float. target: 0 or 1 (n,); score: any numbers (n,)."""
    # TODO: of all pairs of a claimant and a non-claimant, how many are ranked rightly? And equal scores?
    raise NotImplementedError


def rank_gauss(values):
    """Floats (n,): the quantile of the normal distribution that belongs to each value's rank."""
    # TODO: what should happen to values that are equal?
    raise NotImplementedError


def prepare(train, test):
    """Two arrays of floats with the same columns, one row for each customer, from two dicts of columns."""
    # TODO: which columns stay out, and how does each of the others enter?
    raise NotImplementedError


def swap_noise(rows, rate, seed):
    """A copy of rows (n, d) in which about `rate` of the cells hold a value of the same column from another row."""
    # TODO: each cell decides for itself.
    raise NotImplementedError


def forward(parameters, rows):
    """The middle's coordinates (n, MIDDLE) and the rebuilt rows (n, d), as a tuple."""
    # TODO: ReLU, linear, ReLU, linear.
    raise NotImplementedError


def gradients(parameters, noisy, clean):
    """The gradient of the mean of (rebuilt from noisy − clean)², as a dict with the keys of `parameters`."""
    # TODO
    raise NotImplementedError


def train(rows, seed, steps=1000):
    """Parameters of an autoencoder that was trained to undo swap noise; the same for the same seed."""
    # TODO: begin with start(...), then `steps` steps of adam(...) on random batches with fresh noise.
    raise NotImplementedError


def claim_scores(train_columns, test_columns, seed):
    """A score (n,) for each test row, larger for customers who are more likely to claim."""
    # TODO: prepare, train on all rows, describe all rows by the middle, fit the risk where claims are known.
    raise NotImplementedError
