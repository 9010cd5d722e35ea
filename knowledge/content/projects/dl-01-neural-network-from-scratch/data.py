"""Handwritten digits: scikit-learn's bundled 8×8 scans for the grade, MNIST itself for those with a network.

`hidden` shuffles rows and pixels and renumbers the classes, so that no stored weights and
no knowledge of what a 3 looks like can stand in for training.
"""

import gzip
import importlib.util
import io
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import numpy as np

TRAINING_ROWS = {"proof": 500, "small": 1200, "full": 1400}
TEST_ROWS = 350
MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist"
MNIST_FILES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}


def _digits():
    """X (1797, 64) in 0…1 and y (1797,), from the file behind sklearn.datasets.load_digits."""
    # Importing scikit-learn takes longer than all training here; its file needs NumPy alone.
    spec = importlib.util.find_spec("sklearn")
    folder = Path(spec.submodule_search_locations[0]) / "datasets" / "data"
    table = np.loadtxt(folder / "digits.csv.gz", delimiter=",")
    return table[:, :-1] / 16.0, table[:, -1].astype(int)


def public(seed, scale):
    """digits.npz: X (1797, 64) in 0…1 and y (1797,), in an order of this seed."""
    X, y = _digits()
    order = np.random.default_rng(seed).permutation(len(X))
    np.savez("digits.npz", X=X[order], y=y[order])


def hidden(seed, scale):
    rng = np.random.default_rng(seed)
    X, y = _digits()
    order, pixels, names = rng.permutation(len(X)), rng.permutation(X.shape[1]), rng.permutation(10)
    X, y = X[order][:, pixels], names[y[order]]
    count = TRAINING_ROWS[scale]
    return SimpleNamespace(
        train=(X[:count], y[:count]),
        test=(X[count : count + TEST_ROWS], y[count : count + TEST_ROWS]),
        relu=small_case(rng, [4, 5, 3]),
        sigmoid=small_case(rng, [5, 4, 3]),
    )


def small_case(rng, layers):
    """Six rows, labels, and parameters at which each hidden unit is on and off, never near the kink."""
    X, y = rng.normal(size=(6, layers[0])), rng.integers(0, layers[-1], size=6)
    while True:
        weights = [rng.normal(scale=0.7, size=pair) for pair in zip(layers[:-1], layers[1:])]
        biases = [rng.normal(size=size) for size in layers[1:]]
        before = X @ weights[0] + biases[0]
        mixed = (before > 0).any(axis=0) & (before < 0).any(axis=0)
        if np.abs(before).min() > 0.01 and mixed.all():
            return SimpleNamespace(layers=layers, X=X, y=y, weights=weights, biases=biases)


def real(source=MIRROR):
    """MNIST: ((X_train, y_train), (X_test, y_test)), X (n, 784) in 0…1, y (n,) integers.

    source: a folder that holds the four idx files, gzipped or not; an https address with
    them; or "openml" for scikit-learn's copy.
    """
    if source == "openml":
        from sklearn.datasets import fetch_openml

        X, y = fetch_openml("mnist_784", version=1, as_frame=False, return_X_y=True)
        X, y = X / 255.0, y.astype(int)
        return (X[:60_000], y[:60_000]), (X[60_000:], y[60_000:])
    parts = []
    for images, labels in MNIST_FILES.values():
        pixels = read_idx(_fetch(source, images))
        parts.append((pixels.reshape(len(pixels), -1) / 255.0, read_idx(_fetch(source, labels)).astype(int)))
    return tuple(parts)


def read_idx(content):
    """The array in an idx file of bytes, the format of MNIST; ValueError when it is none."""
    if content[:2] == b"\x1f\x8b":
        content = gzip.GzipFile(fileobj=io.BytesIO(content)).read()
    if content[:3] != b"\x00\x00\x08":
        raise ValueError("this is no idx file of unsigned bytes")
    axes = content[3]
    shape = tuple(np.frombuffer(content, ">u4", count=axes, offset=4).tolist())
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * axes)
    if values.size != np.prod(shape):
        raise ValueError(f"the file promises {shape} and holds {values.size} bytes; load it again")
    return values.reshape(shape)


def _fetch(source, name):
    if str(source).startswith("https://"):
        with urllib.request.urlopen(f"{source}/{name}", timeout=60) as answer:
            return answer.read()
    path = Path(source) / name
    return (path if path.is_file() else path.with_suffix("")).read_bytes()
