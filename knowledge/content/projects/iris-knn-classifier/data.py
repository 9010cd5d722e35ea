"""Fisher's irises, the copy bundled with scikit-learn: shuffled and split anew for each grade."""

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np


def public(seed, scale):
    X, y = _bundled()
    table = np.column_stack([X, y])
    header = "sepal_length_cm,sepal_width_cm,petal_length_cm,petal_width_cm,species"
    np.savetxt("iris.csv", table, delimiter=",", header=header, comments="", fmt=["%.1f"] * 4 + ["%d"])


def hidden(seed, scale):
    rng = np.random.default_rng(seed)
    X, y = _bundled()
    order = rng.permutation(len(X))
    X, y = X[order][:, rng.permutation(4)], y[order]
    X[:, rng.integers(4)] *= 10_000.0  # one ruler reads micrometres
    fold = np.arange(len(X)) % 5
    return SimpleNamespace(
        train=(X[:100], y[:100]),
        test=(X[100:], y[100:]),
        flowers=(X, y, fold),
        noise=[_noise(rng) for _ in range(6)],
    )


def _noise(rng):
    """Few rows, many columns without a signal, a few outliers: where leaks show."""
    X = rng.normal(size=(30, 6)) * np.exp(rng.normal(size=6))
    X[::7] *= 8
    return X, rng.integers(0, 3, size=30), np.arange(30) % 3


def _bundled():
    """The same flowers from scikit-learn's own file; importing the package would cost more than all checks."""
    file = Path(find_spec("sklearn").origin).parent / "datasets" / "data" / "iris.csv"
    table = np.loadtxt(file, delimiter=",", skiprows=1)
    return table[:, :4], table[:, 4].astype(int)


def real():
    """The 150 flowers, X (150, 4) in centimetres and y (150,); no network is needed."""
    from sklearn.datasets import load_iris

    return load_iris(return_X_y=True)
