"""The commands with packs, as somebody types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run, document

from sandbox.isolation import current_isolation
from tests.knowledge.packs import EXAMPLE, LESSON, PAGE, PROJECT, copy_example, record_proof, replace

WORDS = {"MLTUTOR_EMBEDDER": "none"}
isolated = pytest.mark.skipif(current_isolation().tier == "none", reason="code cannot be isolated here")


@isolated
def test_a_pack_is_added_proved_taught_and_taken_out(mltutor: Run, tmp_path: Path) -> None:
    done = mltutor("content", "add", str(EXAMPLE), "--jobs", "2", "--json", **WORDS)
    assert done.returncode == 0, done.stderr
    added = document(done)
    assert (added["name"], added["failed"], len(added["units"])) == ("robust", 0, 2)
    rows = {row["id"]: row["status"] for row in document(mltutor("list", "--json"))}
    assert rows[LESSON] == rows[PROJECT] == "verified"
    hits = document(mltutor("search", "--json", "median of the slopes of all pairs", **WORDS))
    assert hits[0]["unit"] == LESSON
    start = mltutor("start", PROJECT, "--dir", str(tmp_path / "work"))
    assert start.returncode == 0, start.stderr
    wrong = EXAMPLE / "projects" / "theil-sen-line" / "wrong" / "mean-of-the-slopes.py"
    (tmp_path / "work" / "solution.py").write_text(wrong.read_text(encoding="utf-8"), encoding="utf-8")
    graded = mltutor("grade", str(tmp_path / "work"))
    assert graded.returncode == 1 and "The average of all slopes" in graded.stdout
    mltutor("content", "remove", "robust")
    assert LESSON not in mltutor("list", "--json").stdout
    progress = document(mltutor("progress", "--json"))
    assert {row["unit"] for row in progress["units"]} == {LESSON, PROJECT}


def test_what_is_not_proved_is_listed_and_refused_with_what_to_type(mltutor: Run, tmp_path: Path) -> None:
    source = copy_example(tmp_path / "pack")
    record_proof(tmp_path / "home", source, LESSON, problems=("page: the block raised ValueError",))
    place = {"MLTUTOR_CONTENT_PATHS": str(source), **WORDS}
    rows = {row["id"]: row["status"] for row in document(mltutor("list", "--json", **place))}
    assert (rows[LESSON], rows[PROJECT]) == ("failed", "unproved")
    assert mltutor("list", "--status", "failed", **place).stdout.count("robust:") == 1
    shown = mltutor("show", LESSON, **place)
    assert "raised ValueError" in shown.stdout and "Take two of the points" not in shown.stdout
    work = tmp_path / "work.py"
    work.write_text("", encoding="utf-8")
    for command in (
        ("learn", LESSON),
        ("ask", f"what is {LESSON} about?"),
        ("grade-all", LESSON, str(tmp_path)),
        ("note", LESSON),
    ):
        refused = mltutor(*command, **place)
        assert refused.returncode == 2, command
        assert f"mltutor verify {LESSON}" in refused.stderr, (command, refused.stderr)
        assert "Traceback" not in refused.stderr


@isolated
def test_a_pack_in_development_is_proved_again_when_it_changed(mltutor: Run, tmp_path: Path) -> None:
    source = copy_example(tmp_path / "pack")
    place = {"MLTUTOR_CONTENT_PATHS": str(source), **WORDS}
    record_proof(tmp_path / "home", source, LESSON, PROJECT)
    replace(source / PAGE, "assert middle(11) == 2.0", "assert middle(11) == 3.0")
    assert {row["status"] for row in document(mltutor("list", "--json", **place)) if ":" in row["id"]} == {
        "stale",
        "blocked",
    }
    refused = mltutor("learn", LESSON, **place)
    assert refused.returncode == 2
    assert "proving robust:theil-sen, which changed" in refused.stderr
    assert "its proof failed" in refused.stderr and "AssertionError" in refused.stderr
    failed = mltutor("verify", LESSON, **place)
    assert failed.returncode == 1 and "0 units verified, 1 failed" in failed.stdout
    replace(source / PAGE, "assert middle(11) == 3.0", "assert middle(11) == 2.0")
    proved = mltutor("verify", LESSON, **place)
    assert proved.returncode == 0 and "1 units verified, 0 failed" in proved.stdout, proved.stderr


def test_without_isolation_nothing_is_copied_even_with_consent(mltutor: Run, tmp_path: Path) -> None:
    extra = {"MLTUTOR_ISOLATION": "none", "MLTUTOR_ALLOW_UNISOLATED": "true"}
    done = mltutor("content", "add", str(EXAMPLE), "--json", **extra)
    assert done.returncode == 2 and document(done)["error"]["code"] == "unisolated"
    assert not list((tmp_path / "home").rglob("*.md"))


def test_without_isolation_a_proved_project_is_not_run(mltutor: Run, tmp_path: Path) -> None:
    source = copy_example(tmp_path / "pack")
    record_proof(tmp_path / "home", source, LESSON, PROJECT)
    extra = {
        "MLTUTOR_ISOLATION": "none",
        "MLTUTOR_ALLOW_UNISOLATED": "true",
        "MLTUTOR_CONTENT_PATHS": str(source),
    }
    done = mltutor("start", PROJECT, "--dir", str(tmp_path / "work"), **extra)
    assert done.returncode == 2 and "cannot be isolated" in done.stderr, done.stderr
    assert not (tmp_path / "work").exists()


def test_a_broken_pack_is_told_and_the_rest_goes_on(mltutor: Run, tmp_path: Path) -> None:
    source = copy_example(tmp_path / "pack")
    replace(source / "pack.yaml", "name: robust", "name: own")
    place = {"MLTUTOR_CONTENT_PATHS": str(source)}
    listed = mltutor("list", "lesson", **place)
    assert listed.returncode == 0 and listed.stderr.count("left out") == 1
    rows = document(mltutor("content", "--json", **place))
    assert rows[0]["kind"] == "pack" and "means something else" in rows[0]["problem"]
    refused = mltutor("content", "add", str(source))
    assert refused.returncode == 2 and "Choose a name of your own." in refused.stderr


def test_a_setting_that_is_no_whole_path_is_refused(mltutor: Run) -> None:
    done = mltutor("config", "content_paths", "packs/mine", "--json")
    assert done.returncode == 2 and "whole path" in document(done)["error"]["message"]
    assert mltutor("config", "content_paths", "/srv/one:/srv/two").returncode == 0
    assert document(mltutor("config", "content_paths", "--json")) == {
        "content_paths": ["/srv/one", "/srv/two"]
    }
    remove = mltutor("content", "remove", "nothing")
    assert remove.returncode == 2 and "There is no material" in remove.stderr
