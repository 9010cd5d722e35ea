"""A pack is read whole or refused: its formats, its names, and what a hostile folder holds."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge import pack_files
from knowledge.catalog import load_catalog
from knowledge.content_file import read_yaml
from knowledge.pack import Pack, check_place, read_pack
from knowledge.pack_files import check_texts
from tests.knowledge.packs import LESSON, PAGE, PROJECT, PROJECT_FILE, copy_example, replace
from tutor_error import TutorError


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return copy_example(tmp_path / "pack")


def refuse(act: Callable[[], object]) -> TutorError:
    with pytest.raises(TutorError) as refused:
        act()
    assert refused.value.code == "broken-content"
    return refused.value


def place(root: Path) -> Pack:
    pack, curriculum = read_pack(root), load_catalog()
    check_place(pack, curriculum.units, curriculum.programme_ids)
    return pack


def test_units_get_their_rows_from_their_own_front_matter(example: Path) -> None:
    pack = place(example)
    lesson, project = pack.units[LESSON], pack.units[PROJECT]
    assert (lesson.kind, lesson.track, lesson.level) == ("lesson", "classical-ml", 2)
    assert lesson.covers == ("middle-slopes",) and pack.inventory["middle-slopes"].kind == "topic"
    assert (project.kind, project.prerequisites) == ("project", (LESSON,))
    assert "mean-of-the-slopes" in pack.misconceptions


def test_the_hash_covers_what_units_share_and_no_hidden_file(example: Path) -> None:
    before = read_pack(example).content_hash(LESSON)
    (example / "lessons" / ".git").mkdir()
    (example / "notes").mkdir()
    assert read_pack(example).content_hash(LESSON) == before
    replace(example / "misconceptions.yaml", "One wild point", "A single wild point")
    assert read_pack(example).content_hash(LESSON) != before


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("pack.yaml", "name: robust", "name: own", "means something else"),
        ("pack.yaml", "name: robust", "name: ../up", "`name`"),
        ("pack.yaml", "name: robust", "name: perceptron", "is taken"),
        ("pack.yaml", "name: robust", "name: ninety-projects", "is taken"),
        ("pack.yaml", "license: Apache-2.0", "licence: Apache-2.0", "`licence` is no known key"),
        (
            "pack.yaml",
            "title: Lines that stand a few wild points",
            'title: "\\e[2JLines"',
            "control character U+001B",
        ),
        (PAGE, "id: theil-sen\n", "id: ../theil-sen\n", "`id`"),
        (PAGE, "id: theil-sen\n", "id: perceptron\n", "must be `theil-sen`"),
        (PAGE, "track: classical-ml", "track: math", "The folder says"),
        (PAGE, "middle-slopes:", "syllabus/project/13:", "is no row of pack.yaml"),
        (PAGE, "[linear-and-polynomial-regression]", "[theil-sen-line]", "is no unit"),
        (PAGE, "[linear-and-polynomial-regression]", '["robust:theil-sen-line"]', "circle"),
        (PROJECT_FILE, "id: theil-sen-line", "id: [a, b]", "`id`"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_wrong_value_is_refused_by_name(example: Path, file: str, old: str, new: str, says: str) -> None:
    replace(example / file, old, new)
    assert says in str(refuse(lambda: place(example)))


def test_a_unit_that_shadows_one_of_the_curriculum_is_refused(example: Path) -> None:
    page = example / PAGE
    replace(page, "id: theil-sen\n", "id: perceptron\n")
    page.rename(page.with_name("perceptron.md"))
    replace(example / PROJECT_FILE, '["robust:theil-sen"]', "[]")
    assert "unit of the curriculum" in refuse(lambda: place(example)).message


def test_one_id_for_two_units_is_refused(example: Path) -> None:
    (example / "cases").mkdir()
    (example / "cases" / "theil-sen.md").write_text("---\n---\n", encoding="utf-8")
    assert "is the id of" in refuse(lambda: read_pack(example)).message


def _link_file(root: Path) -> None:
    (root / PAGE).unlink()
    (root / PAGE).symlink_to("/etc/passwd")


def _link_head(root: Path) -> None:
    (root / "pack.yaml").rename(root.parent / "pack.yaml")
    (root / "pack.yaml").symlink_to(root.parent / "pack.yaml")


def _link_folder(root: Path) -> None:
    (root / "projects" / "etc").symlink_to("/etc")


def _pipe(root: Path) -> None:
    os.mkfifo(root / "lessons" / "classical-ml" / "pipe.md")


def _odd_name(root: Path) -> None:
    (root / "projects" / "theil-sen-line" / "a\nb.py").write_text("", encoding="utf-8")


def _twins(root: Path) -> None:
    (root / "projects" / "theil-sen-line" / "Data.py").write_text("", encoding="utf-8")


def _huge(root: Path) -> None:
    with (root / "projects" / "theil-sen-line" / "data.npy").open("wb") as file:
        file.truncate(5_000_000_000)


def _deep(root: Path) -> None:
    (root / "projects" / "theil-sen-line" / "a/b/c/d/e/f").mkdir(parents=True)


def _stray(root: Path) -> None:
    (root / "lessons" / "loose.md").write_text("---\n---\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_link_file, "is a link"),
        (_link_head, "is a link"),
        (_link_folder, "is a link"),
        (_pipe, "no regular file"),
        (_odd_name, "has a name of other than"),
        (_twins, "where case does not count"),
        (_huge, "at most"),
        (_deep, "folders deep"),
        (_stray, "belongs to no unit"),
    ],
)
def test_a_hostile_file_refuses_the_whole_pack(
    example: Path, spoil: Callable[[Path], None], says: str
) -> None:
    spoil(example)
    assert says in refuse(lambda: read_pack(example)).message


def test_too_many_files_are_refused(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_files, "MAX_FILES", 10)
    assert "more than 10 files" in refuse(lambda: read_pack(example)).message


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (LAUGHS, "is an alias"),
        ("a: &a [*a]\n", "is an alias"),
        ("a: " + "[" * 100_000, "nested more than"),
        ("- " * 20_000 + "x", "nested more than"),
        ("a: " + "[" * 900 + "]" * 900, "cannot be read"),
        ("a: " + "9" * 100_000, "cannot be read"),
        ("when: 2026-99-99", "cannot be read"),
        ("? [a, b]\n: c", "cannot be read"),
        ("a: !!python/object/apply:os.system [id]", "could not determine a constructor"),
    ],
    ids=["laughs", "itself", "deep", "deep-block", "deeper-than-python", "digits", "date", "key", "tag"],
)
def test_a_yaml_bomb_is_told_and_does_not_go_off(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "pack.yaml"
    path.write_text(text, encoding="utf-8")
    assert says in refuse(lambda: read_yaml(path)).message


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (PAGE, "Take two of the points.", "Take two\x1b]0;owned\x07 of the points."),
        ("projects/theil-sen-line/brief.md", "A float", "\u202eA float"),
        ("projects/theil-sen-line/hints.yaml", '"Among four', '"\\x1b[2JAmong four'),
    ],
)
def test_a_text_that_would_move_the_cursor_is_refused(example: Path, file: str, old: str, new: str) -> None:
    check_texts(example)
    replace(example / file, old, new)
    assert "control character" in refuse(lambda: check_texts(example)).message
