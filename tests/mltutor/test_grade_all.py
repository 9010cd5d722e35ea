"""`grade-all`: a table, a document, a CSV and pages; exit codes; nothing of the user's own touched."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from knowledge.catalog import load_catalog

PROJECT = load_catalog().project("iris-knn-classifier")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_a_class_in_one_go(mltutor: Run, tmp_path: Path) -> None:
    place = tmp_path / "class"
    place.mkdir()
    reference = (PROJECT.folder / "reference.py").read_text(encoding="utf-8")
    (place / "=2+3.py").write_text(reference, encoding="utf-8")
    (place / "bea.py").write_text(PROJECT.starter.read_text(encoding="utf-8"), encoding="utf-8")
    done = mltutor(
        "grade-all", PROJECT.unit.id, str(place), "--csv", "points.csv", "--html", "page.html", "--json"
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["graded"], told["passed"], told["max_score"]) == (2, 1, 20.0)
    assert [entry["status"] for entry in told["entries"]] == ["passed", "failed"]
    assert "2 of 2" in done.stderr
    rows = list(csv.DictReader((tmp_path / "points.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["name"] for row in rows] == ["'=2+3", "bea"]
    assert rows[0]["score"] == "20.0" and rows[0]["majority-wins"] == "1.0"
    assert (tmp_path / "page.html").exists() and (tmp_path / "page-entries" / "bea.html").exists()
    progress = json.loads(mltutor("progress", "--json").stdout)
    assert "bea" not in json.dumps(progress)
    (place / "broken.ipynb").write_text("{", encoding="utf-8")
    again = mltutor("grade-all", PROJECT.unit.id, str(place))
    assert again.returncode == 1
    assert "broken" in again.stdout and "20/20" in again.stdout


def test_what_cannot_be_graded_or_written_is_told(mltutor: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for arguments, code in (
        ([PROJECT.unit.id, "nowhere"], "missing-folder"),
        ([PROJECT.unit.id, "empty"], "empty-folder"),
        (["iris-knn", "empty"], "unknown-unit"),
        ([PROJECT.unit.id, "empty", "--csv", "no/such/file.csv"], "unwritable-file"),
    ):
        done = mltutor("grade-all", *arguments, "--json")
        assert done.returncode == 2
        assert json.loads(done.stdout)["error"]["code"] == code
