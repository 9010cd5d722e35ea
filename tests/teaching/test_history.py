"""One unit's estimate opened up: the steps end in the number that is shown."""

from __future__ import annotations

from learner_log import CatalogOfUnits, LearnerLog, unit

from teaching.history import history
from teaching.records import evidence_row
from teaching.tracing import DEFAULTS, mastery

CATALOG = CatalogOfUnits([unit("a"), unit("work", "a", kind="project")])


def busy() -> LearnerLog:
    log = LearnerLog()
    log.answer("a", "q1", False, 0, question_kind="numeric")
    log.help("a", 0.5, question="q1")
    log.answer("a", "q1", True, 1, question_kind="numeric")
    log.answer("a", "q1", True, 2, question_kind="numeric")
    log.answer("a", "q2", None, 3, question_kind="explain")
    log.grade("work", True, [evidence_row("a", "shape", correct=True)], 4)
    log.answer("a", "q3", False, 60, question_kind="explain", score=0.5)
    return log


def test_each_step_begins_where_the_last_ended_and_the_end_is_the_estimate_shown():
    log = busy()
    steps = history(CATALOG, log.events, "a")
    p = DEFAULTS.initial
    for step in steps:
        assert step.before == p
        p = step.after
    assert p == mastery(CATALOG, log.events)["a"].p


def test_every_event_of_the_unit_is_listed_with_verdict_help_and_weight():
    steps = history(CATALOG, busy().events, "a")
    trust, assisted = DEFAULTS.trust, DEFAULTS.assisted
    assert [(step.verdict, step.assisted, step.weight) for step in steps] == [
        ("wrong", False, trust),
        ("helped", True, 0.0),
        ("right", True, trust * assisted),
        ("right", False, 0.0),
        ("undecided", False, 0.0),
        ("right", False, 1.0),
        ("partly", False, trust),
    ]
    assert "repeats" in steps[3].note


def test_the_attempts_behind_a_mastery_are_the_steps_that_moved_it():
    log = busy()
    moved = [step.attempt for step in history(CATALOG, log.events, "a") if step.before != step.after]
    assert tuple(moved) == mastery(CATALOG, log.events)["a"].evidence
