"""What authors of checks use: handles, lent functions, probes, and what each tells the learner."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.grading import grade
from sandbox.judge import award, check, derive_seed
from sandbox.limits import Limits
from sandbox.report import GradeReport
from sandbox.submission import submission_from_files

CHECKS = """
import numpy as np

from sandbox.judge import check, expect, fail, fresh_rng, reference
from sandbox import probes


@check("handles pass as arguments", visible=True)
def handles_pass_as_arguments(submission):
    model = submission.handle("Model", 2.0)
    assert model.type_name == "Model"
    expect(model.call("predict", np.ones(2)), "the prediction").close(np.full(2, 2.0))
    expect(submission.call("twice", model), "twice").equals(4.0)
    expect(model.get("weight"), "the weight").equals(2.0)
    expect(model.handle("copy").get("weight"), "the copy's weight").equals(2.0)


@check("lent functions are called", visible=True)
def lent_functions_are_called(submission):
    square = submission.lend("def f(x):\\n    return x * x\\n", "f")
    expect(submission.call("apply", square, 3.0), "f(3)").equals(9.0)


@check("bad input is refused", visible=True)
def bad_input_is_refused(submission):
    raised = submission.raises("strict", -1, error="ValueError")
    expect(raised.message, "the message").contains("negative")


@check("inputs stay", visible=True)
def inputs_stay(submission):
    probes.input_not_mutated(submission, "normalise", np.array([3.0, 4.0]))


@check("shuffled labels", visible=True)
def shuffled_labels(submission):
    rng = fresh_rng()
    x = rng.normal(size=(60, 2)) + np.repeat([[-2.0], [2.0]], 30, axis=0)
    y = np.repeat([0, 1], 30)
    probes.label_shuffle(lambda labels: submission.call("score", x, labels), y, chance=0.5, margin=0.2)


@check("rows by themselves", visible=True)
def rows_by_themselves(submission):
    probes.row_permutation(lambda rows: submission.call("classify", rows), fresh_rng().normal(size=(12, 2)))


@check("one batch", visible=True)
def one_batch(submission):
    probes.one_batch_overfit(submission.call("train", 1))


@check("seeds", visible=True)
def seeds(submission):
    probes.seed_determinism(lambda seed: submission.call("draw", seed))


@check("gradient", visible=True)
def gradient(submission):
    at = fresh_rng().normal(size=3)
    probes.numerical_gradient(lambda w: submission.call("loss", w), at, submission.call("slope", at))


@check("leak", visible=True)
def leak(submission):
    rng = fresh_rng()
    x, y = rng.normal(size=(40, 3)), rng.integers(0, 2, 40)
    probes.planted_leak(lambda a, b: submission.call("find_leak", a, b), x, y)


@check("defines", visible=True)
def defines(submission):
    expect(submission.defines("twice") and not submission.defines("thrice")).true("names are told apart")
"""
GOOD = """
import numpy as np

class Model:
    def __init__(self, weight): self.weight = weight
    def predict(self, x): return self.weight * x
    def copy(self): return Model(self.weight)

def twice(model): return 2 * model.weight
def apply(f, x): return f(x)

def strict(x):
    if x < 0:
        raise ValueError("negative")

def normalise(x): return x / np.linalg.norm(x)

def score(x, y):
    half = np.arange(len(x)) % 2 == 0
    centres = [x[half][y[half] == k].mean(axis=0) for k in (0, 1)]
    distance = [np.linalg.norm(x[~half] - c, axis=1) for c in centres]
    return float(((distance[1] < distance[0]) == y[~half]).mean())

def classify(x): return (x[:, 0] > 0).astype(int)
def train(seed): return [0.5 ** i for i in range(10)]
def draw(seed): return np.random.default_rng(seed).normal(size=3)
def loss(w): return float((w ** 2).sum())
def slope(w): return 2 * w
def find_leak(x, y): return int(np.argmax([abs(np.corrcoef(c, y)[0, 1]) for c in x.T]))
"""
BAD = """
import numpy as np
state = [0]

class Model:
    def __init__(self, weight): self.weight = weight
    def predict(self, x): return [2.0, 2.0]

def apply(f, x): return f
def strict(x): return x

def normalise(x):
    x /= np.linalg.norm(x)
    return x

def score(x, y): return 0.99
def classify(x): return (x[:, 0] > x[0, 0]).astype(int)
def train(seed): return [1.0, 0.9, 0.8]

def draw(seed):
    state[0] += 1
    return state[0]

def loss(w): return float((w ** 2).sum())
def slope(w): return w
def find_leak(x, y): return 99
def twise(model): return 1
"""


def graded(tmp_path: Path, source: str) -> GradeReport:
    (tmp_path / "checks.py").write_text(CHECKS, encoding="utf-8")
    return grade(tmp_path, submission_from_files({"work.py": source}, "work.py"), limits=Limits(seconds=30))


def test_good_work_passes_every_part_of_the_vocabulary(tmp_path: Path) -> None:
    report = graded(tmp_path, GOOD)
    assert [(check.id, check.message) for check in report.checks if check.status != "passed"] == []


def test_each_part_of_the_vocabulary_fails_with_a_sentence_to_act_on(tmp_path: Path) -> None:
    report = graded(tmp_path, BAD)
    told = {check.id: check.message for check in report.checks}
    assert {check.status for check in report.checks} == {"failed"}
    assert told["handles-pass-as-arguments"] == "the prediction has the wrong type"
    assert told["lent-functions-are-called"] == "`apply` gives a value of type function, which cannot cross"
    assert told["bad-input-is-refused"] == "`strict` should refuse this input"
    assert told["inputs-stay"].startswith("`normalise` changes its argument 1 in place")
    assert "does not fall to chance" in told["shuffled-labels"]
    assert "changes with its place" in told["rows-by-themselves"]
    assert "cannot be learned by heart" in told["one-batch"]
    assert "same seed give different" in told["seeds"]
    assert told["gradient"] == "the gradient is not the slope of the loss"
    assert "gives the label away is not found" in told["leak"]
    assert "names are told apart" in told["defines"]


def test_an_award_outside_zero_to_one_is_the_authors_mistake() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        award(1.5, "too much")


def test_seeds_differ_by_purpose_and_repeat_for_the_same() -> None:
    assert derive_seed("a", "hidden", 0) == derive_seed("a", "hidden", 0)
    assert len({derive_seed(s, p, n) for s in "ab" for p in "pq" for n in (0, 1)}) == 8


def test_a_check_is_still_the_function_that_was_decorated() -> None:
    def some_check(submission: object) -> None: ...

    from sandbox import judge

    before = list(judge.registered)
    assert check("a title", points=2)(some_check) is some_check
    assert judge.registered[-1].id == "some-check"
    judge.registered[:] = before
