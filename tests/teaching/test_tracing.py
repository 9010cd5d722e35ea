"""Knowledge tracing against a hidden Markov filter, and the rules of what counts as evidence."""

from __future__ import annotations

import random
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from learner_log import CatalogOfUnits, LearnerLog, unit

from teaching.records import evidence_row
from teaching.tracing import (
    DEFAULTS,
    MASTERED,
    MOST_AT_FIRST,
    PRACTISED,
    Mastery,
    explain,
    learning_rate,
    mastery,
    posterior,
)

CATALOG = CatalogOfUnits([unit("k-means"), unit("ml-03", kind="project"), unit("pca")])


WHOLE = replace(DEFAULTS, trust=1.0, chances=1e12)
"""The model as it is in the literature: an answer moves the estimate all the way to the posterior, and
everyone learns at one rate."""


def state_of(
    log: LearnerLog, name: str = "k-means", catalog: CatalogOfUnits = CATALOG, parameters=DEFAULTS
) -> Mastery:
    return mastery(catalog, log.events, parameters)[name]


def filtered(answers: list[bool], guess: float) -> float:
    """The forward filter of a two-state hidden Markov model: an oracle that shares no code."""
    belief = np.array([1 - DEFAULTS.initial, DEFAULTS.initial])
    emission = {True: np.array([guess, 1 - DEFAULTS.slip]), False: np.array([1 - guess, DEFAULTS.slip])}
    transition = np.array([[1 - DEFAULTS.learn, DEFAULTS.learn], [0.0, 1.0]])
    for answer in answers:
        belief = belief * emission[answer]
        belief = belief / belief.sum() @ transition
    return float(belief[1])


def mastered_log() -> LearnerLog:
    log = LearnerLog()
    for number, hours in enumerate((0, 1, 2, 3, 4, 5, 6, 30)):
        log.answer("k-means", f"q{number}", True, hours, question_kind="numeric")
    return log


@pytest.mark.parametrize("seed", range(5))
def test_unaided_answers_are_filtered_as_by_a_hidden_markov_model(seed: int):
    answers = [random.Random(seed).random() < 0.6 for _ in range(8)]
    log = LearnerLog()
    for number, correct in enumerate(answers):
        log.answer("k-means", f"q{number}", correct, question_kind="choice", options=4)
    assert state_of(log, parameters=WHOLE).p == pytest.approx(filtered(answers, guess=0.25))


def test_an_answer_moves_the_estimate_the_trusted_part_of_the_way():
    log = LearnerLog()
    log.answer("k-means", "q1", True, question_kind="numeric")
    still = replace(DEFAULTS, learn=0.0)
    whole = state_of(log, parameters=replace(still, trust=1.0)).p
    assert state_of(log, parameters=still).p == pytest.approx(
        DEFAULTS.initial + DEFAULTS.trust * (whole - DEFAULTS.initial)
    )


def test_a_unit_without_evidence_is_unseen_and_every_unit_has_a_state():
    states = mastery(CATALOG, [])
    assert set(states) == set(CATALOG.units)
    assert {state.level for state in states.values()} == {"unseen"}
    assert states["pca"].p == DEFAULTS.initial


def test_a_right_answer_raises_and_a_wrong_one_lowers_the_estimate():
    log = LearnerLog()
    log.answer("k-means", "q1", True)
    raised = state_of(log).p
    log.answer("k-means", "q2", False)
    assert DEFAULTS.initial < raised
    assert state_of(log).p < raised


def test_a_choice_among_fewer_options_says_less():
    def after(options: int) -> float:
        log = LearnerLog()
        log.answer("k-means", "q1", True, question_kind="choice", options=options)
        return state_of(log).p

    assert after(2) < after(4) < after(8)


def test_the_kind_of_a_question_is_looked_up_in_the_catalogue():
    catalog = CatalogOfUnits([unit("k-means")])
    catalog.questions["k-means/q1"] = SimpleNamespace(kind="choice", options=[1, 2])
    log = LearnerLog()
    log.answer("k-means", "q1", True)
    found = state_of(log, catalog=catalog, parameters=WHOLE)
    assert found.p == pytest.approx(filtered([True], guess=0.5))


def test_help_makes_an_answer_count_for_less():
    def after(**more: object) -> float:
        log = LearnerLog()
        log.answer("k-means", "q1", True, question_kind="numeric", **more)
        return state_of(log).p

    assert DEFAULTS.initial < after(assisted=True) < after()


def test_help_in_the_log_discounts_even_when_the_answer_does_not_say_so():
    told, seen = LearnerLog(), LearnerLog()
    told.answer("k-means", "q1", True, assisted=True)
    seen.help("k-means", question="q1")
    seen.answer("k-means", "q1", True)
    assert state_of(seen).p == state_of(told).p
    assert state_of(seen).assisted == 1


def test_help_on_another_question_discounts_nothing():
    log = LearnerLog()
    log.help("k-means", question="q2")
    log.answer("k-means", "q1", True)
    assert state_of(log).assisted == 0


def test_a_second_try_after_a_told_miss_is_not_unaided():
    log = LearnerLog()
    log.answer("k-means", "q1", False)
    log.answer("k-means", "q1", True, hours=0.1)
    assert state_of(log).assisted == 1


def test_the_same_answer_given_over_and_over_adds_nothing():
    log = LearnerLog()
    log.answer("k-means", "q1", True)
    once = state_of(log)
    for hours in (0.1, 1, 23):
        log.answer("k-means", "q1", True, hours)
    assert state_of(log) == once


def test_an_undecided_answer_is_no_evidence():
    log = LearnerLog()
    log.answer("k-means", "q1", None)
    assert state_of(log).level == "unseen"


def test_a_partly_right_answer_lies_between_wrong_and_right():
    def after(correct: bool, score: float) -> float:
        log = LearnerLog()
        log.answer("k-means", "q1", correct, score=score)
        return state_of(log).p

    assert after(False, 0.0) < after(False, 0.5) < after(True, 1.0)


def test_certainty_on_one_day_is_practised_and_not_mastered():
    log = LearnerLog()
    for number in range(12):
        log.answer("k-means", f"q{number}", True, hours=number, question_kind="numeric")
    state = state_of(log)
    assert state.p > MASTERED
    assert state.level == "practised"
    assert "without help, after 2024-03-02 09:00 UTC" in explain(state)


def test_a_delayed_unaided_answer_makes_it_mastered():
    state = state_of(mastered_log())
    assert (state.level, state.proved_by) == ("mastered", "a-8")


def test_one_answer_makes_nothing_practised_however_much_other_units_showed():
    catalog = CatalogOfUnits([unit(f"u{number}") for number in range(12)])
    log = LearnerLog()
    for number in range(11):
        for again in range(2):
            log.answer(f"u{number}", f"q{again}", True, question_kind="numeric")
    log.answer("u11", "q0", True, question_kind="numeric")
    found = mastery(catalog, log.events)["u11"]
    assert found.start == MOST_AT_FIRST
    assert found.p >= PRACTISED
    assert found.level == "learning"
    log.answer("u11", "q1", True, question_kind="numeric")
    assert mastery(catalog, log.events)["u11"].level == "practised"


def test_a_miss_makes_nothing_practised_however_quickly_the_learner_learns():
    catalog = CatalogOfUnits([unit(f"u{number}") for number in range(30)])
    log = LearnerLog()
    for number in range(29):
        log.answer(f"u{number}", "q0", False, question_kind="numeric")
        log.answer(f"u{number}", "q1", True, question_kind="numeric")
    for number in range(12):
        log.answer("u29", f"q{number}", False, question_kind="choice", options=2)
        assert mastery(catalog, log.events)["u29"].level == "learning"


def test_who_needs_one_answer_to_learn_is_believed_sooner_than_who_needs_many():
    def learned(misses: int) -> Mastery:
        catalog = CatalogOfUnits([unit(f"u{number}") for number in range(8)])
        log = LearnerLog()
        for name in list(catalog.units)[:7]:
            for number in range(misses + 2):
                log.answer(name, f"q{number}", number >= misses, question_kind="numeric")
        log.answer("u7", "q0", False, question_kind="numeric")
        log.answer("u7", "q1", True, question_kind="numeric")
        return mastery(catalog, log.events)["u7"]

    quick, slow = learned(1), learned(6)
    assert quick.learn > 2 * slow.learn
    assert quick.p > slow.p


def test_a_rate_of_learning_is_taken_from_one_day_and_names_its_attempts():
    catalog = CatalogOfUnits([unit("a"), unit("b")])
    log = LearnerLog()
    log.answer("a", "q0", False, question_kind="numeric")
    log.answer("b", "q0", True, question_kind="numeric")
    log.answer("a", "q1", True, 1, question_kind="numeric")
    log.answer("a", "q2", True, 40, question_kind="numeric")
    log.answer("a", "q3", True, 41, question_kind="numeric", assisted=True)
    rate = learning_rate(catalog, log.events)
    assert rate.attempts == ["a-3"]
    assert rate.value > DEFAULTS.learn


def test_a_delayed_answer_with_help_does_not():
    log = LearnerLog()
    for number in range(7):
        log.answer("k-means", f"q{number}", True, number, question_kind="numeric")
    log.help("k-means", hours=30, question="q7")
    log.answer("k-means", "q7", True, hours=30, question_kind="numeric")
    assert state_of(log).level == "practised"


def test_mastery_is_lost_by_wrong_answers():
    log = mastered_log()
    for number in range(5):
        log.answer("k-means", f"w{number}", False, hours=40 + number, question_kind="numeric")
    assert state_of(log).level == "learning"


def test_each_estimate_names_the_attempts_behind_it_and_no_others():
    log = mastered_log()
    log.answer("pca", "q1", True)
    log.add("predicted", "k-means", "run-1", {"correct": True})
    assert state_of(log).evidence == tuple(f"a-{n}" for n in range(1, 9))
    assert state_of(log, "pca").evidence == ("a-9",)


def test_estimates_depend_on_the_log_alone_and_not_on_its_order_of_reading():
    log = mastered_log()
    shuffled = log.events[:]
    random.Random(1).shuffle(shuffled)
    assert mastery(CATALOG, iter(shuffled)) == mastery(CATALOG, log.events)


def test_the_log_of_two_learners_is_refused():
    log, other = LearnerLog(), LearnerLog("bob")
    log.answer("k-means", "q1", True)
    other.answer("k-means", "q1", True)
    with pytest.raises(ValueError, match="several learners"):
        mastery(CATALOG, log.events + other.events)


def test_a_check_speaks_for_the_units_it_names():
    log = LearnerLog()
    log.grade("ml-03", False, [
        evidence_row("k-means", "inertia-falls", correct=True),
        evidence_row("pca", "axes-are-orthogonal", correct=False),
    ])  # fmt: skip
    assert state_of(log, "k-means").p > DEFAULTS.initial > state_of(log, "pca").p
    assert (state_of(log, "ml-03").right, state_of(log, "ml-03").wrong) == (0, 1)


def test_a_project_passed_is_practised():
    log = LearnerLog()
    log.grade("ml-03", True)
    assert state_of(log, "ml-03").level == "practised"
    assert PRACTISED <= state_of(log, "ml-03").p < MASTERED


def test_a_passed_file_handed_in_again_proves_nothing():
    log = LearnerLog()
    rows = [evidence_row("k-means", "inertia-falls", correct=True)]
    log.grade("ml-03", True, rows)
    once = state_of(log)
    for days in (1, 2, 3):
        log.grade("ml-03", True, rows, hours=24 * days + 1)
    assert state_of(log) == once
    assert state_of(log).proved_by is None


def test_a_hint_on_a_check_discounts_it_however_late_it_is_passed():
    log = LearnerLog()
    log.help("ml-03", check="inertia-falls")
    log.grade("ml-03", True, [evidence_row("k-means", "inertia-falls", correct=True)], hours=100)
    assert state_of(log).assisted == 1


def test_many_checks_of_one_submission_weigh_no_more_than_two_items():
    def after(checks: int) -> float:
        log = LearnerLog()
        log.grade("ml-03", True, [evidence_row("k-means", f"c{n}", correct=True) for n in range(checks)])
        return state_of(log).p

    # A weight of 1 is a whole observation, so two of them are the most that twenty can do.
    assert after(2) > after(1)
    assert after(20) <= after(2)


def test_the_explanation_tells_what_stands_behind_the_level():
    log = LearnerLog()
    assert explain(state_of(log)) == "Nothing graded or answered yet."
    log.answer("k-means", "q1", True, assisted=True)
    text = explain(state_of(log))
    assert text.startswith("Learning. 1 of 1 right in 1 attempt, 1 of them with help")
    assert text.endswith("Answers without help would count for more.")
    assert state_of(log).as_json()["evidence"] == ["a-1"]


def test_a_unit_starts_where_the_learners_first_answers_in_others_stand():
    quick, slow = LearnerLog(), LearnerLog()
    for name in ("pca", "ml-03"):
        quick.answer(name, "q1", True, question_kind="numeric")
        slow.answer(name, "q1", False, question_kind="numeric")
    assert state_of(quick).p > DEFAULTS.initial > state_of(slow).p
    assert state_of(quick).start_from == ("a-1", "a-2")
    quick.answer("k-means", "q1", True, question_kind="numeric")
    assert state_of(quick).start_from == ("a-1", "a-2") and state_of(quick).evidence == ("a-3",)
    assert "by your first answers in 2 other units" in explain(state_of(quick))


def test_only_the_first_unaided_answer_in_a_unit_moves_where_others_start():
    log = LearnerLog()
    log.answer("pca", "q1", True, assisted=True)
    assert state_of(log).start == DEFAULTS.initial
    log.answer("pca", "q2", False)
    once = state_of(log).start
    for number in range(3, 9):
        log.answer("pca", f"q{number}", True)
    assert state_of(log).start == once


def test_the_start_is_the_fixed_point_of_expectation_and_maximisation():
    log = LearnerLog()
    for number, right in enumerate((True, False, False, True, False)):
        log.answer(f"u{number}", "q", right, question_kind="numeric")
    p = state_of(log).start
    had = sum(posterior(p, float(right), 0.05, DEFAULTS.slip) for right in (1, 0, 0, 1, 0))
    expected = (DEFAULTS.strangers * DEFAULTS.initial + had) / (DEFAULTS.strangers + 5)
    assert p == pytest.approx(expected, abs=1e-3)


def test_however_well_the_others_went_one_right_answer_makes_no_unit_practised():
    log = LearnerLog()
    for number in range(40):
        log.answer(f"u{number}", "q", True, question_kind="numeric")
    assert state_of(log).start == MOST_AT_FIRST
    log.answer("k-means", "q1", True, question_kind="numeric")
    assert state_of(log).level == "learning"
