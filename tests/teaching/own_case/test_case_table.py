"""The split keeps answers apart, and leaks that can be computed are found."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from teaching.own_case.plan import DataPlan
from teaching.own_case.table import Table, find_leaks, read_table, split_table
from tutor_error import TutorError


def rides(path: Path, extra: Sequence[str] = (), rows: int = 60) -> Path:
    """A table of 60 rides: day, station, temperature, rides, and copies of `rides` in other clothes."""
    made = {"twice": lambda n: 2 * n + 1, "words": lambda n: f"w{n}", "copy": lambda n: n}
    with (path / "data.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["day", "station", "temperature", "rides", *extra])
        for n in range(rows):
            target = n * 7 % 10
            day = f"2024-{n // 28 + 1:02d}-{n % 28 + 1:02d}"
            writer.writerow([day, f"s{n % 6}", n * 13 % 37 / 2, target, *(made[e](target) for e in extra)])
    return path


def table(folder: Path, **keys: object) -> tuple[Table, DataPlan]:
    plan = DataPlan(target="rides", **keys)  # pyright: ignore[reportArgumentType]
    return read_table(folder, plan), plan


def test_test_rows_have_no_target_and_answers_are_theirs_in_order(tmp_path: Path) -> None:
    whole, plan = table(rides(tmp_path))
    split = split_table(whole, plan)
    assert "rides" not in split.test.columns and "rides" in split.train.columns
    assert (len(split.train.rows), len(split.answers)) == (45, 15)
    answer_of = dict(zip(whole.column("day"), whole.column("rides"), strict=True))
    assert [answer_of[day] for day in split.test.column("day")] == list(split.answers)
    assert not set(split.test.column("day")) & set(split.train.column("day"))
    assert split_table(whole, plan) == split
    assert split_table(whole, plan.model_copy(update={"seed": 8})) != split


def test_groups_stay_on_one_side(tmp_path: Path) -> None:
    split = split_table(*table(rides(tmp_path), group="station"))
    assert not set(split.test.column("station")) & set(split.train.column("station"))
    assert 15 <= len(split.answers) <= 25


def test_by_time_the_latest_are_held_out_and_one_moment_stays_together(tmp_path: Path) -> None:
    split = split_table(*table(rides(tmp_path), time="day"))
    assert max(split.train.column("day")) < min(split.test.column("day"))
    split = split_table(*table(rides(tmp_path), time="temperature"))
    latest = max(float(value) for value in split.train.column("temperature"))
    assert latest < min(float(value) for value in split.test.column("temperature"))


def test_a_dropped_column_is_seen_by_nobody(tmp_path: Path) -> None:
    split = split_table(*table(rides(tmp_path, ["copy"]), drop=("copy",)))
    assert "copy" not in (*split.train.columns, *split.test.columns)


@pytest.mark.parametrize("clothes", ["copy", "twice", "words"])
def test_the_target_in_other_clothes_is_found(tmp_path: Path, clothes: str) -> None:
    split = split_table(*table(rides(tmp_path, [clothes])))
    leaks = find_leaks(split, "rides")
    assert leaks.broken == (clothes,) and leaks.telling == ()


def test_an_honest_table_has_no_leak_and_twins_are_counted(tmp_path: Path) -> None:
    whole, plan = table(rides(tmp_path))
    assert find_leaks(split_table(whole, plan), "rides").broken == ()
    doubled = Table(whole.columns, whole.rows * 2, whole.digest)
    split = split_table(doubled, plan)
    assert 0 < find_leaks(split, "rides").twins <= len(split.answers)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rides,a\n" + "1,2\n" * 5, "broken-data"),
        ("rides,rides\n" + "1,2\n" * 30, "broken-data"),
        ("rides,a\n" + "1,2\n" * 30 + "1\n", "broken-data"),
        ("ride,a\n" + "1,2\n" * 30, "unknown-column"),
        ('rides,a\n"1,2\n' * 30, "broken-data"),
        ("rides\n\xff", "broken-data"),
    ],
)
def test_a_broken_table_is_told(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "data.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(TutorError) as told:
        table(tmp_path)
    assert told.value.code == code and "data.csv" in told.value.message


def test_no_table_empty_targets_and_tiny_splits_are_told(tmp_path: Path) -> None:
    with pytest.raises(TutorError, match="no file"):
        table(tmp_path)
    (tmp_path / "data.csv").write_text("rides,a\n" + ",2\n" * 30, encoding="utf-8")
    with pytest.raises(TutorError, match="empty in 30 rows, first in line 2"):
        split_table(*table(tmp_path))
    (tmp_path / "data.csv").write_text("rides,a\n" + "1,2\n" * 20, encoding="utf-8")
    with pytest.raises(TutorError, match="1 held out"):
        split_table(*table(tmp_path, held_out=0.05))
    with pytest.raises(TutorError, match="not both"):
        split_table(*table(tmp_path, time="a", group="a"))
