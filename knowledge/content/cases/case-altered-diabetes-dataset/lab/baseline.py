"""The judge's own measure: an area by pairs, and a model that knew where the cut lies."""

import numpy as np

LABEL = "diagnosed_diabetes"


def pair_area(y, values):
    """The share of pairs ranked rightly, counted block by block."""
    negatives, wins = values[y == 0], 0.0
    for block in np.array_split(values[y == 1], 1 + len(values) // 500):
        lead = block[:, None] - negatives[None, :]
        wins += (lead > 0).sum() + 0.5 * (lead == 0).sum()
    return float(wins / len(negatives) / (y == 1).sum())


def informed_area(data):
    """The area on the test rows of a logistic regression of the tail and the original table."""
    names = [name for name in data.test if name != "id"]
    tail = data.train["id"] >= data.cutoff
    X = np.vstack(
        [
            np.column_stack([data.train[name][tail] for name in names]),
            np.column_stack([data.original[name] for name in names]),
        ]
    )
    y = np.append(data.train[LABEL][tail], data.original[LABEL])
    center, spread = X.mean(axis=0), X.std(axis=0)

    def lift(rows):
        return np.column_stack([np.ones(len(rows)), (rows - center) / spread])

    Z, beta = lift(X), np.zeros(X.shape[1] + 1)
    for _ in range(12):
        p = 1 / (1 + np.exp(-Z @ beta))
        bend = (Z * (p * (1 - p))[:, None]).T @ Z + 1e-3 * np.eye(len(beta))
        beta -= np.linalg.solve(bend, Z.T @ (p - y) + 1e-3 * beta)
    return pair_area(data.y, lift(np.column_stack([data.test[name] for name in names])) @ beta)
