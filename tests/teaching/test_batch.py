"""A class is graded whole: each entry for itself, nothing twice, whatever one of them does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.catalog import load_catalog
from sandbox.submission import submission_from_files
from teaching import batch as batch_module
from teaching.batch import Batch, Class, Row, attempt_of, find_entries, learner_of
from teaching.curve import loss_curve
from teaching.database import check_learner
from teaching.fingerprint import find_similar, fingerprints
from teaching.records import Records, open_records
from teaching.report_page import class_page, entry_page, page_names, write_pages
from tutor_error import TutorError

CATALOG = load_catalog()
PROJECT = CATALOG.project("iris-knn-classifier")
RIGHT = (PROJECT.folder / "reference.py").read_text(encoding="utf-8")
STARTER = PROJECT.starter.read_text(encoding="utf-8")
WRONG = sorted((PROJECT.folder / "wrong").glob("*.py"))[0].read_text(encoding="utf-8")


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    home = tmp_path / "home"
    home.mkdir()
    with open_records(home) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "class"
    place.mkdir()
    return place


def batch(records: Records, tmp_path: Path, **options: object) -> Batch:
    return Batch(CATALOG, records, tmp_path / "home", **{"jobs": 2, **options})  # type: ignore[arg-type]


def by_name(graded: Class) -> dict[str, Row]:
    return {row.name: row for row in graded.rows}


def test_each_entry_is_graded_and_a_rerun_grades_nothing_twice(
    records: Records, folder: Path, tmp_path: Path
) -> None:
    (folder / "ada.py").write_text(RIGHT, encoding="utf-8")
    (folder / "bob").mkdir()
    (folder / "bob" / "solution.py").write_text(WRONG, encoding="utf-8")
    (folder / "eve.py").write_text("import os\nos._exit(0)\n", encoding="utf-8")
    (folder / "mia.py").write_bytes(b"\xff\xfe\x00")
    told: list[tuple[int, int]] = []
    first = batch(records, tmp_path).run(PROJECT.unit.id, folder, lambda row, n, of: told.append((n, of)))
    rows = by_name(first)
    assert [row.status for row in first.rows] == ["passed", "failed", "failed", "error"]
    assert sorted(rows) == ["ada", "bob", "eve", "mia"]
    assert "not UTF-8" in rows["mia"].message
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    again = by_name(batch(records, tmp_path).run(PROJECT.unit.id, folder))
    assert [again[name].is_new for name in ("ada", "bob", "eve")] == [False] * 3
    assert again["bob"].grade == rows["bob"].grade
    anew = by_name(batch(records, tmp_path, again=True).run(PROJECT.unit.id, folder))
    assert anew["ada"].is_new and anew["ada"].grade != rows["ada"].grade


def test_a_stopped_run_keeps_what_is_graded_and_goes_on(
    records: Records, folder: Path, tmp_path: Path
) -> None:
    for name in ("a", "b", "c", "d"):
        (folder / f"{name}.py").write_text(f"# {name}\n{STARTER}", encoding="utf-8")

    def stop(row: Row, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch(records, tmp_path, jobs=1).run(PROJECT.unit.id, folder, stop)
    rest = batch(records, tmp_path, jobs=1).run(PROJECT.unit.id, folder)
    assert [row.is_new for row in rest.rows][:2] == [False, False]
    assert all(row.status == "failed" for row in rest.rows)


def test_a_fault_of_the_grader_costs_one_row_and_is_logged(
    records: Records, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "ada.py").write_text(RIGHT, encoding="utf-8")
    (folder / "bad.py").write_text("# bad\n" + RIGHT, encoding="utf-8")
    real = batch_module.grade_project

    def broken(*args: object, **options: object) -> object:
        if "bad" in str(args[2]):
            raise ZeroDivisionError("ours")
        return real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(batch_module, "grade_project", broken)
    logged: dict[str, str] = {}
    rows = by_name(batch(records, tmp_path, log=logged.__setitem__).run(PROJECT.unit.id, folder))
    assert rows["ada"].status == "passed"
    assert rows["bad"].status == "error" and "ZeroDivisionError" in rows["bad"].message
    assert list(logged) == ["bad"] and "Traceback" in logged["bad"]


def test_two_entries_of_one_name_are_both_told(records: Records, folder: Path, tmp_path: Path) -> None:
    (folder / "ada.py").write_text(RIGHT, encoding="utf-8")
    (folder / "ada").mkdir()
    graded = batch(records, tmp_path).run(PROJECT.unit.id, folder)
    assert [row.status for row in graded.rows] == ["error", "error"]
    assert all("called ada" in row.message for row in graded.rows)


def test_what_is_no_entry_is_left_out_and_an_empty_folder_is_told(folder: Path) -> None:
    for name in (".hidden.py", "notes.txt", "__pycache__"):
        (folder / name).mkdir() if name == "__pycache__" else (folder / name).write_text(
            "x", encoding="utf-8"
        )
    (folder / "link.py").symlink_to("/etc/passwd")
    with pytest.raises(TutorError) as caught:
        find_entries(folder)
    assert caught.value.code == "empty-folder"
    with pytest.raises(TutorError) as caught:
        find_entries(folder / "nowhere")
    assert caught.value.code == "missing-folder"


def test_a_cancelled_batch_grades_nothing(records: Records, folder: Path, tmp_path: Path) -> None:
    (folder / "ada.py").write_text(RIGHT, encoding="utf-8")
    stop = threading.Event()
    stop.set()
    graded = batch(records, tmp_path).run(PROJECT.unit.id, folder, cancel=stop)
    assert graded.rows[0].status == "error" and "stopped" in graded.rows[0].message


def test_ids_follow_the_work_and_the_checks() -> None:
    one, two = (submission_from_files({"solution.py": text}, "solution.py") for text in ("a = 1", "a = 2"))
    assert attempt_of(one, "c") == attempt_of(one, "c")
    assert len({attempt_of(one, "c"), attempt_of(two, "c"), attempt_of(one, "d")}) == 3


@pytest.mark.parametrize("name", ["default", "x" * 200, "a b", "Zoë"])
def test_an_entrys_records_are_nobody_elses(name: str) -> None:
    learner = learner_of("iris-knn-classifier", name)
    assert check_learner(learner) == learner != name
    assert learner_of("another", name) != learner
    assert learner_of("iris-knn-classifier", name + "y") != learner


def test_renamed_and_reordered_copies_are_alike_and_the_starter_is_not() -> None:
    functions = RIGHT.split("\ndef ")
    head, bodies = functions[0], functions[1:]
    copied = head + "".join("\ndef " + body for body in reversed(bodies))
    copied = copied.replace("distance", "abstand").replace("neighbours", "nn").replace("0.", "1.")
    sources = {"ada": RIGHT, "bob": "# mine\n" + copied, "new": STARTER, "none": STARTER + "\nx = 1\n"}
    found = find_similar(sources, [STARTER])
    assert [(pair.first, pair.second) for pair in found] == [("ada", "bob")]
    assert found[0].similarity > 0.8


def test_fingerprints_survive_names_comments_and_layout() -> None:
    one = "def f(a, b):\n    '''Adds.'''\n    s = 0\n    for x in a:\n        s += x * b\n    return s\n"
    two = "def g(u, v):\n    # sum\n    s = 7\n    for k in u:\n            s += k * v\n    return s\n"
    assert fingerprints(one) == fingerprints(two) != frozenset()
    assert fingerprints("def f(:") == frozenset()


def graded_row(message: str) -> Row:
    check = {
        "id": "c", "title": "<b>title</b>", "task": "", "status": "failed", "points": 0.0, "max_points": 2.0,
        "seen": "<img src=x onerror=alert(1)>", "expected": "5", "message": message, "misconception": None,
        "hint_available": False,
    }  # fmt: skip
    environment = {"lab": "base", "python": "3", "content": "c", "engine": "e"}
    grade = {
        "passed": False, "score": 0.0, "max_score": 2.0, "checks": [check], "figures": [], "seconds": 1.0,
        "device": "cpu", "attempt": "a", "environment": environment,
        "metrics": [{"step": 0, "loss": 2.0}, {"step": 1, "loss": 1.0}],
    }  # fmt: skip
    return Row("<script>eve</script>", "failed", grade)


def test_pages_escape_what_a_learner_wrote_and_fetch_nothing(tmp_path: Path) -> None:
    row = graded_row("<script>alert(1)</script>")
    graded = Class("p", (row, Row("mia", "error", message="<i>no</i>")))
    written = write_pages(graded, "Title", tmp_path / "class.html", CATALOG.misconceptions)
    assert [path.name for path in written] == ["class.html", "script-eve-script.html", "mia.html"]
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text and "<img src=x" not in text and "<i>no" not in text
        assert "http" not in text.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    assert "<polyline" in entry_page(row, "t", {})
    assert "0 of 1" in class_page(graded, "t", {})


def test_page_names_are_safe_and_no_two_are_one() -> None:
    names = page_names(["../../etc", "Ada", "ada", "", "a/b"])
    assert list(names.values()) == ["etc.html", "Ada.html", "ada-2.html", "entry.html", "a-b.html"]


def test_a_curve_has_a_line_a_series_and_leaves_out_what_is_no_number() -> None:
    metrics = [{"step": n, "loss": 1 / (n + 1), "note": "x", "bad": float("nan")} for n in range(5)]
    svg = loss_curve(metrics)
    assert svg.count("<polyline") == 1 and "<title>loss by step</title>" in svg
    assert loss_curve([]) == loss_curve([{"step": 1, "note": "x"}]) == ""
    assert "&lt;b&gt;" in loss_curve([{"step": 0, "<b>": 1.0}])
