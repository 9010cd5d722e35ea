"""The page of figures says what the recorded rows say, and the rows are whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.record import JSON_FILE, PAGE, alone, compare, page

KEYS = {
    "name", "value", "unit", "peer", "peer_value", "ratio", "n", "interval", "commit", "command",
}  # fmt: skip
REQUIRED = {
    ("kernel ready with imports", "fresh ipykernel"),
    ("private memory of a kernel", "fresh ipykernel"),
    ("grade a submission", "nbgrader"),
    ("grade a submission", "otter-grader"),
}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return json.loads(JSON_FILE.read_text(encoding="utf-8"))


def test_the_page_is_made_of_the_rows(rows: list[dict[str, Any]]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(rows)


def test_each_row_is_whole_and_the_required_ones_are_there(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert set(row) == KEYS
        low, high = row["interval"]
        assert low <= (row["ratio"] if row["peer"] else row["value"]) <= high
        assert (row["peer"] is None) == (row["ratio"] is None)
        assert row["n"] > 0 and row["commit"] != "unknown"
    assert {(row["name"], row["peer"]) for row in rows} >= REQUIRED


def test_a_ratio_is_taken_round_by_round_and_less_is_better() -> None:
    row = compare("x", "s", [1.0, 2.0, 4.0], "peer", [10.0, 10.0, 10.0], "c")
    assert (row.value, row.peer_value, row.ratio, row.n) == (2.0, 10.0, 5.0, 3)
    assert row.interval == (2.5, 10.0)
    assert alone("y", "s", [3.0], "c").interval == (3.0, 3.0)
