"""The project that graded attacks are tried on, and the host's view of what they left."""

from __future__ import annotations

import json
import os
from pathlib import Path

from sandbox.grading import grade
from sandbox.limits import Limits
from sandbox.pool import shared_pool
from sandbox.process import family_of
from sandbox.report import GradeReport, grade_as_json
from sandbox.run import run_code
from sandbox.submission import submission_from_files

SECRET = "oracle_5d1e77a0"
CHECKS = f'''
import numpy as np
from sandbox.judge import check, expect, fresh_rng

SECRET = "{SECRET}"

@check("the examples", visible=True)
def examples(submission):
    expect(submission.call("scale", [1.0, 2.0, 4.0])).close([0.25, 0.5, 1.0])

@check("any values")
def any_values(submission, data):
    expect(submission.call("scale", data["x"]), "the scaled values").shape(6).finite().close(data["y"])

@check("a second call")
def second_call(submission, data):
    submission.call("scale", data["y"])
    expect(submission.call("scale", data["x"])).close(data["y"])

@check("another function")
def another(submission):
    x = float(fresh_rng().normal())
    expect(submission.call("double", x)).close(2 * x)
'''
DATA = f'''
import numpy as np

SECRET = "{SECRET}"

def hidden(seed, scale):
    x = np.random.default_rng(seed).uniform(1, 9, size=6)
    return {{"x": x, "y": x / x.max(), "secret": SECRET}}
'''
RIGHT = """import numpy as np

def scale(x):
    x = np.asarray(x, dtype=float)
    return x / x.max()

def double(x):
    return 2 * x
"""
DOUBLE_ONLY = "def double(x):\n    return 2 * x\n\ndef scale(x):\n    return None\n"
"""What somebody knows who cannot write `scale`: one check of four."""


def build(folder: Path) -> Path:
    (folder / "checks.py").write_text(CHECKS, encoding="utf-8")
    (folder / "data.py").write_text(DATA, encoding="utf-8")
    (folder / "reference.py").write_text(f"# {SECRET}\n{RIGHT}", encoding="utf-8")
    return folder


def graded(arena: Path, source: str, name: str = "work.py", **bounds: object) -> GradeReport:
    """A grade of which nothing secret came back."""
    limits = Limits(**{"seconds": 5, **bounds})  # type: ignore[arg-type]
    report = grade(arena, submission_from_files({name: source}, name), limits=limits)
    told = json.dumps(grade_as_json(report, "arena", "a")) + report.stdout
    assert SECRET not in told
    return report


def passed(report: GradeReport) -> set[str]:
    return {check.id for check in report.checks if check.status == "passed"}


def forks() -> list[int]:
    """The first processes of all sandboxes of this process that still live."""
    zygote = shared_pool().zygote
    return zygote.forks() if zygote is not None else []


def descendants() -> set[int]:
    """All processes below this one; the zygote and the bubblewraps around it among them."""
    return set(family_of(os.getpid()))


def said(code: str, **bounds: object) -> str:
    """What `code` prints in the sandbox; it must not fail."""
    report = run_code(code, limits=Limits(**{"seconds": 10, **bounds}))  # type: ignore[arg-type]
    assert report.outcome == "ok", report
    return report.stdout.strip()
