"""Goals of a programme are reached by graded attempts and by nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.catalog import load_catalog
from knowledge.outline import check_of
from teaching.achievements import Achievement, Measured, achievements, tell
from tests.teaching.learner_log import LearnerLog

CATALOG = load_catalog()
COURSE = CATALOG.programme("applied-dl-course")
PCA = "pca-from-scratch"
PCA_CHECK = "components-match-the-definition"


def row(check: str, status: str = "passed", **more: Any) -> dict[str, Any]:
    return {"id": check, "status": status, "seen": "", "message": "", **more}


def grade(log: LearnerLog, unit: str, passed: bool, *rows: dict[str, Any], **more: Any) -> str:
    document = {"passed": passed, "checks": list(rows), "metrics": [], **more}
    hours = 24 * len(log.events)
    return log.add("graded", unit, unit, {"grade": document, "evidence": []}, hours).attempt


def goal(log: LearnerLog, wanted: str) -> Achievement:
    found = achievements(CATALOG, COURSE, log.events)
    return next(one for one in found if one.row == wanted)


def test_every_goal_of_every_programme_stands_somewhere() -> None:
    for programme in CATALOG.programmes.values():
        found = achievements(CATALOG, programme, [])
        assert [one.row for one in found] == [one.row for one in programme.goals()]
        for one in found:
            assert one.state == ("planned" if len(one.missing) > len(one.units) - one.needs else "open")
            assert not one.proofs and one.at is None


def test_the_first_grade_that_passes_reaches_a_deliverable_and_is_named() -> None:
    log = LearnerLog()
    grade(log, PCA, False, row(PCA_CHECK, "failed"))
    first = grade(log, PCA, True, row(PCA_CHECK))
    grade(log, PCA, True, row(PCA_CHECK))
    found = goal(log, "course/w1/deliverable-1")
    assert (found.state, found.at) == ("reached", log.events[1].at)
    assert [proof.attempt for proof in found.proofs] == [first]
    assert tell(found) == f"reached: 2024-03-02, {PCA}, attempt {first}"


def test_a_check_without_its_project_leaves_a_deliverable_open_and_says_so() -> None:
    log = LearnerLog()
    attempt = grade(log, PCA, False, row(PCA_CHECK))
    found = goal(log, "course/w1/deliverable-1")
    assert found.state == "open" and found.proofs == ()
    assert f"attempt {attempt}, its project not passed yet" in tell(found)


def test_a_passed_project_whose_grade_lacks_the_check_reaches_nothing() -> None:
    log = LearnerLog()
    grade(log, PCA, True, row("another-check"))
    assert goal(log, "course/w1/deliverable-1").state == "open"


def test_a_metric_that_needs_three_units_waits_for_the_third() -> None:
    log = LearnerLog()
    metric = next(one for one in COURSE.goals() if one.row == "course/metric-9")
    for number, unit in enumerate(metric.units, 1):
        check = check_of(metric, unit, CATALOG)
        assert check is not None
        grade(log, unit, True, row(check))
        found = goal(log, "course/metric-9")
        assert found.state == ("reached" if number == 3 else "open")
        assert len(found.proofs) == number
    assert goal(log, "course/metric-9").at == log.events[-1].at


@pytest.mark.parametrize("kind", ["answered", "predicted", "helped"])
def test_nothing_but_a_grade_of_the_project_reaches_a_goal(kind: Any) -> None:
    log = LearnerLog()
    log.add(kind, PCA, PCA, {"grade": {"passed": True, "checks": [row(PCA_CHECK)]}, "correct": True})
    log.add("graded", PCA, "q2", {"grade": {"passed": True, "checks": [row(PCA_CHECK)]}})
    assert goal(log, "course/w1/deliverable-1").state == "open"


def test_a_goal_of_a_planned_unit_is_not_checkable_even_with_a_grade() -> None:
    log = LearnerLog()
    grade(log, "production-ml-service", True, row("anything"))
    found = goal(log, "course/build-day-8")
    assert (found.kind, found.when, found.state) == ("milestone", "day 8", "planned")
    assert tell(found) == "not checkable yet: production-ml-service not written"


def with_measure(**given: Any) -> Any:
    """The course with a number asked for where a unit is written."""
    metric = next(one for one in COURSE.success_metrics if one.row == "course/metric-1")
    changed = metric.model_copy(update={"measure": "accuracy", **given})
    return COURSE.model_copy(update={"success_metrics": (changed,)})


def test_the_number_is_the_judges_where_it_told_one_else_the_tracked_one_marked_as_such() -> None:
    unit, check = "dl-01-neural-network-from-scratch", "digits-are-recognised"
    tracked = [{"step": 1, "accuracy": 0.5}, {"step": 2, "accuracy": 0.93, "loss": 1}, {"step": 3, "loss": 0}]
    seen, plain = LearnerLog(), LearnerLog()
    grade(seen, unit, True, row(check, seen="0.9612 of the digits"), metrics=tracked)
    grade(plain, unit, True, row(check), metrics=tracked)
    (by_check,) = [one for one in achievements(CATALOG, with_measure(), seen.events) if one.kind == "metric"]
    (by_run,) = [one for one in achievements(CATALOG, with_measure(), plain.events) if one.kind == "metric"]
    assert by_check.proofs[0].measured == Measured("accuracy", 0.9612, "check")
    assert by_run.proofs[0].measured == Measured("accuracy", 0.93, "run")
    assert "accuracy 0.93, as your code tracked it" in tell(by_run)


def test_a_tracked_number_alone_reaches_nothing() -> None:
    log = LearnerLog()
    unit = "dl-01-neural-network-from-scratch"
    grade(log, unit, False, row("digits-are-recognised", "failed"), metrics=[{"step": 1, "accuracy": 1.0}])
    found = [one for one in achievements(CATALOG, with_measure(), log.events) if one.kind == "metric"]
    assert [one.state for one in found] == ["open"]
