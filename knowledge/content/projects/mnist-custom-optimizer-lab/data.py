"""Three valleys to cross and the 8x8 digits bundled with scikit-learn; all of them anew for each grade."""

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np

CONDITIONS = (10, 100, 1000)
VALLEY_STEPS = 200
DIMENSION = 20
STEPS, BATCH = 150, 64


def public(seed, scale):
    X, y = digits()
    np.savez_compressed("digits.npz", X=X, y=y)


def hidden(seed, scale):
    rng = np.random.default_rng(seed)
    X, y = digits()
    order = rng.permutation(len(X))
    X, y = X[order][:, rng.permutation(64)], rng.permutation(10)[y[order]]
    return SimpleNamespace(
        valleys=[valley(rng, condition) for condition in CONDITIONS],
        train=(X[:900], y[:900]),
        test=(X[900:], y[900:]),
        weights=first_weights(rng),
        batches=np.stack([rng.permutation(900)[:BATCH] for _ in range(STEPS)]),
    )


def valley(rng, condition):
    """½ xᵀAx with eigenvalues spread from 1/condition to 1 along random axes, and a place to start."""
    axes, _ = np.linalg.qr(rng.normal(size=(DIMENSION, DIMENSION)))
    curvatures = np.geomspace(1 / condition, 1, DIMENSION)
    return SimpleNamespace(
        condition=condition,
        matrix=(axes * curvatures) @ axes.T,
        start=axes @ rng.choice([-1.0, 1.0], size=DIMENSION),
    )


def first_weights(rng):
    """Weights and biases of a network 64-32-10, as PyTorch shapes them."""
    spread = [np.sqrt(2 / 64), np.sqrt(2 / 32)]
    first, second = rng.normal(size=(32, 64)) * spread[0], rng.normal(size=(10, 32)) * spread[1]
    return [array.astype(np.float32) for array in (first, np.zeros(32), second, np.zeros(10))]


def digits():
    """1,797 digits of 8×8 pixels: X (n, 64) from 0 to 1 in float32, y (n,) integers.

    From the file behind sklearn.datasets.load_digits, which costs a hundred times less to read than
    scikit-learn to import.
    """
    folder = Path(find_spec("sklearn").origin).parent / "datasets" / "data"
    table = np.loadtxt(folder / "digits.csv.gz", delimiter=",")
    return (table[:, :64] / 16).astype(np.float32), table[:, 64].astype(np.int64)


def real():
    """MNIST itself, 70,000 digits of 28×28 pixels; needs a network the first time."""
    from sklearn.datasets import fetch_openml

    X, y = fetch_openml("mnist_784", version=1, as_frame=False, return_X_y=True)
    return (X / 255).astype(np.float32), y.astype(np.int64)
