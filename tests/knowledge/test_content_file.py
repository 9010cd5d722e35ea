from pathlib import Path

import pytest

from knowledge.content_file import parse, read_front_matter, read_yaml
from knowledge.unit import LessonFrontMatter, Misconception, ProjectFile
from tutor_error import TutorError

PROJECT = """
format: 1
id: a-project
title: A project
track: math
level: 1
minutes: 60
budget: {seconds: 5, memory_mb: 512}
"""


def refuse(path: Path, text: str, record: type = ProjectFile) -> TutorError:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TutorError) as caught:
        parse(record, read_yaml(path), path)
    assert caught.value.code == "broken-content"
    assert str(path) in caught.value.message
    return caught.value


def test_unknown_key_names_the_nearest_valid_key(tmp_path: Path) -> None:
    error = refuse(tmp_path / "project.yaml", PROJECT + "memory: 3\nlevell: 2\n")
    assert "`levell` is no known key" in error.message
    assert "`level`" in error.remedy


def test_unknown_key_inside_a_part_is_matched_with_that_part(tmp_path: Path) -> None:
    error = refuse(tmp_path / "project.yaml", PROJECT.replace("memory_mb", "memory_bm"))
    assert "`budget.memory_bm` is no known key" in error.message
    assert "`memory_mb`" in error.remedy


def test_missing_key_is_named(tmp_path: Path) -> None:
    error = refuse(tmp_path / "project.yaml", PROJECT.replace("minutes: 60\n", ""))
    assert "`minutes` is missing" in error.message


def test_every_wrong_key_is_told_at_once(tmp_path: Path) -> None:
    error = refuse(tmp_path / "project.yaml", PROJECT.replace("level: 1", "level: 9") + "extra: 1\n")
    assert "`level`" in error.message
    assert "`extra`" in error.message


def test_key_given_twice_is_an_error_with_its_line(tmp_path: Path) -> None:
    error = refuse(tmp_path / "project.yaml", PROJECT + "level: 2\n")
    assert "`level` is given twice" in error.message
    assert "line 9" in error.message


def test_yaml_syntax_error_tells_its_line(tmp_path: Path) -> None:
    error = refuse(tmp_path / "project.yaml", "format: 1\ntitle: a: b\n")
    assert "line 2" in error.message


def test_yaml_cannot_construct_python_objects(tmp_path: Path) -> None:
    refuse(tmp_path / "project.yaml", "!!python/object/apply:os.system ['true']\n")


def test_file_that_is_not_utf8_says_where(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_bytes(b"---\nid: \xff\n---\n")
    with pytest.raises(TutorError, match="not UTF-8 at byte 8"):
        read_front_matter(path)


def test_front_matter_without_an_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text("---\nid: x\n", encoding="utf-8")
    with pytest.raises(TutorError, match="has no end"):
        read_front_matter(path)


def test_line_numbers_in_front_matter_count_from_the_top_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text("---\nid: x\nid: y\n---\n", encoding="utf-8")
    with pytest.raises(TutorError, match="line 3"):
        read_front_matter(path)


def test_question_of_a_kind_offers_that_kinds_keys(tmp_path: Path) -> None:
    question = "{id: q, kind: numeric, ask: a, answer: 1, tolerance: 0, why: w, tolerence: 1}"
    text = f"""format: 1
id: a
title: A
track: math
level: 1
minutes: 20
covers: {{x: y}}
objectives: [o]
references: [{{authors: a, title: t, year: 2000, url: "https://example.org"}}]
questions: [{question}, {question}]
"""
    error = refuse(tmp_path / "l.md", text, LessonFrontMatter)
    assert "`questions.0.tolerence` is no known key" in error.message
    assert "`tolerance`" in error.remedy


def test_reference_that_cannot_be_found_is_refused(tmp_path: Path) -> None:
    from knowledge.unit import Reference

    error = refuse(tmp_path / "r.yaml", "{authors: a, title: t, year: 2000}", Reference)
    assert "one of doi, arxiv, isbn or url" in error.message


def test_list_in_place_of_a_mapping_is_refused(tmp_path: Path) -> None:
    error = refuse(tmp_path / "m.yaml", "[1, 2]", Misconception)
    assert "list, not a mapping" in error.message
