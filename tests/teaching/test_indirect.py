"""Beliefs along the prerequisites: what one answer says of other units, and what it never does."""

from __future__ import annotations

import pytest
from learner_log import CatalogOfUnits, LearnerLog, unit

from teaching.indirect import KNOWN, MOST_INFERRED, beliefs
from teaching.standing import standing_of
from teaching.tracing import DEFAULTS, MOST_AT_FIRST, mastery

CHAIN = CatalogOfUnits([unit("a"), unit("b", "a"), unit("c", "b"), unit("d", "c"), unit("aside")])


def believed(log: LearnerLog, catalog: CatalogOfUnits = CHAIN) -> dict[str, float]:
    states = mastery(catalog, log.events)
    return {name: belief.p for name, belief in beliefs(catalog, states, log.events).items()}


def test_a_right_answer_speaks_for_what_it_needs_the_nearer_the_more():
    log = LearnerLog()
    log.answer("d", "q", True, question_kind="numeric")
    p = believed(log)
    assert p["c"] > p["b"] > p["a"] > DEFAULTS.initial
    assert p["aside"] == mastery(CHAIN, log.events)["aside"].start < p["a"]


def test_a_wrong_answer_speaks_against_what_builds_on_it():
    log = LearnerLog()
    log.answer("a", "q", False, question_kind="numeric")
    p = believed(log)
    assert p["b"] < p["c"] < DEFAULTS.initial


def test_help_makes_the_sign_weaker():
    alone, helped = LearnerLog(), LearnerLog()
    alone.answer("d", "q", True, question_kind="numeric")
    helped.answer("d", "q", True, question_kind="numeric", assisted=True)
    assert believed(helped)["c"] < believed(alone)["c"]


def test_however_many_answers_what_is_inferred_stays_below_the_cap_and_is_no_level():
    roof = [unit(f"top-{n}", "base") for n in range(30)]
    catalog = CatalogOfUnits([unit("base"), *roof])
    log = LearnerLog()
    for one in roof:
        log.answer(one.id, "q", True, question_kind="numeric")
    states = mastery(catalog, log.events)
    belief = beliefs(catalog, states, log.events)["base"]
    assert KNOWN < belief.p <= MOST_INFERRED
    assert (states["base"].level, states["base"].p) == ("unseen", MOST_AT_FIRST)


def test_each_belief_names_the_attempts_that_it_comes_from():
    log = LearnerLog()
    told = log.answer("d", "q", True, question_kind="numeric")
    belief = beliefs(CHAIN, mastery(CHAIN, log.events), log.events)["c"]
    assert [(sign.attempt, sign.unit) for sign in belief.signs] == [(told.attempt, "d")]


def test_practising_one_unit_again_and_again_says_no_more_than_the_last_attempt():
    once, often = LearnerLog(), LearnerLog()
    once.answer("d", "q0", True, question_kind="numeric")
    for number in range(6):
        often.answer("d", f"q{number}", True, question_kind="numeric")
    assert believed(often)["c"] == pytest.approx(believed(once)["c"])


def test_what_was_tried_and_missed_is_not_passed_over():
    roof = [unit(f"top-{n}", "base") for n in range(4)]
    catalog = CatalogOfUnits([unit("base"), *roof])
    log = LearnerLog()
    log.answer("base", "q", False, question_kind="numeric")
    for one in roof:
        log.answer(one.id, "q", True, question_kind="numeric")
    assert not standing_of(catalog, mastery(catalog, log.events), log.events).is_passed_over("base")


def test_what_only_other_units_show_is_passed_over():
    roof = [unit(f"top-{n}", "base") for n in range(4)]
    catalog = CatalogOfUnits([unit("base"), *roof])
    log = LearnerLog()
    for one in roof[:2]:
        log.answer(one.id, "q", True, question_kind="numeric")
    standing = standing_of(catalog, mastery(catalog, log.events), log.events)
    assert standing.is_passed_over("base")
    assert not standing.is_finished("base")
