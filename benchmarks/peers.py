"""The same assignment for three graders: its functions, its tests, and the notebook that is handed in.

Three functions of machine learning, six tests, three of them hidden. Each grader gets the tests in
its own form; what they ask is the same text.
"""

from __future__ import annotations

import json
from pathlib import Path

IMPORTS = "import numpy as np\nfrom sklearn.linear_model import LogisticRegression\n"
RIGHT = {
    "standardize": "def standardize(x):\n    return (x - x.mean(axis=0)) / x.std(axis=0)\n",
    "accuracy": "def accuracy(labels, predictions):\n    return float(np.mean(labels == predictions))\n",
    "fit_and_predict": (
        "def fit_and_predict(x, labels, new):\n    return LogisticRegression().fit(x, labels).predict(new)\n"
    ),
}
WRONG = {
    "standardize": "def standardize(x):\n    return (x - x.mean()) / x.std()\n",
    "accuracy": "def accuracy(labels, predictions):\n    return float(np.sum(labels == predictions))\n",
    "fit_and_predict": "def fit_and_predict(x, labels, new):\n    return np.zeros(len(new), dtype=int)\n",
}
DATA = (
    "rng = np.random.default_rng({seed})\n"
    "x = rng.normal(size=(600, 3)) * [1.0, 10.0, 100.0] + [5.0, 0.0, -2.0]\n"
    "labels = (x[:, 0] > 5).astype(int)\n"
)
TESTS = {
    "standardize": DATA + "z = standardize(x)\nassert z.shape == x.shape\n"
    "assert np.allclose(z.mean(axis=0), 0) and np.allclose(z.std(axis=0), 1)\n",
    "accuracy": DATA + "assert abs(accuracy(labels, 1 - labels) - 0.0) < 1e-9\n"
    "assert abs(accuracy(labels, labels) - 1.0) < 1e-9\n",
    "fit_and_predict": DATA + "p = fit_and_predict(x[:400], labels[:400], x[400:])\n"
    "assert p.shape == (200,)\nassert np.mean(p == labels[400:]) > 0.8\n",
}
SEEDS = {"visible": 1, "hidden": 2}
POINTS = 6.0
KINDS = {"right": 6.0, "partly": 4.0, "wrong": 0.0}
"""The submissions and the points that each grader must give them."""


def functions(kind: str) -> dict[str, str]:
    if kind == "partly":
        return {**RIGHT, "fit_and_predict": WRONG["fit_and_predict"]}
    return RIGHT if kind == "right" else WRONG


def notebook(cells: list[dict[str, object]]) -> str:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps(
        {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}, indent=1
    )


def code_cell(source: str, name: str, **metadata: object) -> dict[str, object]:
    return {
        "cell_type": "code", "id": name, "execution_count": None, "metadata": metadata, "outputs": [],
        "source": source,
    }  # fmt: skip


def plain_notebook(kind: str, remark: str = "") -> str:
    """What a learner hands in to otter and to us; `remark` makes it one of many."""
    cells = [code_cell(f"# {remark}\n{IMPORTS}", "imports")]
    cells += [code_cell(source, name) for name, source in functions(kind).items()]
    return notebook(cells)


def nbgrader_notebook(kind: str, remark: str = "", *, with_tests: bool = True) -> str:
    """nbgrader's form: its metadata tell the learner's cells and the tests apart."""
    cells = [code_cell(f"# {remark}\n{IMPORTS}", "imports")]
    for name, source in functions(kind).items():
        answer = {
            "grade": False,
            "grade_id": name,
            "locked": False,
            "schema_version": 3,
            "solution": True,
            "task": False,
        }
        cells.append(code_cell(source, name, nbgrader=answer))
        for which, seed in SEEDS.items() if with_tests else ():
            test = {
                "grade": True, "grade_id": f"{name}-{which}", "locked": True, "points": 1,
                "schema_version": 3, "solution": False, "task": False,
            }  # fmt: skip
            body = TESTS[name].format(seed=seed)
            if which == "hidden":
                body = f"### BEGIN HIDDEN TESTS\n{body}### END HIDDEN TESTS\n"
            cells.append(code_cell(body, f"{name}-{which}", nbgrader=test))
    return notebook(cells)


def write_otter_tests(folder: Path) -> None:
    """otter's form: a file a question, a case a test."""
    folder.mkdir(parents=True)
    for name in TESTS:
        cases = [
            {"code": _doctest(TESTS[name].format(seed=seed)), "hidden": which == "hidden", "points": 1}
            for which, seed in SEEDS.items()
        ]
        test = {"name": name, "points": None, "suites": [{"cases": cases, "type": "doctest"}]}
        (folder / f"{name}.py").write_text(f"OK_FORMAT = True\n\ntest = {test!r}\n", encoding="utf-8")


def write_our_project(folder: Path) -> None:
    """Our form: `checks.py`, whose values come from another process. Hidden inputs are fresh each time."""
    folder.mkdir(parents=True)
    (folder / "checks.py").write_text(OURS, encoding="utf-8")
    (folder / "reference.py").write_text(IMPORTS + "".join(RIGHT.values()), encoding="utf-8")


OURS = '''"""The checks of the benchmark's assignment."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng


def make(rng):
    x = rng.normal(size=(600, 3)) * [1.0, 10.0, 100.0] + [5.0, 0.0, -2.0]
    return x, (x[:, 0] > 5).astype(int)


def standardizes(submission, rng):
    x, _ = make(rng)
    z = submission.call("standardize", x)
    expect(z).shape(600, 3)
    expect(z.mean(axis=0)).close(np.zeros(3), atol=1e-7)
    expect(z.std(axis=0)).close(np.ones(3))


def counts(submission, rng):
    _, labels = make(rng)
    expect(submission.call("accuracy", labels, 1 - labels)).close(0.0, atol=1e-9)
    expect(submission.call("accuracy", labels, labels)).close(1.0)


def predicts(submission, rng):
    x, labels = make(rng)
    p = submission.call("fit_and_predict", x[:400], labels[:400], x[400:])
    expect(p).shape(200)
    expect(float(np.mean(p == labels[400:]))).at_least(0.8)


@check("it standardizes", visible=True)
def standardize_visible(submission):
    standardizes(submission, np.random.default_rng(1))


@check("it standardizes anything")
def standardize_hidden(submission):
    standardizes(submission, fresh_rng())


@check("accuracy is a share", visible=True)
def accuracy_visible(submission):
    counts(submission, np.random.default_rng(1))


@check("accuracy is always a share")
def accuracy_hidden(submission):
    counts(submission, fresh_rng())


@check("it learns", visible=True)
def fit_visible(submission):
    predicts(submission, np.random.default_rng(1))


@check("it learns anything")
def fit_hidden(submission):
    predicts(submission, fresh_rng())
'''


def _doctest(body: str) -> str:
    """A doctest block of top-level statements, one prompt each."""
    return "\n".join(f">>> {line}" for line in body.strip().splitlines())
