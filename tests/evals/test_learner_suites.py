"""The suites on simulated students: forecasts made from the past alone, ways that can be compared."""

from __future__ import annotations

import pytest

from evals.learners import draw_learner
from evals.learners_course import ACTIVITIES, foresee, share_right, simulate
from evals.learners_desk import Course, Desk, WrittenCatalog
from evals.learners_policy import LinearMastery, LinearOrder, Placed, Policy, Recommended, reviews, travel
from evals.record import Sample
from evals.suites import planning, tracing
from evals.tune_tracing import forecasts
from knowledge.catalog import load_catalog
from teaching.evidence import observe
from teaching.tracing import DEFAULTS, mastery

UNITS = ("vectors-matrices-tensors", "matrix-operations-numpy")
COURSE = Course("short", "A short course", UNITS, UNITS)


@pytest.fixture(scope="module")
def catalog() -> WrittenCatalog:
    return WrittenCatalog(load_catalog(), "development")


@pytest.fixture(scope="module")
def desk(catalog: WrittenCatalog) -> Desk:
    return next(iter(simulate(catalog, "quick-and-forgetful", "development", 1)))


def small(catalog: WrittenCatalog, regime: str = "slow-and-steady", number: int = 0) -> Desk:
    learner = draw_learner(catalog.units, regime, "development", number)
    return Desk(learner, catalog.restricted(catalog.closure(COURSE.unit_ids())))


def test_a_course_is_the_same_each_time_and_goes_over_days(catalog: WrittenCatalog, desk: Desk) -> None:
    again = next(iter(simulate(catalog, "quick-and-forgetful", "development", 1)))
    assert again.log == desk.log
    assert desk.steps == ACTIVITIES and desk.day > 3
    assert len({event.unit for event in desk.log}) > 5


def test_a_forecast_is_made_from_the_events_before_the_answer_alone(desk: Desk) -> None:
    found = list(foresee(desk, "r", 0, 0.5))
    shorter = Desk(desk.learner, desk.catalog, desk.log[: len(desk.log) // 2])
    begun = list(foresee(shorter, "r", 0, 0.5))
    assert begun == found[: len(begun)] and len(begun) > 20


def test_the_first_forecast_in_a_unit_is_the_prior(desk: Desk) -> None:
    first = next(foresee(desk, "r", 0, 0.37))
    assert first.last_five == pytest.approx(0.37)
    guess = (first.tracker - DEFAULTS.initial * (1 - DEFAULTS.slip)) / (1 - DEFAULTS.initial)
    assert 0 < guess <= 0.5


def test_the_fit_carries_the_same_estimates_as_the_tracker_computes(desk: Desk) -> None:
    carried = forecasts([observe(desk.catalog, desk.log)], DEFAULTS)
    computed = [(one.tracker, float(one.right)) for one in foresee(desk, "r", 0, 0.5)]
    assert carried.tolist() == [[pytest.approx(p), came] for p, came in computed]


def test_the_share_of_right_answers_is_that_of_the_forecasts(desk: Desk) -> None:
    found = list(foresee(desk, "r", 0, 0.5))
    assert share_right([desk]) == pytest.approx(sum(one.right for one in found) / len(found))


def test_the_summary_of_forecasts_sees_who_is_calibrated_and_who_is_not() -> None:
    likely = [[0.9, 0.5, 0.5, 1]] * 45 + [[0.9, 0.5, 0.5, 0]] * 5
    rows = likely + [[1 - p, 0.5, 0.5, 1 - came] for p, _, _, came in likely]
    told = tracing.summary([Sample(f"r/{n}", {"regime": "r"}, rows, {}) for n in range(5)])
    assert told["ece.tracker"] == pytest.approx(0.0, abs=1e-9) and told["calibrated"] == pytest.approx(1.0)
    assert told["gain.prior_mean"] > 0.3 and told["r.gain.last_five"] > 0.3
    assert told["answers"] == 500


@pytest.mark.parametrize("policy", [LinearOrder(), LinearMastery(), Recommended(), Placed()])
def test_every_way_ends_at_the_goal_and_counts_its_steps(policy: Policy, catalog: WrittenCatalog) -> None:
    desk = small(catalog)
    journey = travel(desk, COURSE, policy)
    assert journey.reached and 0 < journey.steps == desk.steps
    assert desk.learner.expected_score(COURSE.exam, desk.day) >= 0.75
    assert 0 <= journey.wasted <= journey.steps and 0 <= journey.premature <= journey.steps


def test_who_knows_the_goal_already_takes_no_step(catalog: WrittenCatalog) -> None:
    desk = small(catalog)
    for unit in desk.catalog.units:
        for _ in range(60):
            desk.learner.practise(unit, 0, helped=True)
    assert travel(desk, COURSE, LinearOrder()).steps == 0


def test_a_way_that_does_not_arrive_is_counted_with_all_its_steps(catalog: WrittenCatalog) -> None:
    journey = travel(small(catalog), COURSE, LinearOrder(), most=3)
    assert (journey.steps, journey.reached) == (3, False)


def test_linear_order_takes_every_item_of_a_unit_before_the_next(catalog: WrittenCatalog) -> None:
    desk = small(catalog)
    policy = LinearOrder()
    for step in policy.plan(desk, COURSE):
        step.take(desk)
    first = desk.catalog.closure(COURSE.unit_ids())[0]
    assert {event.unit for event in desk.log} == {first} == desk.read
    assert set(desk.tried[first]) == {item.name for item in desk.catalog.items[first]}
    next(policy.plan(desk, COURSE)).take(desk)
    assert len(desk.read) == 2


def test_a_review_takes_up_what_is_likeliest_to_be_forgotten(catalog: WrittenCatalog) -> None:
    desk = small(catalog)
    first, second = desk.catalog.closure(COURSE.unit_ids())[:2]
    for unit in (first, second):
        desk.read_lesson(unit)
        desk.answer(desk.catalog.items[unit][0])
    before = len(desk.log)
    next(reviews(desk, COURSE)).take(desk)
    assert desk.log[before].kind == "answered" and desk.log[before].item == desk.log[0].item


def test_a_review_takes_up_the_goals_before_what_they_build_on(catalog: WrittenCatalog) -> None:
    desk = small(catalog)
    below, goal = desk.catalog.closure(COURSE.unit_ids())[:2]
    for unit in (below, goal):
        desk.read_lesson(unit)
        desk.answer(desk.catalog.items[unit][0])
    course = Course("goal", "A goal", (goal,), (goal,))
    assert [step.unit for step in reviews(desk, course)] == [goal]


def test_what_the_desk_keeps_is_what_the_log_says(catalog: WrittenCatalog) -> None:
    desk = small(catalog)
    policy = Placed()
    for _ in range(4):
        for step in policy.plan(desk, COURSE):
            step.take(desk)
    assert desk.states() == mastery(desk.catalog, desk.log)


def test_a_placement_comes_first_and_each_of_its_items_is_a_step(catalog: WrittenCatalog) -> None:
    desk = small(catalog)
    policy = Placed()
    for _, step in zip(range(3), policy.plan(desk, COURSE), strict=False):
        step.take(desk)
    assert len(policy.replies) == desk.steps == len(desk.log) == 3 and not desk.read
    assert all(event.payload["placement"] for event in desk.log)


def test_a_day_can_end_before_its_work_is_done_but_not_twice(catalog: WrittenCatalog) -> None:
    desk = small(catalog)
    assert not desk.end_day()
    desk.study(UNITS[0])
    assert desk.end_day() and desk.day == pytest.approx(desk.learner.parameters.gap)
    assert not desk.end_day() and desk.steps == 1


def test_the_exam_asks_of_no_project(catalog: WrittenCatalog) -> None:
    courses = [planning.draw_course(catalog, "slow-and-steady", "development", number) for number in range(8)]
    kinds = {catalog.units[unit].kind for course in courses for unit in course.exam}
    assert "project" not in kinds and any(course.exam != course.units for course in courses)


def test_the_summary_of_ways_compares_steps_of_the_same_students() -> None:
    def journey(steps: int) -> dict[str, object]:
        return {"steps": steps, "wasted": 1, "premature": 0, "reached": True}

    samples = [
        Sample(f"r/{n}", {"regime": "r"}, {name: journey(linear if name == "linear" else linear // 2)
                                           for name in planning.POLICIES}, {})
        for n, linear in enumerate((100, 200, 300))
    ]  # fmt: skip
    told = planning.summary(samples)
    assert told["r.linear.steps"] == 200 and told["r.placed.ratio"] == pytest.approx(0.5)
    assert told["r.saved"] == pytest.approx(0.5) and told["r.placed.ratio.high"] <= 0.51


def test_the_goal_of_a_student_is_always_the_same(catalog: WrittenCatalog) -> None:
    first = planning.draw_course(catalog, "slow-and-steady", "test", 2)
    assert first == planning.draw_course(catalog, "slow-and-steady", "test", 2)
    assert len(first.units) == planning.GOALS
