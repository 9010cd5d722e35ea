"""Records written out, read in and forgotten: nothing counted twice, nothing half done."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from teaching.archive import export_records, import_records
from teaching.database import FILE_NAME
from teaching.forgetting import forget, tombstones, would_forget
from teaching.records import Records, open_records
from teaching.transcript import append_turn, last_turns
from tutor_error import TutorError


@pytest.fixture
def records(tmp_path: Path):
    with open_records(tmp_path / "home") as opened:
        for learner in ("ada", "bob"):
            opened.append(learner, "answered", "a-1", "perceptron", "perceptron/q1", {"correct": True})
            opened.append(learner, "graded", "a-2", "ml-03", "ml-03", {"grade": {"seen": "∇ \ud800"}})
            append_turn(opened, learner, "default", "learner", "hello", key="k")
        yield opened


def rows(records: Records, learner: str) -> list[tuple[object, ...]]:
    return [(e.attempt, e.at, e.kind, e.unit, e.item, e.payload) for e in records.events(learner)]


def refused(records: Records, file: Path) -> str:
    before = rows(records, "ada")
    with pytest.raises(TutorError) as raised:
        import_records(records, file)
    assert raised.value.remedy
    assert rows(records, "ada") == before
    return raised.value.code


def test_what_is_exported_comes_back_as_it_was(records: Records, tmp_path: Path):
    told = export_records(records, tmp_path / "out.jsonl")
    assert (told.learners, told.events, told.turns) == (("ada", "bob"), 4, 2)
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o600
    with open_records(tmp_path / "other") as other:
        got = import_records(other, tmp_path / "out.jsonl")
        assert (got.events, got.turns, got.known) == (4, 2, 0)
        assert rows(other, "ada") == rows(records, "ada")
        assert last_turns(other, "bob")[0].text == "hello"


def test_importing_twice_counts_nothing_twice(records: Records, tmp_path: Path):
    export_records(records, tmp_path / "out.jsonl", "ada")
    before = rows(records, "ada")
    got = import_records(records, tmp_path / "out.jsonl")
    assert (got.events, got.turns, got.known) == (0, 0, 3)
    assert rows(records, "ada") == before


def test_one_learner_can_be_imported_under_another_name(records: Records, tmp_path: Path):
    export_records(records, tmp_path / "out.jsonl", "ada")
    assert import_records(records, tmp_path / "out.jsonl", "carol").events == 2
    assert rows(records, "carol") == rows(records, "ada")


def test_imported_events_stand_where_they_happened_not_at_the_end(records: Records, tmp_path: Path):
    export_records(records, tmp_path / "out.jsonl", "ada")
    with open_records(tmp_path / "other") as other:
        other.append("ada", "answered", "a-9", "pca", "pca/q1", {})
        import_records(other, tmp_path / "out.jsonl")
        assert [event.attempt for event in other.events("ada")] == ["a-1", "a-2", "a-9"]


def test_a_file_that_was_cut_off_or_changed_is_refused_whole(records: Records, tmp_path: Path):
    whole = tmp_path / "out.jsonl"
    export_records(records, whole)
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    broken = {
        "cut": lines[:-1],
        "lost": [*lines[:2], *lines[3:]],
        "none": [],
        "words": ["my diary\n"],
        "kind": [lines[0], lines[1].replace("answered", "invented"), *lines[2:]],
        "nul": [lines[0], lines[1].replace("perceptron", "per\\u0000"), *lines[2:]],
    }
    for name, kept in broken.items():
        file = tmp_path / name
        file.write_text("".join(kept), encoding="utf-8")
        assert refused(records, file) == "bad-import"
    assert refused(records, tmp_path) == "bad-import"


def test_an_attempt_with_another_content_stops_the_whole_import(records: Records, tmp_path: Path):
    whole = tmp_path / "out.jsonl"
    export_records(records, whole, "ada")
    told = (
        whole.read_text(encoding="utf-8").replace('"correct":true', '"correct":false').replace("a-2", "a-7")
    )
    whole.write_text(told, encoding="utf-8")
    assert refused(records, whole) == "attempt-reused"


def test_an_export_overwrites_nothing(records: Records, tmp_path: Path):
    (tmp_path / "mine").write_text("my diary", encoding="utf-8")
    with pytest.raises(TutorError) as raised:
        export_records(records, tmp_path / "mine")
    assert raised.value.code == "file-exists"
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "my diary"


def test_forgetting_a_learner_leaves_the_others_and_a_line_without_a_name(records: Records):
    told = would_forget(records, "ada")
    assert (told.events, told.turns) == (2, 1)
    forget(records, "ada")
    assert (records.events("ada"), last_turns(records, "ada")) == ([], [])
    assert len(records.events("bob")) == 2
    (stone,) = tombstones(records)
    assert (stone.learner, stone.unit, stone.events, stone.turns) == ("", "", 2, 1)


def test_forgetting_a_unit_takes_its_events_alone(records: Records):
    forget(records, "ada", "perceptron")
    assert [event.unit for event in records.events("ada")] == ["ml-03"]
    assert len(last_turns(records, "ada")) == 1
    (stone,) = tombstones(records, "ada")
    assert (stone.unit, stone.events) == ("perceptron", 1)


def test_nothing_else_can_delete_not_even_after_something_was_forgotten(records: Records, tmp_path: Path):
    forget(records, "ada", "perceptron")
    with (
        closing(sqlite3.connect(tmp_path / "home" / FILE_NAME)) as connection,
        pytest.raises(sqlite3.IntegrityError),
    ):
        connection.execute("DELETE FROM events")
    assert len(records.events("bob")) == 2


def test_there_is_nothing_to_forget_of_somebody_unknown(records: Records):
    with pytest.raises(TutorError) as raised:
        would_forget(records, "eve")
    assert raised.value.code == "nothing-recorded"
    assert "ada" in raised.value.remedy


def test_the_head_of_a_file_says_what_it_is(records: Records, tmp_path: Path):
    export_records(records, tmp_path / "out.jsonl", "bob")
    head = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (head["mltutor_records"], head["learners"]) == (1, ["bob"])
