"""Misconceptions named from values: when one is named, when none, and in bounded time."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from sandbox.grading import grade
from sandbox.limits import Limits
from sandbox.misconception import (
    _in_child,  # pyright: ignore[reportPrivateUsage]
    wrong_solutions,
)
from sandbox.report import GradeReport
from sandbox.submission import submission_from_files

CHECKS = """
from sandbox.judge import check, expect, reference

@check("mean", visible=True)
def mean(submission, data):
    x = data.rng.normal(size=data.size)
    expect(submission.call("mean", x), "the mean").finite().close(reference.call("mean", x))

@check("spread", visible=True)
def spread(submission, data):
    x = data.rng.normal(size=data.size)
    expect(submission.call("spread", x), "the spread").close(reference.call("spread", x))
"""
DATA = """
import sys
from types import SimpleNamespace
import numpy as np

def hidden(seed, scale):
    rng = np.random.default_rng(seed)
    return SimpleNamespace(rng=rng, size=int(rng.integers(5, 9)), module=sys{module})
"""
RIGHT = "def mean(x):\n    return x.sum() / len(x)\n\ndef spread(x):\n    return x.std()\n"
WRONG = {
    "sum-is-mean": ("mean", RIGHT.replace(" / len(x)", "")),
    "variance-is-spread": ("spread", RIGHT.replace("std", "var")),
    "nan-is-mean": ("mean", RIGHT.replace("x.sum() / len(x)", "x.sum() * float('nan')")),
    "square-is-spread": ("spread", RIGHT.replace("x.std()", "x.std() ** 2")),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "checks.py").write_text(CHECKS, encoding="utf-8")
    (tmp_path / "data.py").write_text(DATA.format(module=".maxsize"), encoding="utf-8")
    (tmp_path / "reference.py").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "wrong").mkdir()
    for name in ("sum-is-mean", "nan-is-mean", "variance-is-spread"):
        add_wrong(tmp_path, name)
    return tmp_path


def add_wrong(project: Path, name: str) -> None:
    check, source = WRONG[name]
    text = f'"""\nmisconception: {name}\nfails: [{check}]\n"""\n\n{source}'
    (project / "wrong" / f"{name}.py").write_text(text, encoding="utf-8")


def graded(project: Path, source: str) -> GradeReport:
    return grade(project, submission_from_files({"a.py": source}, "a.py"), limits=Limits(seconds=10))


def test_each_misconception_is_named_by_its_value(project: Path) -> None:
    source = WRONG["nan-is-mean"][1].replace("x.std()", "((x - x.mean()) ** 2).mean()")
    report = graded(project, source)
    assert [check.misconception for check in report.checks] == ["nan-is-mean", "variance-is-spread"]


def test_data_that_cannot_be_copied_is_made_again(project: Path) -> None:
    (project / "data.py").write_text(DATA.format(module=""), encoding="utf-8")
    report = graded(project, WRONG["sum-is-mean"][1])
    assert [check.misconception for check in report.checks] == ["sum-is-mean", None]


def test_two_misconceptions_of_one_value_are_not_told_apart_by_a_guess(project: Path) -> None:
    add_wrong(project, "square-is-spread")
    report = graded(project, WRONG["variance-is-spread"][1])
    assert [(check.status, check.misconception) for check in report.checks] == [
        ("passed", None),
        ("failed", None),
    ]


def test_a_constant_that_happens_to_agree_once_is_not_a_misconception(project: Path) -> None:
    report = graded(
        project, "calls = []\n\ndef mean(x):\n    calls.append(1)\n    return x.sum() * len(calls)\n"
    )
    assert report.checks[0].status == "failed"
    assert report.checks[0].misconception is None


def test_a_solution_that_never_ends_is_killed_and_says_nothing() -> None:
    def endless() -> bytes:
        while True:
            pass

    before = psutil.Process().children()
    assert _in_child(endless, 0.2) is None
    assert psutil.Process().children() == before


def test_a_solution_that_fails_says_nothing_and_one_that_ends_is_heard() -> None:
    def failing() -> bytes:
        raise KeyError("no")

    assert _in_child(failing, 10.0) is None
    assert _in_child(lambda: b"x" * 3_000_000, 10.0) == b"x" * 3_000_000


@pytest.mark.parametrize(
    ("text", "message"),
    [("x = 1\n", "needs `misconception: ID`"), ('"""a: [1"""\n', "does not open with front matter")],
)
def test_front_matter_that_cannot_be_read_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "bad.py").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=f"wrong/bad.py: its docstring {message}"):
        wrong_solutions(tmp_path)


def test_front_matter_between_rules_and_before_prose_is_read(tmp_path: Path) -> None:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "a.py").write_text(
        '"""---\nmisconception: a\nfails:\n  - one\n  - two\n---\nWhy: so.\n"""\n', encoding="utf-8"
    )
    (wrong,) = wrong_solutions(tmp_path)
    assert (wrong.misconception, wrong.fails) == ("a", ("one", "two"))
