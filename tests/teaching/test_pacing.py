"""What comes first on a day: reviews up to a share, and units that can show something."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from learner_log import START, CatalogOfUnits, LearnerLog, unit

from teaching.pacing import MANY_REVIEWS, REVIEW_SHARE, awake, reviews_first
from teaching.planner import Recommendation, recommend_next
from teaching.review import LATELY, next_sitting, review_share
from teaching.tracing import mastery

DAY = 24.0


def catalogue(*units: object, questions: int = 2) -> CatalogOfUnits:
    found = CatalogOfUnits(units)  # pyright: ignore[reportArgumentType]
    for name in found.units:
        for number in range(questions):
            found.questions[f"{name}/q{number}"] = SimpleNamespace(id=f"q{number}", kind="numeric")
    return found


def practise(log: LearnerLog, name: str, hours: float = 0, questions: int = 4) -> None:
    for number in range(questions):
        log.answer(name, f"q{number}", True, hours, question_kind="numeric")


def recommend(catalog: CatalogOfUnits, log: LearnerLog, hours: float) -> Recommendation:
    now = START + timedelta(hours=hours)
    return recommend_next(catalog, mastery(catalog, log.events), None, log.events, now)


def test_reviews_wait_once_they_are_their_share_of_the_answers_however_many_are_due():
    catalog = catalogue(unit("vectors"), questions=4 * MANY_REVIEWS)
    log = LearnerLog()
    practise(log, "vectors", questions=4 * MANY_REVIEWS)
    later = 30 * DAY
    assert reviews_first(catalog, log.events, START + timedelta(hours=later))
    for number in range(round(REVIEW_SHARE * LATELY)):
        log.answer("vectors", f"q{number}", True, later)
    assert review_share(log.events) >= REVIEW_SHARE
    assert reviews_first(catalog, log.events, START + timedelta(hours=later)) == []


def test_the_share_of_reviews_counts_what_came_back_on_another_day_and_no_second_try():
    log = LearnerLog()
    log.answer("vectors", "q0", False, 0)
    log.answer("vectors", "q0", True, 1, assisted=True)
    log.answer("vectors", "q0", True, 2)
    assert review_share(log.events, last=4) == 0
    log.answer("vectors", "q0", True, 3 * DAY)
    assert review_share(log.events, last=4) == 0.25


def test_a_sitting_of_reviews_takes_one_card_of_each_unit_before_its_others():
    log = LearnerLog()
    practise(log, "vectors")
    practise(log, "pca", hours=1)
    practise(log, "k-means", hours=2)
    moment = 40 * DAY
    log.answer("k-means", "q0", True, moment)
    cards = next_sitting(log.events, START + timedelta(hours=moment + 1))
    assert [card.unit for card in cards] == ["vectors", "pca", *["vectors", "pca"] * 3, *["k-means"] * 3]


def test_a_unit_whose_questions_were_all_asked_rests_until_the_next_day():
    catalog = catalogue(unit("first"), unit("second"))
    log = LearnerLog()
    log.answer("first", "q0", False)
    assert recommend(catalog, log, 1).unit == "first"
    log.answer("first", "q1", False)
    assert recommend(catalog, log, 1).unit == "second"
    assert recommend(catalog, log, DAY + 1).unit == "first"


def test_when_every_open_unit_rests_the_last_one_is_named_all_the_same():
    catalog = catalogue(unit("first"))
    log = LearnerLog()
    log.answer("first", "q0", False)
    log.answer("first", "q1", False)
    assert recommend(catalog, log, 1).unit == "first"


def test_a_project_rests_when_it_was_tried_today_while_there_is_something_else():
    catalog = catalogue(unit("work", kind="project"), unit("first"))
    log = LearnerLog()
    log.grade("work", False)
    now = START + timedelta(hours=1)
    assert [one.id for one in awake(catalog, catalog.units.values(), log.events, now)] == ["first"]
    assert recommend(catalog, log, 1).unit == "first"
    assert recommend(catalog, log, DAY + 1).unit == "work"


def test_in_a_programme_only_reviews_of_its_own_units_come_before_something_new():
    catalog = catalogue(unit("base"), unit("goal", "base"), unit("new"), questions=MANY_REVIEWS)
    log = LearnerLog()
    practise(log, "base", questions=MANY_REVIEWS)
    now = START + timedelta(days=30)
    assert len(reviews_first(catalog, log.events, now)) == MANY_REVIEWS
    assert reviews_first(catalog, log.events, now, ["goal", "new"]) == []
    course = SimpleNamespace(id="course", title="The course", unit_ids=lambda: ["goal", "new"])
    states = mastery(catalog, log.events)
    assert recommend_next(catalog, states, course, log.events, now).unit == "goal"  # pyright: ignore[reportArgumentType]


def test_what_does_not_hold_is_taken_up_again_before_what_builds_on_it():
    catalog = catalogue(unit("vectors"), unit("pca", "vectors"))
    log = LearnerLog()
    practise(log, "vectors")
    for number in range(2):
        log.answer("pca", f"q{number}", False, 2 * DAY, question_kind="numeric")
    log.answer("vectors", "q0", False, 2 * DAY, question_kind="numeric")
    found = recommend(catalog, log, 3 * DAY + 1)
    assert (found.action, found.unit) == ("learn", "vectors")


def test_when_all_is_practised_the_least_sure_is_asked_again_a_day_later():
    catalog = catalogue(unit("vectors"), unit("sums"))
    log = LearnerLog()
    practise(log, "sums")
    practise(log, "vectors", questions=6)
    assert recommend(catalog, log, 1).action == "done"
    found = recommend(catalog, log, DAY + 1)
    assert (found.action, found.unit) == ("review", "sums")
    assert "an answer from memory makes it surer" in found.reason
