"""The passes over a topic are done by answers and grades, and name their attempts."""

from __future__ import annotations

from typing import Any

from knowledge.catalog import load_catalog
from knowledge.stages import STAGES
from knowledge.unit import ExplainQuestion
from teaching.stages import Stage, stages_of, tell, topic_of
from tests.teaching.learner_log import LearnerLog

CATALOG = load_catalog()
LESSON, PROJECT = "perceptron", "dl-01-neural-network-from-scratch"


def stages(unit: str, log: LearnerLog) -> dict[str, Stage]:
    found = stages_of(CATALOG, topic_of(CATALOG, unit), log.events)
    assert [stage.id for stage in found] == list(STAGES)
    return {stage.id: stage for stage in found}


def grade(log: LearnerLog, unit: str, passed: bool, *checks: str) -> str:
    rows: list[dict[str, Any]] = [{"id": check, "status": "passed"} for check in checks]
    return log.add("graded", unit, unit, {"grade": {"passed": passed, "checks": rows}}).attempt


def test_a_lessons_topic_is_it_and_the_projects_built_on_it() -> None:
    units = topic_of(CATALOG, LESSON)
    assert units[0].id == LESSON and "perceptron-lab" in [unit.id for unit in units]
    assert {unit.kind for unit in units[1:]} <= {"project", "case_study"}


def test_derivation_is_done_when_the_explained_question_was_answered_right() -> None:
    log = LearnerLog()
    questions = CATALOG.lesson(LESSON).front.questions
    (explain,) = [question.id for question in questions if isinstance(question, ExplainQuestion)]
    other = next(question.id for question in questions if question.id != explain)
    log.answer(LESSON, explain, False)
    log.answer(LESSON, explain, None)
    log.answer(LESSON, other, True)
    assert stages(LESSON, log)["derive"].state == "open"
    attempt = log.answer(LESSON, explain, True, assisted=True).attempt
    done = stages(LESSON, log)["derive"]
    assert done.state == "done" and [one.attempt for one in done.shown] == [attempt]
    assert "with help" in tell(done)


def test_a_grade_does_the_passes_that_its_checks_show() -> None:
    log = LearnerLog()
    before = stages(PROJECT, log)
    assert (before["scratch"].state, before["real"].state, before["framework"].state) == (
        "open",
        "open",
        "none",
    )
    grade(log, PROJECT, False, "only-numpy-does-the-work", "digits-are-recognised")
    assert stages(PROJECT, log)["scratch"].state == "open"
    attempt = grade(log, PROJECT, True, "digits-are-recognised")
    after = stages(PROJECT, log)
    assert after["real"].state == "done" and after["real"].shown[0].attempt == attempt
    assert after["scratch"].state == "open", "the grade does not show that NumPy alone did the work"


def test_a_pass_that_is_only_planned_says_so() -> None:
    stage = stages("building-cnns", LearnerLog())["framework"]
    assert stage.state == "planned" and "not written yet: " in tell(stage)
