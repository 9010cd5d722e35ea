"""A note is filled in by its learner; mltutor writes it once and renews its experiments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from knowledge.catalog import load_catalog
from teaching.note import BEGIN, END, write_note
from teaching.records import Records, open_records
from tutor_error import TutorError

CATALOG = load_catalog()
PROJECT = "iris-knn-classifier"


@pytest.fixture
def records(tmp_path: Path) -> Any:
    with open_records(tmp_path / "home") as opened:
        yield opened


def add_grade(records: Records, attempt: str, score: float, **more: Any) -> None:
    failed = [{"title": "distances | match", "status": "failed"}, {"title": "votes", "status": "passed"}]
    grade = {"device": "cpu", "score": score, "max_score": 5, "checks": failed} | more
    records.append("ada", "graded", attempt, PROJECT, PROJECT, {"grade": grade, "evidence": []})


def test_a_note_has_the_five_parts_and_formulas_and_questions_of_its_unit(
    records: Records, tmp_path: Path
) -> None:
    path = tmp_path / "deep" / "knn.md"
    assert write_note(CATALOG, records, "ada", "k-nearest-neighbors", path)
    text = path.read_text(encoding="utf-8")
    headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        "Mathematical foundation", "Key insights", "Implementation", "Experiments", "Questions",
        "Passes over the topic",
    ]  # fmt: skip
    assert "- dist(a, b) = √(" in text
    assert "500 columns of random noise" in text
    assert "nothing graded yet" in text
    assert text.count("- [ ] ") == 5


@pytest.mark.parametrize("unit", ["density-clustering", PROJECT, "case-rossmann-store-sales"])
def test_planned_units_projects_and_cases_have_notes_too(records: Records, tmp_path: Path, unit: str) -> None:
    assert write_note(CATALOG, records, "ada", unit, tmp_path / "n.md")
    assert f"`{unit}`" in (tmp_path / "n.md").read_text(encoding="utf-8")


def test_experiments_are_renewed_and_the_learners_words_stay(records: Records, tmp_path: Path) -> None:
    path = tmp_path / "knn.md"
    write_note(CATALOG, records, "ada", "k-nearest-neighbors", path)
    mine = path.read_text(encoding="utf-8").replace("- Why does it work?", "- It votes.") + "\nMy own end.\n"
    path.write_text(mine, encoding="utf-8")
    metrics = [{"step": 1, "loss": 0.9}, {"step": 2, "loss": 0.25, "accuracy": 0.8125}, {"step": 3, "lr": 1}]
    add_grade(records, "a1", 3)
    add_grade(records, "a2", 5, checks=[], metrics=metrics)
    records.append("bob", "graded", "b", PROJECT, PROJECT, {"grade": {}, "evidence": []})
    assert not write_note(CATALOG, records, "ada", "k-nearest-neighbors", path)
    now = path.read_text(encoding="utf-8")
    assert now.startswith(mine.partition(BEGIN)[0]) and now.endswith(mine.partition(END)[2])
    rows = [line for line in now.splitlines() if line.startswith(f"| {PROJECT}")]
    assert len(rows) == 2
    assert rows[0].endswith("|  |  | 3 of 5 points; not yet: distances / match |")
    assert rows[1].endswith("cpu | 0.25 | 0.8125 | 5 of 5 points |")


def test_a_file_without_the_marks_is_left_alone(records: Records, tmp_path: Path) -> None:
    path = tmp_path / "diary.md"
    path.write_text("Dear diary", encoding="utf-8")
    with pytest.raises(TutorError) as refused:
        write_note(CATALOG, records, "ada", PROJECT, path)
    assert refused.value.code == "no-experiments-mark"
    assert path.read_text(encoding="utf-8") == "Dear diary"


def test_an_unknown_unit_writes_nothing(records: Records, tmp_path: Path) -> None:
    with pytest.raises(TutorError):
        write_note(CATALOG, records, "ada", "../../etc", tmp_path / "n.md")
    assert not (tmp_path / "n.md").exists()
