"""The plan of a programme: times, hand-ins and its text for a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.catalog import Catalog, load_catalog
from knowledge.outline import outline, plan_text


def test_written_units_state_their_time_and_planned_ones_are_estimated(school_content: Path) -> None:
    catalog = Catalog(school_content)
    plan = outline(catalog.programme("school"), catalog)
    units = {planned.unit.id: planned for part in plan.parts for planned in part.all_units()}
    assert (units["straight-lines"].minutes, units["straight-lines"].estimated) == (37, False)
    assert (units["ruler"].minutes, units["ruler"].estimated) == (44, False)
    assert units["slopes"].estimated
    assert units["case-crooked-wall"].minutes > units["slopes"].minutes


def test_times_add_up_over_sections_and_parts(school_content: Path) -> None:
    catalog = Catalog(school_content)
    plan = outline(catalog.programme("school"), catalog)
    assert plan.minutes == sum(planned.minutes for part in plan.parts for planned in part.all_units())
    assert plan.days(30) == -(-plan.minutes // 30)
    assert sum(part.minutes for part in plan.parts) == plan.minutes


def test_the_check_that_fills_a_metric_comes_from_the_written_project(school_content: Path) -> None:
    catalog = Catalog(school_content)
    plan = outline(catalog.programme("school"), catalog)
    assert [metric.check for metric in plan.success_metrics] == ["marks-are-even"]
    (school_content / "projects" / "ruler" / "project.yaml").unlink()
    without = Catalog(school_content)
    assert [metric.check for metric in outline(without.programme("school"), without).success_metrics] == [
        None
    ]


def test_the_plan_names_weeks_marks_hand_ins_and_measures(school_content: Path) -> None:
    catalog = Catalog(school_content)
    text = plan_text(catalog.programme("school"), catalog)
    assert "Start (week 1, " in text
    assert "Build (weeks 2-3, " in text
    assert "  =  37 min  straight-lines " in text
    assert "    hand in: A straight ruler (ruler, check marks-are-even)" in text
    assert "    again: straight-lines" in text
    assert "  with: Elements" in text
    assert "Success is measured by\n  Its marks are even (ruler, check marks-are-even)" in text
    assert "2 written, 2 planned" in text


@pytest.mark.parametrize("programme", load_catalog().programme_ids)
def test_every_plan_fits_a_hundred_columns_and_shows_every_unit(programme: str) -> None:
    catalog = load_catalog()
    text = plan_text(catalog.programme(programme), catalog)
    assert max(len(line) for line in text.splitlines()) <= 100
    words = set(text.split())
    assert [unit for unit in catalog.programme(programme).unit_ids() if unit not in words] == []


def test_the_milestones_of_the_course_stand_on_their_days() -> None:
    catalog = load_catalog()
    text = plan_text(catalog.programme("applied-dl-course"), catalog)
    days = [line.strip() for line in text.splitlines() if line.strip().startswith("by day")]
    assert len(days) == 9
    assert days[0].startswith("by day 8: Dataset acquisition")
    assert "75 minutes a day" in text


def test_the_outline_as_json_carries_what_the_text_shows(school_content: Path) -> None:
    catalog = Catalog(school_content)
    shown = outline(catalog.programme("school"), catalog).as_json()
    section = shown["parts"][1]["sections"][0]
    assert section["units"][0] == {
        "id": "ruler",
        "kind": "project",
        "title": "A ruler",
        "status": "authored",
        "minutes": 44,
        "estimated": False,
    }
    assert section["deliverables"][0]["check"] == "marks-are-even"
    assert section["revisits"] == ["straight-lines"]
