"""Which known misconception a failed check shows, told from values alone.

One rule: a misconception is named when, on two fresh inputs, the learner's last value in
the failed check equals the value of exactly one wrong solution for the same arguments
and differs from the reference's. A guess is never named.
"""

from __future__ import annotations

import ast
import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from sandbox.decoder import decode
from sandbox.exchange import encode
from sandbox.judge import Check, Submission
from sandbox.local import LocalTransport
from sandbox.proxy import Observation
from sandbox.sameness import alike
from sandbox.trial import run_check

RUN_SECONDS = 10.0


@dataclass(frozen=True)
class WrongSolution:
    """wrong/<id>.py: the misconception that it acts on and the checks that it fails."""

    file: str
    misconception: str
    fails: tuple[str, ...]


@dataclass(frozen=True)
class Round:
    """One fresh input: the data set and the seed of the check."""

    dataset: Any
    seed: int


@lru_cache(maxsize=4)
def wrong_solutions(project: Path) -> list[WrongSolution]:
    """The wrong solutions of a project; ValueError names a file whose front matter is unusable."""
    return [_read(path) for path in sorted((project / "wrong").glob("*.py"))]


def name_misconception(
    check: Check, project: Path, observed: Callable[[int], Observation | None],
    rounds: Callable[[int], Round], deadline: float,
) -> str | None:  # fmt: skip
    """observed(k): the learner's last observation in round k, None when the check passed or
    had no value. rounds(k): the input of round k. deadline: of the monotonic clock."""
    candidates = [wrong for wrong in wrong_solutions(project) if check.id in wrong.fails]
    for number in (0, 1):
        seen = observed(number) if candidates else None
        if seen is None:
            return None
        bench = _Bench(check, project, rounds(number), seen, deadline)
        candidates = [wrong for wrong in candidates if bench.gives_the_same(wrong.file)]
        if not candidates or not bench.differs_from_reference():
            return None
    named = {wrong.misconception for wrong in candidates}
    return named.pop() if len(named) == 1 else None


class _Bench:
    """Solutions of the project on one round, held against the learner's observation."""

    def __init__(
        self, check: Check, project: Path, round_: Round, seen: Observation, deadline: float
    ) -> None:
        self._check, self._project, self._round = check, project, round_
        self._seen, self._deadline = seen, deadline

    def gives_the_same(self, file: str) -> bool:
        other = self._observe(file)
        return other is not None and alike(decode(self._seen.value), decode(other.value))

    def differs_from_reference(self) -> bool:
        other = self._observe("reference.py")
        return other is not None and not alike(decode(self._seen.value), decode(other.value))

    def _observe(self, file: str) -> Observation | None:
        """What `file` gives where the learner gave `seen`; None when it is not asked the same."""
        seconds = min(RUN_SECONDS, self._deadline - time.monotonic())
        if seconds <= 0:
            return None
        told = _in_child(lambda: self._run(file), seconds)
        if told is None:
            return None
        for asked, arguments, value in decode(told):
            if asked == self._seen.asked and _same_arguments(arguments, self._seen.arguments):
                return Observation(asked, arguments, value)
        return None

    def _run(self, file: str) -> bytes:
        submission = Submission(LocalTransport(self._project, file))
        run_check(self._check, submission, self._round.dataset, self._round.seed)
        alike_asked = [seen for seen in submission.observations if seen.asked == self._seen.asked]
        return encode([(seen.asked, seen.arguments, seen.value) for seen in alike_asked])


def _same_arguments(arguments: bytes, others: bytes) -> bool:
    return arguments == others or alike(decode(arguments), decode(others))


def _in_child(work: Callable[[], bytes], seconds: float) -> bytes | None:
    """What `work` returns in a fork of this process; None when it fails or takes too long."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        _work_and_exit(work, sending)
    os.close(sending)
    try:
        return _read_all(receiving, time.monotonic() + seconds)
    finally:
        os.close(receiving)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _work_and_exit(work: Callable[[], bytes], sending: int) -> None:
    status = 1
    try:
        with os.fdopen(sending, "wb") as pipe:
            pipe.write(work())
        status = 0
    finally:  # nothing of the parent's (its channel, its exit handlers) may run here
        os._exit(status)


def _read_all(pipe: int, deadline: float) -> bytes | None:
    parts: list[bytes] = []
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([pipe], [], [], left)[0]:
            return None
        part = os.read(pipe, 1 << 20)
        if not part:
            return b"".join(parts) or None
        parts.append(part)
    return None


def _read(path: Path) -> WrongSolution:
    import yaml  # only a failed check with wrong solutions needs it

    where = f"wrong/{path.name}"
    document = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    front = document.strip().removeprefix("---").strip().split("\n\n")[0].split("\n---")[0]
    try:
        read = yaml.safe_load(front)
    except yaml.YAMLError as error:
        raise ValueError(f"{where}: its docstring does not open with front matter") from error
    if not isinstance(read, dict) or not {"misconception", "fails"} <= cast("dict[str, Any]", read).keys():
        raise ValueError(f"{where}: its docstring needs `misconception: ID` and `fails: [check, ...]`")
    fields = cast("dict[str, Any]", read)
    return WrongSolution(where, str(fields["misconception"]), tuple(str(check) for check in fields["fails"]))
