"""The two tables: read in order, refused with file and line when they disagree."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.catalog import PACKAGED
from knowledge.inventory import check_curriculum, find_cycle, load_curriculum
from tutor_error import TutorError


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_packaged_curriculum_is_sound() -> None:
    assert check_curriculum(PACKAGED) == []


def test_the_packaged_curriculum_has_all_units_and_rows() -> None:
    curriculum = load_curriculum(PACKAGED)
    kinds = [unit.kind for unit in curriculum.units.values()]
    assert len(kinds) == 493
    assert [kinds.count(kind) for kind in ("lesson", "project", "case_study")] == [281, 188, 24]
    assert len(curriculum.inventory) == 1967


def test_units_keep_the_order_of_the_file(school_tables: Path) -> None:
    units = load_curriculum(school_tables).units
    assert list(units) == ["straight-lines", "slopes", "ruler", "case-crooked-wall"]
    assert units["case-crooked-wall"].prerequisites == ("slopes", "ruler")
    assert units["ruler"].covers == ("s/project-1", "s/project-1/task-1")


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (
            "units.csv",
            "2,straight-lines,",
            "2,straight-line,",
            "units.csv line 3: slopes: unknown prerequisite `straight-line`. Did you mean `straight-lines`",
        ),
        (
            "units.csv",
            "s/topic-2",
            "s/topic-22",
            "units.csv line 3: slopes: unknown inventory row `s/topic-22`",
        ),
        ("units.csv", "s/topic-2", "s/topic-2;s/topic-2", "slopes: names inventory row `s/topic-2` twice"),
        ("units.csv", "s/topic-2", "", "slopes: covers nothing"),
        ("units.csv", "slopes,lesson", "slopes,lessn", "units.csv line 3: slopes: unknown kind `lessn`"),
        ("units.csv", "Slopes,math", "Slopes,mth", "slopes: unknown track `mth`. Did you mean `math`?"),
        ("units.csv", "math,2", "math,6", "slopes: bad level `6`"),
        ("units.csv", "Slopes,math,2", ",math,2", "slopes: no title"),
        ("units.csv", "slopes,lesson", "Slopes,lesson", "an id is lower-case words"),
        (
            "units.csv",
            "\nslopes,",
            "\nstraight-lines,",
            "units.csv line 3: straight-lines: this id is used twice",
        ),
        ("units.csv", "math,2,", "math,", "units.csv line 3: 6 fields, not 7"),
        ("units.csv", "unit_id", "id", "units.csv: the columns are"),
        (
            "units.csv",
            "math,1,,s/topic-1",
            "math,1,slopes,s/topic-1",
            "the prerequisites run in a circle: straight-lines -> slopes -> straight-lines",
        ),
        (
            "inventory.csv",
            "s/topic-2,school",
            "s/topic-1,school",
            "inventory.csv line 3: s/topic-1: this id is used twice",
        ),
        ("inventory.csv", "2,topic", "2,topc", "inventory.csv line 3: s/topic-2: unknown kind `topc`"),
        ("inventory.csv", "One,Slopes", "One,", "inventory.csv line 3: s/topic-2: no title or no section"),
        ("inventory.csv", "s/topic-2,school", "s topic-2,school", "an id has letters, digits"),
        ("inventory.csv", "2,topic", "2,exercise", "s/topic-2 (exercise) is covered by no project"),
        ("units.csv", ";s/project-1/task-1", "", "no project covers s/project-1 with all 1 of its parts"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_row(
    school_tables: Path, file: str, old: str, new: str, told: str
) -> None:
    replace(school_tables / file, old, new)
    problems = check_curriculum(school_tables)
    assert any(told in problem for problem in problems), problems
    with pytest.raises(TutorError) as caught:
        load_curriculum(school_tables)
    assert caught.value.code == "broken-content"
    assert problems[0] in caught.value.message


def test_a_missing_table_is_told(school_tables: Path) -> None:
    (school_tables / "units.csv").unlink()
    assert any("units.csv: cannot be read" in problem for problem in check_curriculum(school_tables))


def test_a_long_chain_of_prerequisites_is_no_cycle_and_no_overflow() -> None:
    chain = {str(n): (str(n + 1),) for n in range(5000)} | {"5000": ()}
    assert find_cycle(chain) is None
    closed = find_cycle(chain | {"5000": ("4998",)})
    assert closed is not None
    assert closed[0] == closed[-1]
    assert set(closed) == {"4998", "4999", "5000"}
