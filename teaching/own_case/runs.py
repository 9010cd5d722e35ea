"""A case's programs, run in the sandbox: each gets the split's two files and leaves its predictions.

The rule owned here: a program sees the code beside it, `train.csv` and `test.csv`, and nothing else of
the case's folder; so no answer of a held-out row is where its code runs.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.limits import Limits
from teaching.own_case.plan import CasePlan
from teaching.own_case.table import MAX_BYTES, Split, digest_of
from tutor_error import TutorError

TRAIN, TEST, PREDICTIONS = "train.csv", "test.csv", "predictions.csv"
COLUMN = "prediction"
MAX_FILES = 200


@dataclass(frozen=True)
class CaseRun:
    """One run of a program. predictions: as texts, in the order of `test.csv`; empty where `trouble` says
    why there are none. confined: whether the sandbox kept the program from the rest of this machine."""

    program: str
    predictions: tuple[str, ...]
    trouble: str
    seconds: float
    isolation: str

    @property
    def is_sound(self) -> bool:
        return not self.trouble

    @property
    def confined(self) -> bool:
        return self.isolation in ("namespaces", "landlock")


def read_code(folder: Path, plan: CasePlan, data_digest: str) -> dict[str, bytes]:
    """The files that programs may read beside the split.

    data_digest: of the data file, whose copies are refused. Raises TutorError `missing-file`,
    `huge-case`, `held-out-data`.
    """
    files: dict[str, bytes] = {}
    room = MAX_BYTES
    for path in _code_files(folder, plan):
        if len(files) == MAX_FILES or path.stat().st_size > room:
            bound = f"{MAX_FILES} files or {MAX_BYTES // 1_000_000} MB"
            raise TutorError("huge-case", f"{folder} gives programs more than {bound}.", "Leave some out.")
        content = path.read_bytes()
        if digest_of(content) == data_digest:
            raise _held_out(path.name)
        files[path.relative_to(folder).as_posix()] = content
        room -= len(content)
    return files


def _code_files(folder: Path, plan: CasePlan) -> Iterator[Path]:
    seen = {path for path in folder.glob("*.py") if path.is_file() and not path.is_symlink()}
    for name in plan.data.beside:
        path = folder / name
        if name in (plan.data.file, TRAIN, TEST):
            raise _held_out(name)
        if not path.is_file() or path.is_symlink():
            raise TutorError("missing-file", f"There is no file {path}.", "Mend [data] beside in case.toml.")
        seen.add(path)
    yield from sorted(seen)


def _held_out(name: str) -> TutorError:
    return TutorError(
        "held-out-data",
        f"`{name}` may not lie beside the programs: it holds answers, or is one of the split's files.",
        "Take it out of [data] beside in case.toml.",
    )


def run_program(name: str, files: dict[str, bytes], split: Split, seconds: float) -> CaseRun:
    """Run one program in a fresh kernel, and take the predictions that it leaves.

    files: what lies beside it, from `read_code`. What goes wrong in the learner's code is told in
    `trouble`, never raised.
    """
    # The kernel pulls in jupyter_client, which reading a case does not need.
    from sandbox.kernel import open_kernel

    if name not in files:
        return CaseRun(name, (), f"there is no file {name}", 0.0, "none")
    workspace = {**files, TRAIN: split.train.as_csv(), TEST: split.test.as_csv()}
    limits = Limits(seconds=seconds)
    # The learner names their own folder, so a weaker isolation is their own choice, and is told.
    with open_kernel(workspace, limits=limits, keep=[PREDICTIONS], allow_unisolated=True) as kernel:
        done = kernel.run_file(name)
        isolation = kernel.isolation
    if done.outcome != "ok":
        at = f" in line {done.error.line}" if done.error and done.error.line else ""
        why = f"{done.error.name}: {done.error.message}" if done.error else done.outcome
        return CaseRun(
            name, (), f"{name} ended with {done.outcome}{at}: {why}"[:500], done.seconds, isolation
        )
    try:
        predictions = read_predictions(done.kept.get(PREDICTIONS), len(split.answers))
    except TutorError as error:
        return CaseRun(name, (), f"{name}: {error.message}", done.seconds, isolation)
    return CaseRun(name, predictions, "", done.seconds, isolation)


def read_predictions(content: bytes | None, count: int) -> tuple[str, ...]:
    """The column `prediction` of what a program left; count: how many rows there must be.

    Raises TutorError `bad-predictions`.
    """
    if content is None:
        raise _bad(f"it left no {PREDICTIONS}")
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
            if row
        ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _bad(f"{PREDICTIONS} is no CSV ({error})") from None
    if not rows or COLUMN not in rows[0]:
        raise _bad(f"{PREDICTIONS} has no column `{COLUMN}`")
    place = rows[0].index(COLUMN)
    values = [row[place].strip() if place < len(row) else "" for row in rows[1:]]
    if len(values) != count:
        raise _bad(f"{PREDICTIONS} has {len(values)} rows, {TEST} has {count}")
    empty = next((number for number, value in enumerate(values, 2) if not value), None)
    if empty is not None:
        raise _bad(f"{PREDICTIONS} has no value in line {empty}")
    return tuple(values)


def _bad(what: str) -> TutorError:
    return TutorError(
        "bad-predictions", what, f"Write {PREDICTIONS}: a line `{COLUMN}`, then one line for each test row."
    )
