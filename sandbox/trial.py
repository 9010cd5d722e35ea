"""One check run on one submission: the verdict, and whose fault a failure is.

One rule: only a CheckFailed speaks about the learner. Any other exception is a mistake in
the project's own files, and then there is no verdict.
"""

from __future__ import annotations

import inspect
import random
import sys
import traceback
import zlib
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.judge import Check, CheckFailed, PartialCredit, Submission, court


@dataclass(frozen=True)
class Verdict:
    """fraction: of the points, 1 when passed. seen, expected: short texts."""

    status: Literal["passed", "failed", "blocked", "error"]
    fraction: float = 0.0
    message: str = ""
    seen: str = ""
    expected: str = ""


def run_check(check: Check, submission: Submission, dataset: Any, seed: int) -> Verdict:
    """The verdict of `check` on `submission`; the random state of both sides is set first."""
    _seed_everything(seed)
    submission.begin_seed = zlib.crc32(check.id.encode())
    try:
        _call(check, submission, dataset)
    except PartialCredit as credit:
        status = "passed" if credit.fraction == 1.0 else "failed"
        return Verdict(status, credit.fraction, credit.message, credit.seen, credit.expected)
    except CheckFailed as failure:
        return Verdict("failed", 0.0, failure.message, failure.seen, failure.expected)
    except (Exception, SystemExit) as error:
        return Verdict("error", message=authors_fault(error))
    return Verdict("passed", 1.0)


def authors_fault(error: BaseException) -> str:
    """Where in the project's own files an exception arose, for its author."""
    folder = f"{court.project}/"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(folder)]
    place = (
        f"{frames[-1].filename.removeprefix(folder)}, line {frames[-1].lineno}" if frames else "the project"
    )
    return f"a mistake in {place}: {type(error).__name__}: {error}"[:400]


def _call(check: Check, submission: Submission, dataset: Any) -> None:
    if len(inspect.signature(check.function).parameters) == 1:
        check.function(submission)
    else:
        check.function(submission, dataset)


def _seed_everything(seed: int) -> None:
    court.seed = seed
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
