"""The data of a case: read, split into rows to learn from and rows held out, and searched for leaks.

The rule owned here: the answers of the held-out rows never leave the host; a program gets `train.csv`
with them and `test.csv` without.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from teaching.own_case.plan import DataPlan
from tutor_error import TutorError, did_you_mean

MAX_BYTES = 30_000_000
LEAST_ROWS, LEAST_HELD_OUT = 20, 5
ALIKE = 0.9999
"""From this correlation on, a column is the target in other clothes."""


@dataclass(frozen=True)
class Table:
    """columns: the header; rows: texts, as many in each as there are columns. digest: of the file."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    digest: str

    def column(self, name: str) -> list[str]:
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def take(self, places: Iterable[int]) -> Table:
        return Table(self.columns, tuple(self.rows[place] for place in places), self.digest)

    def without(self, names: Iterable[str]) -> Table:
        left_out = set(names)
        kept = [place for place, name in enumerate(self.columns) if name not in left_out]
        rows = tuple(tuple(row[place] for place in kept) for row in self.rows)
        return Table(tuple(self.columns[place] for place in kept), rows, self.digest)

    def as_csv(self) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return text.getvalue().encode()


@dataclass(frozen=True)
class Split:
    """train: with the target; test: without it; answers: the target of the test rows, in their order."""

    train: Table
    test: Table
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Leaks:
    """broken: columns that are the target itself; telling: those that determine it; twins: test rows
    whose other columns all stand in a training row, too."""

    broken: tuple[str, ...]
    telling: tuple[str, ...]
    twins: int


def digest_of(content: bytes) -> str:
    """The first 16 hexadecimal digits of a file's SHA-256."""
    return hashlib.sha256(content).hexdigest()[:16]


def read_table(folder: Path, plan: DataPlan) -> Table:
    """The data file of a case. TutorError `missing-data`, `huge-data`, `broken-data`, `unknown-column`."""
    path = folder / plan.file
    if not path.is_file() or path.is_symlink():
        raise TutorError(
            "missing-data",
            f"There is no file {path}.",
            f"Put a CSV with a header there, or name it under [data] file in {folder / 'case.toml'}.",
        )
    if path.stat().st_size > MAX_BYTES:
        raise TutorError(
            "huge-data", f"{path} is larger than {MAX_BYTES // 1_000_000} MB.", "Take a sample of its rows."
        )
    content = path.read_bytes()
    table = _parse(path, content)
    for key in filter(None, (plan.target, plan.group, plan.time, *plan.drop)):
        if key not in table.columns:
            offer = did_you_mean(key, table.columns) or f"It has: {', '.join(table.columns[:20])}."
            raise TutorError("unknown-column", f"{path} has no column `{key}`.", offer)
    return table


def _parse(path: Path, content: bytes) -> Table:
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        lines = [tuple(field.strip() for field in line) for line in reader if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise TutorError(
            "broken-data", f"{path} is no CSV in UTF-8: {error}.", "Save it as CSV, UTF-8."
        ) from None
    header, rows = (lines[0], lines[1:]) if lines else ((), [])
    if len(set(header)) != len(header) or not all(header):
        raise TutorError("broken-data", f"{path}: two columns share a name, or one has none.", "Name each.")
    uneven = next((number for number, row in enumerate(rows, 1) if len(row) != len(header)), None)
    if uneven is not None:
        many = f"row {uneven} has {len(rows[uneven - 1])} fields, the header {len(header)}"
        raise TutorError("broken-data", f"{path}: {many}.", "Mend the row; quote fields with commas.")
    if len(rows) < LEAST_ROWS:
        raise TutorError(
            "broken-data", f"{path} has {len(rows)} rows.", f"A case needs {LEAST_ROWS} at the least."
        )
    return Table(header, tuple(rows), digest_of(content))


def split_table(table: Table, plan: DataPlan) -> Split:
    """Rows to learn from and rows held out, the same for the same plan. TutorError `bad-split`."""
    if plan.time and plan.group:
        raise TutorError("bad-split", "A split goes by time or by group, not both.", "Empty one of the two.")
    gaps = [number for number, value in enumerate(table.column(plan.target), 2) if value == ""]
    if gaps:
        where = f"the target is empty in {len(gaps)} rows, first in line {gaps[0]}"
        raise TutorError("bad-split", f"{plan.file}: {where}.", "Leave these rows out of the file.")
    held = set(_held_out(table, plan))
    train = [place for place in range(len(table.rows)) if place not in held]
    if len(held) < LEAST_HELD_OUT or len(train) < LEAST_HELD_OUT:
        raise TutorError(
            "bad-split",
            f"The split leaves {len(train)} rows to learn from and {len(held)} held out.",
            "Take another share, group or time column, or more rows.",
        )
    visible = table.without(plan.drop)
    test = visible.take(sorted(held))
    return Split(visible.take(train), test.without([plan.target]), tuple(test.column(plan.target)))


def _held_out(table: Table, plan: DataPlan) -> Sequence[int]:
    count = round(plan.held_out * len(table.rows))
    if plan.time:
        keys = _as_moments(table.column(plan.time))
        border = sorted(keys)[len(keys) - max(count, 1)]
        return [place for place, key in enumerate(keys) if key >= border]
    chance = random.Random(plan.seed)
    if not plan.group:
        return chance.sample(range(len(table.rows)), count)
    members: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(table.column(plan.group)):
        members[name].append(place)
    names = sorted(members)
    chance.shuffle(names)
    held: list[int] = []
    for name in names:
        if len(held) >= count:
            break
        held += members[name]
    return held


def _as_moments(values: list[str]) -> list[tuple[float, str]]:
    """Numbers by size; other texts, such as ISO dates, by their letters."""
    numbers = as_numbers(values)
    return [(number, "") for number in numbers] if numbers else [(0.0, value) for value in values]


def as_numbers(values: Sequence[str]) -> list[float] | None:
    """All as finite numbers, or None when one is no such number."""
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return None
    return numbers if all(math.isfinite(number) for number in numbers) else None


def find_leaks(split: Split, target: str) -> Leaks:
    """What of the visible columns gives the target away in the training rows, and rows met twice."""
    answers = split.train.column(target)
    broken: list[str] = []
    telling: list[str] = []
    for name in split.test.columns:
        values = split.train.column(name)
        if values == answers or _is_relabelled(values, answers) or _moves_with(values, answers):
            broken.append(name)
        elif _determines(values, answers):
            telling.append(name)
    known = set(split.train.without([target]).rows)
    return Leaks(tuple(broken), tuple(telling), sum(row in known for row in split.test.rows))


def _determines(values: list[str], answers: list[str]) -> bool:
    """Whether equal values always come with equal answers, where values repeat often enough to tell."""
    few = len(set(values)) <= len(values) / 3
    return few and len(set(answers)) > 1 and len(set(zip(values, answers, strict=True))) == len(set(values))


def _is_relabelled(values: list[str], answers: list[str]) -> bool:
    return _determines(values, answers) and len(set(values)) == len(set(answers))


def _moves_with(values: list[str], answers: list[str]) -> bool:
    x, y = as_numbers(values), as_numbers(answers)
    if x is None or y is None or len(set(x)) < 2 or len(set(y)) < 2:
        return False
    mean_x, mean_y = math.fsum(x) / len(x), math.fsum(y) / len(y)
    together = math.fsum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    spread = math.fsum((a - mean_x) ** 2 for a in x) * math.fsum((b - mean_y) ** 2 for b in y)
    return spread > 0 and abs(together) / math.sqrt(spread) >= ALIKE
