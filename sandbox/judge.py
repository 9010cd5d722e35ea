"""What an author of checks imports: `check`, `expect`, `fail`, `award`, `reference`, `fresh_rng`.

    from sandbox.judge import check, expect

    @check("similarity is symmetric", points=2, visible=True, evidence=("cosine-similarity",))
    def similarity_is_symmetric(submission, data):
        s = submission.call("cosine_similarity", data.ratings)
        expect(s, "the similarity matrix").finite().symmetric().diagonal(1.0)

One rule: a check either claims something about the learner's values or fails as an
error of its author's; it never sees the learner's process. This module runs only in the
judge's process. `sandbox.probes` has the behaviour probes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from sandbox.expect import CheckFailed, expect, fail
from sandbox.local import LocalTransport
from sandbox.proxy import Handle, Submission

__all__ = [
    "Check", "CheckFailed", "Handle", "Submission", "award", "check", "expect", "fail", "fresh_rng",
    "reference",
]  # fmt: skip

CheckFunction = Callable[..., None]


@dataclass(frozen=True)
class Check:
    """One check of `checks.py`. id: the function's name with hyphens."""

    id: str
    title: str
    points: float
    task: str
    visible: bool
    needs: tuple[str, ...]
    evidence: tuple[str, ...]
    required: bool
    asks_for_work: bool
    function: CheckFunction


class PartialCredit(CheckFailed):
    """A verdict that gives a part of the points."""

    def __init__(self, fraction: float, message: str, seen: str, expected: str) -> None:
        super().__init__(message, seen, expected)
        self.fraction = fraction


registered: list[Check] = []


def check(
    title: str, *, points: float = 1, task: str = "", visible: bool = False, needs: tuple[str, ...] = (),
    evidence: tuple[str, ...] = (), required: bool = True, asks_for_work: bool = True,
) -> Callable[[CheckFunction], CheckFunction]:  # fmt: skip
    """Register the function below as a check, run in the order of the file.

    The function takes (submission, data) or (submission,). task: the inventory row that it
    proves. needs: ids of earlier checks; when one of them fails this one is blocked.
    evidence: units of which it speaks. required: the project passes only with it.
    asks_for_work: the starter must fail it.
    """

    def register(function: CheckFunction) -> CheckFunction:
        name = function.__name__.replace("_", "-")
        registered.append(
            Check(
                name, title, float(points), task, visible, tuple(needs), tuple(evidence), required,
                asks_for_work, function,
            )
        )  # fmt: skip
        return function

    return register


def award(fraction: float, reason: str, seen: str = "", expected: str = "") -> NoReturn:
    """End the check with a part of its points, 0 to 1, and the reason for what is missing."""
    if not 0.0 <= fraction <= 1.0:
        raise ValueError(f"award takes a fraction from 0 to 1, not {fraction}")
    raise PartialCredit(fraction, reason, seen, expected)


def derive_seed(secret: str, *purpose: object) -> int:
    """A seed of 32 bits for one purpose, from which nothing of the secret can be told."""
    text = ":".join([secret, *(str(part) for part in purpose)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


class Court:
    """What the running check may ask of the judge: its seed and the reference."""

    def __init__(self) -> None:
        self.project = Path.cwd()
        self.tensors = False
        self.seed = 0
        self._reference: Submission | None = None

    def reference(self) -> Submission:
        if self._reference is None:
            transport = LocalTransport(self.project, "reference.py")
            self._reference = Submission(transport, tensors=self.tensors, trusted=True)
        return self._reference


court = Court()


def fresh_rng() -> Any:
    """A NumPy generator whose seed is new in each grade, the same for the same check and data set."""
    import numpy as np  # a judge that only describes its checks does without

    return np.random.default_rng(court.seed)


class Reference:
    """The project's `reference.py`, loaded when first asked and asked like a submission."""

    def call(self, name: str, /, *args: object, **kwargs: object) -> Any:
        return court.reference().call(name, *args, **kwargs)

    def get(self, name: str) -> Any:
        return court.reference().get(name)

    def handle(self, name: str, /, *args: object, **kwargs: object) -> Handle:
        return court.reference().handle(name, *args, **kwargs)


reference = Reference()
