"""Recommendations and study plans over small graphs, and over the packaged catalogue."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from learner_log import START, CatalogOfUnits, LearnerLog, unit

from knowledge.catalog import load_catalog
from teaching.pacing import MANY_REVIEWS
from teaching.planner import Recommendation, recommend_next, study_plan
from teaching.tracing import mastery
from tutor_error import TutorError

NOW = START + timedelta(hours=1)


def programme(*units: str, daily: int | None = None) -> SimpleNamespace:
    return SimpleNamespace(id="course", title="The course", daily_minutes=daily, unit_ids=lambda: list(units))


def practised(*names: str, hours: float = 0) -> LearnerLog:
    log = LearnerLog()
    for name in names:
        for number in range(4):
            log.answer(name, f"q{number}", True, hours, question_kind="numeric")
    return log


def recommend(catalog: CatalogOfUnits, log: LearnerLog, course=None, now=NOW) -> Recommendation:
    return recommend_next(catalog, mastery(catalog, log.events), course, log.events, now)


def test_a_new_learner_starts_at_the_lowest_level():
    catalog = CatalogOfUnits([unit("hard", level=3), unit("easy"), unit("other")])
    found = recommend(catalog, LearnerLog())
    assert (found.action, found.unit, found.kind, found.title) == ("learn", "easy", "lesson", "Easy")


def test_a_unit_waits_for_its_written_prerequisites():
    catalog = CatalogOfUnits([unit("vectors", level=2), unit("pca", "vectors")])
    assert recommend(catalog, LearnerLog()).unit == "vectors"
    found = recommend(catalog, practised("vectors"))
    assert found.unit == "pca"
    assert "It builds on Vectors." in found.reason


def test_a_planned_prerequisite_is_assumed_and_the_reason_says_so():
    catalog = CatalogOfUnits([unit("vectors", status="planned"), unit("pca", "vectors")])
    found = recommend(catalog, LearnerLog())
    assert (found.unit, found.assumed_prerequisites) == ("pca", ("vectors",))
    assert "planned and not written yet: Vectors" in found.reason


def test_a_planned_unit_is_never_recommended():
    catalog = CatalogOfUnits([unit("vectors", status="planned"), unit("pca", status="planned")])
    found = recommend(catalog, LearnerLog())
    assert (found.action, found.unit) == ("done", None)
    assert found.reason == "Nothing in the catalogue is written yet. Planned: 2 more."


def test_when_all_that_is_written_is_done_it_says_so():
    catalog = CatalogOfUnits([unit("vectors"), unit("pca", status="planned")])
    found = recommend(catalog, practised("vectors"))
    assert found.action == "done"
    assert found.reason == "You have practised every unit in the catalogue that is written. Planned: 1 more."


def test_what_was_begun_lately_comes_before_what_is_new():
    catalog = CatalogOfUnits([unit("first"), unit("second"), unit("third", level=4)])
    catalog.questions = {
        "third/q1": SimpleNamespace(kind="numeric"),
        "third/q2": SimpleNamespace(kind="numeric"),
    }
    log = LearnerLog()
    log.answer("third", "q1", False)
    assert recommend(catalog, log).unit == "third"
    later = START + timedelta(days=60)
    assert recommend(catalog, log, now=later).unit == "first"


def test_the_next_unit_continues_the_track_before_it_changes():
    catalog = CatalogOfUnits(
        [unit("tables", track="python"), unit("vectors"), unit("matrices", level=2), unit("tensors", level=5)]
    )
    assert recommend(catalog, practised("vectors")).unit == "matrices"
    assert recommend(catalog, practised("vectors", "matrices")).unit == "tables"


def test_a_programme_is_followed_in_its_order():
    catalog = CatalogOfUnits([unit("a"), unit("b"), unit("c", level=4)])
    course = programme("c", "a")
    assert recommend(catalog, LearnerLog(), course).unit == "c"
    found = recommend(catalog, practised("c"), course)
    assert found.unit == "a"
    assert "next in The course" in found.reason
    assert recommend(catalog, practised("a", "c"), course).action == "done"


def test_what_a_programme_builds_on_comes_first_even_from_outside_it():
    catalog = CatalogOfUnits([unit("deep"), unit("base", "deep"), unit("pca", "base")])
    found = recommend(catalog, LearnerLog(), programme("pca"))
    assert found.unit == "deep"
    assert "What comes next in The course builds on it." in found.reason


def test_a_project_that_was_passed_is_finished_even_when_help_was_needed():
    catalog = CatalogOfUnits([unit("ml-03", kind="project"), unit("next-one", "ml-03")])
    log = LearnerLog()
    for number in range(6):
        log.grade("ml-03", False, hours=number)
    log.help("ml-03", check="ml-03")
    log.grade("ml-03", True, hours=7)
    assert mastery(catalog, log.events)["ml-03"].level == "learning"
    assert recommend(catalog, log).unit == "next-one"


def test_many_due_reviews_come_before_anything_new():
    catalog = CatalogOfUnits([unit("vectors"), unit("pca")])
    log = LearnerLog()
    for number in range(MANY_REVIEWS):
        catalog.questions[f"vectors/q{number}"] = SimpleNamespace(kind="numeric")
        log.answer("vectors", f"q{number}", True)
    assert recommend(catalog, log).action == "learn"
    found = recommend(catalog, log, now=START + timedelta(days=30))
    assert (found.action, found.unit) == ("review", "vectors")
    assert found.reason.startswith(f"{MANY_REVIEWS} reviews are due")


def test_an_unknown_programme_is_a_clear_error():
    with pytest.raises(TutorError) as raised:
        recommend_next(load_catalog(), {}, "no-such-course")
    assert raised.value.code == "unknown-programme"


def test_a_plan_fills_days_and_splits_what_is_longer_than_a_day():
    catalog = CatalogOfUnits([unit("a"), unit("b"), unit("work", kind="project")], minutes=30)
    plan = study_plan(catalog, programme("a", "b", "work"), 50)
    laid = [[(part.unit, part.minutes, part.part, part.parts) for part in day.sessions] for day in plan.days]
    assert laid == [
        [("a", 30, 1, 1)],
        [("b", 30, 1, 1), ("work", 20, 1, 3)],
        [("work", 50, 2, 3)],
        [("work", 50, 3, 3)],
    ]
    assert plan.minutes == 180


@pytest.mark.parametrize("minutes", [5, 20, 75, 480])
def test_no_day_is_longer_than_asked_and_no_minute_is_lost(minutes: int):
    units = [unit(f"u{n}", kind="project" if n % 3 else "lesson") for n in range(9)]
    plan = study_plan(CatalogOfUnits(units), programme(*(one.id for one in units)), minutes)
    assert all(day.minutes <= minutes for day in plan.days)
    assert plan.minutes == 3 * 30 + 6 * 120
    assert [day.number for day in plan.days] == list(range(1, len(plan.days) + 1))
    assert [day.week for day in plan.days] == [(day.number + 6) // 7 for day in plan.days]


def test_a_plan_leaves_out_what_is_finished_and_lists_what_is_planned():
    catalog = CatalogOfUnits([unit("a"), unit("b"), unit("c", status="planned")])
    log = practised("a")
    plan = study_plan(catalog, programme("a", "c", "b"), 60, mastery(catalog, log.events), log.events)
    assert [part.unit for day in plan.days for part in day.sessions] == ["b"]
    assert (plan.finished, plan.planned) == (("a",), ("c",))


def test_a_plan_puts_prerequisites_before_what_needs_them():
    catalog = CatalogOfUnits([unit("base"), unit("pca", "base"), unit("top", "pca")])
    plan = study_plan(catalog, programme("top", "pca"), 600)
    assert [part.unit for part in plan.days[0].sessions] == ["base", "pca", "top"]


def test_a_plan_keeps_to_the_minutes_of_its_programme():
    assert study_plan(CatalogOfUnits([unit("a")]), programme("a", daily=75)).minutes_a_day == 75


@pytest.mark.parametrize("minutes", [0, 4, 2000])
def test_minutes_that_make_no_day_are_refused(minutes: int):
    with pytest.raises(TutorError) as raised:
        study_plan(CatalogOfUnits([unit("a")]), programme("a"), minutes)
    assert (raised.value.code, bool(raised.value.remedy)) == ("bad-minutes", True)


def test_in_the_packaged_catalogue_a_new_learner_is_led_to_something_written_or_told_why_not():
    catalog = load_catalog()
    found = recommend_next(catalog, mastery(catalog, []))
    written = [one for one in catalog.units.values() if one.status != "planned"]
    assert (found.action == "learn") == bool(written)
    if found.unit is not None:
        assert catalog.unit(found.unit).status != "planned"


def test_what_was_passed_over_is_confirmed_in_the_end_before_all_is_done():
    catalog = CatalogOfUnits([unit("base"), unit("top-1", "base"), unit("top-2", "base")])
    log = practised("top-1", "top-2")
    found = recommend(catalog, log)
    assert (found.action, found.unit) == ("learn", "base")
    assert "probably know it" in found.reason
    for number in range(4):
        log.answer("base", f"q{number}", True, 1, question_kind="numeric")
    assert recommend(catalog, log).action == "done"


def test_of_two_open_units_the_one_that_opens_more_comes_first():
    above = [unit(name, "root") for name in "xyz"]
    catalog = CatalogOfUnits([unit("leaf"), unit("root"), *above])
    found = recommend(catalog, LearnerLog(), programme("leaf", "x", "y", "z", "root"))
    assert found.unit == "root"
    assert "3 units of what you want wait for it" in found.reason


def test_an_hour_for_the_same_gain_comes_after_half_an_hour():
    catalog = CatalogOfUnits([unit("long", kind="project"), unit("short")])
    assert recommend(catalog, LearnerLog()).unit == "short"
