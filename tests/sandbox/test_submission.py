"""What is taken as a submission, and what each refusal says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.submission import MAX_FILES, read_submission, submission_from_files
from tutor_error import TutorError


def refusal(path: Path, main: str = "starter.py") -> TutorError:
    with pytest.raises(TutorError) as refused:
        read_submission(path, main=main)
    return refused.value


def notebook(*cells: object) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells], "nbformat": 4})


def test_a_file_is_its_own_main(tmp_path: Path) -> None:
    path = tmp_path / "alice.py"
    path.write_text("x = 1\n", encoding="utf-8")
    taken = read_submission(path, main="starter.py")
    assert (taken.main, taken.files) == ("alice.py", {"alice.py": b"x = 1\n"})


def test_a_folder_gives_its_code_and_nothing_else(tmp_path: Path) -> None:
    for name in ("starter.py", "model/net.py", ".venv/lib/a.py", "__pycache__/b.py", "data.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    taken = read_submission(tmp_path, main="starter.py")
    assert sorted(taken.files) == ["model/net.py", "starter.py"]
    assert taken.main == "starter.py"


def test_a_notebook_may_stand_for_the_script_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "starter.ipynb").write_text(notebook("x = 1"), encoding="utf-8")
    (tmp_path / "other.py").write_text("y = 1", encoding="utf-8")
    assert read_submission(tmp_path, main="starter.py").main == "starter.ipynb"


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path / "nowhere.py")
    assert error.code == "unreadable-submission"
    assert "nowhere.py" in error.message


def test_a_folder_without_the_main_file_says_what_is_there(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("x = 1", encoding="utf-8")
    error = refusal(tmp_path)
    assert error.code == "unreadable-submission"
    assert "a.py, b.py" in error.message
    assert "starter.py" in error.remedy


@pytest.mark.parametrize("name", ["notes.txt", "work.zip"])
def test_other_kinds_of_file_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert refusal(tmp_path / name).code == "unreadable-submission"


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_an_empty_script_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    assert refusal(tmp_path / "a.py").code == "empty-submission"


def test_an_empty_folder_or_notebook_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path).code == "empty-submission"
    (tmp_path / "a.ipynb").write_text(notebook("", []), encoding="utf-8")
    assert refusal(tmp_path / "a.ipynb").code == "empty-submission"


@pytest.mark.parametrize("text", ["{", "[]", '{"cells": [{"cell_type": "code"}]}', '{"cells": 3}'])
def test_a_damaged_notebook_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.ipynb").write_text(text, encoding="utf-8")
    assert refusal(tmp_path / "a.ipynb").code == "unreadable-submission"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00x", b"x = 1\x00"])
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.py").write_bytes(content)
    assert refusal(tmp_path / "a.py").code == "binary-submission"


def test_too_much_text_and_too_many_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("#" * 5_000_001, encoding="utf-8")
    assert refusal(tmp_path / "a.py").code == "huge-submission"
    with pytest.raises(TutorError) as refused:
        submission_from_files({f"f{i}.py": "x" for i in range(MAX_FILES + 1)}, "f0.py")
    assert refused.value.code == "huge-submission"


@pytest.mark.parametrize("name", ["/etc/cron.py", "../a.py", "a\\b.py"])
def test_names_that_leave_the_workspace_are_refused(name: str) -> None:
    with pytest.raises(TutorError, match="no path inside"):
        submission_from_files({name: "x = 1"}, name)
