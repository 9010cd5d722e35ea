from teaching.prove.similarity import syntax_overlap

REFERENCE = """
import numpy as np

def fit(X, y, rate):
    w = np.zeros(X.shape[1])
    for _ in range(100):
        error = X @ w - y
        w = w - rate * X.T @ error / len(X)
    return w
"""


def test_same_code_under_other_names_is_seen() -> None:
    copy = """
import numpy as np
weights = np.zeros(data.shape[1])
difference = data @ weights - target
weights = weights - step * data.T @ difference / len(data)
assert weights.shape == (3,)
"""
    assert syntax_overlap(copy, REFERENCE) > 0.9


def test_other_code_shares_nothing() -> None:
    other = "import numpy as np\nslope = (f(x + h) - f(x - h)) / (2 * h)\nprint(round(slope, 3))\n"
    assert syntax_overlap(other, REFERENCE) == 0.0


def test_half_copied_block_is_half() -> None:
    half = "error = X @ w - y\nslope = (f(x + h) - f(x - h)) / (2 * h)\n"
    assert 0.2 < syntax_overlap(half, REFERENCE) < 0.8
