"""The programmes: five seeds, each led through the units without leaving a row out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from knowledge.catalog import Catalog, load_catalog
from knowledge.programme import reached_rows
from tutor_error import TutorError

SEEDS = ("applied-dl-course", "community-syllabus", "dl-learning-hub", "dl-roadmap", "ninety-projects")


def test_each_seed_has_its_programme() -> None:
    catalog = load_catalog()
    assert catalog.programme_ids == SEEDS
    assert {row.seed for row in catalog.inventory.values()} == set(SEEDS)
    assert all(programme.seed == name for name, programme in catalog.programmes.items())


@pytest.mark.parametrize("seed", SEEDS)
def test_every_row_of_the_seed_is_reached(seed: str) -> None:
    catalog = load_catalog()
    reached = reached_rows(catalog.programme(seed), catalog.units)
    assert [row.id for row in catalog.inventory.values() if row.seed == seed and row.id not in reached] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_units_and_rows_stand_once(seed: str) -> None:
    programme = load_catalog().programme(seed)
    assert max(Counter(programme.unit_ids()).values()) == 1
    assert max(Counter(programme.named_rows()).values(), default=1) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_every_listed_unit_covers_a_row_of_the_seed(seed: str) -> None:
    catalog = load_catalog()
    rows = {row.id for row in catalog.inventory.values() if row.seed == seed}
    strangers = [
        unit for unit in catalog.programme(seed).unit_ids() if not rows & set(catalog.units[unit].covers)
    ]
    assert strangers == []


@pytest.mark.parametrize("seed", SEEDS)
def test_every_unit_that_covers_a_row_of_the_seed_is_listed(seed: str) -> None:
    catalog = load_catalog()
    rows = {row.id for row in catalog.inventory.values() if row.seed == seed}
    listed = set(catalog.programme(seed).unit_ids())
    assert {unit.id for unit in catalog.units.values() if rows & set(unit.covers)} - listed == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_section_puts_no_lesson_after_one_that_builds_on_it(seed: str) -> None:
    catalog = load_catalog()
    for section in catalog.programme(seed).sections():
        lessons = [unit for unit in section.units if catalog.units[unit].kind == "lesson"]
        late = [
            (unit, before)
            for place, unit in enumerate(lessons)
            for before in catalog.units[unit].prerequisites
            if before in lessons[place:]
        ]
        assert late == [], section.id


@pytest.mark.parametrize("seed", SEEDS)
def test_deliverables_and_metrics_of_the_seed_are_placed_as_such(seed: str) -> None:
    catalog = load_catalog()
    programme = catalog.programme(seed)
    kinds = {"deliverable", "metric"}
    wanted = {row.id for row in catalog.inventory.values() if row.seed == seed and row.kind in kinds}
    assert wanted <= {goal.row for goal in programme.goals()}


def test_weeks_of_the_parts_follow_each_other() -> None:
    for programme in load_catalog().programmes.values():
        spans = [part.weeks for part in programme.parts if part.weeks]
        ends = [int(span.split("-")[-1]) for span in spans]
        starts = [int(span.split("-")[0]) for span in spans]
        assert starts == [1, *(end + 1 for end in ends)][: len(starts)]


def test_the_projects_of_the_ninety_stand_in_their_order() -> None:
    order = load_catalog().programme("ninety-projects").unit_ids()
    for area in ("ml", "dl", "cv"):
        numbered = [unit for unit in order if unit[:3] == f"{area}-" and unit[3:5].isdigit()]
        assert [int(unit[3:5]) for unit in numbered] == list(range(1, 31))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("units: [ruler]", "units: [rular]", "unknown unit `rular` in `ruler-week`. Did you mean `ruler`?"),
        ("units: [ruler]", "units: [ruler, slopes]", "unit `slopes` is listed 2 times"),
        (
            "revisits: [straight-lines]",
            "revisits: [case-crooked-wall]",
            "revisits `case-crooked-wall`, which was not met",
        ),
        ("unit: ruler}]", "unit: slopes}]", "`slopes` does not cover s/project-1"),
        ("unit: ruler}]", "unit: ruler, needs: 2}]", "s/project-1 needs 2 units and names 1"),
        ("unit: ruler}]", "unit: nobody}]", "unknown unit `nobody` for s/project-1"),
        ("resources: [s/book]", "resources: [s/bok]", "`s/bok` is no row of school. Did you mean `s/book`?"),
        ("    resources: [s/book]\n", "", "1 rows are out of reach, first s/book"),
        ("resources: [s/book]", "resources: [s/book, s/project-1]", "row `s/project-1` is listed 2 times"),
        ("{id: wall,", "{id: start,", "section `start` is listed 2 times"),
        ("units: [ruler]", "unites: [ruler]", "unites"),
        ("id: school", "id: academy", "its id is `academy`, not the file's name"),
        ('weeks: "1"', 'weeks: "soon"', "weeks"),
    ],
)
def test_a_mistake_in_a_programme_is_told(school_content: Path, old: str, new: str, told: str) -> None:
    path = school_content / "programmes" / "school.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TutorError) as caught:
        Catalog(school_content).programme("school")
    assert caught.value.code == "broken-content"
    assert "school.yaml" in caught.value.message
    assert told in caught.value.message


def test_a_goal_whose_unit_stands_in_no_part_is_told(school_content: Path) -> None:
    path = school_content / "programmes" / "school.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("        units: [ruler]\n", ""), encoding="utf-8"
    )
    with pytest.raises(TutorError, match="`ruler` fulfils s/project-1 and stands in no part"):
        Catalog(school_content).programme("school")
