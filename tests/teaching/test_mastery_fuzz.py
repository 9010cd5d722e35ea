"""Promises of the learner model that hold for whatever a log says: many random logs, seeded."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any, cast

import pytest

from teaching.evidence import DELAY
from teaching.records import Event, evidence_row
from teaching.tracing import MASTERED, Mastery, mastery
from tests.teaching.learner_log import CatalogOfUnits, LearnerLog, unit

UNITS = ("k-means", "pca", "ml-03")
CATALOG = CatalogOfUnits([unit(name) for name in UNITS])


def states_of(events: list[Event]) -> dict[str, Mastery]:
    return mastery(cast(Any, CATALOG), events)


def random_log(rng: random.Random, *, assisted: bool | None = None, right: float = 0.8) -> LearnerLog:
    """Answers, grades and help in any order; the clock sometimes runs backwards."""
    log, hours = LearnerLog(), 0.0
    for _ in range(rng.randint(1, 60)):
        hours += rng.choice([-30.0, 0.0, 0.1, 1.0, 23.9, 24.1, 100.0])
        helped = rng.random() < 0.5 if assisted is None else assisted
        name, correct = rng.choice(UNITS), rng.random() < right
        kind = rng.choice(["answer", "answer", "grade", "help"])
        if kind == "answer":
            told = rng.choice([correct, correct, None])
            score = rng.random() if right else 0.0
            log.answer(name, f"q{rng.randint(1, 4)}", told, hours, assisted=helped, score=score)
        elif kind == "grade":
            rows = [
                evidence_row(name, f"c{rng.randint(1, 9)}", correct=rng.random() < right, assisted=helped)
                for _ in range(rng.randint(1, 5))
            ]
            log.grade("ml-03", correct, rows, hours)
        else:
            log.help(name, hours, question=f"q{rng.randint(1, 4)}")
    return log


@pytest.mark.parametrize("seed", range(200))
def test_help_alone_never_makes_a_master(seed: int) -> None:
    log = random_log(random.Random(seed), assisted=True, right=1.0)
    assert all(state.level != "mastered" for state in states_of(log.events).values())


@pytest.mark.parametrize("seed", range(200))
def test_each_level_stands_on_attempts_of_the_log(seed: int) -> None:
    log = random_log(random.Random(seed))
    attempts = {event.attempt: event for event in log.events}
    for name, state in states_of(log.events).items():
        assert 0.0 < state.p < 1.0
        assert (state.level == "unseen") == (state.evidence == ())
        assert set(state.evidence) <= set(attempts)
        assert list(state.evidence) == sorted(state.evidence, key=lambda one: attempts[one].order)
        assert state.right + state.wrong >= len(state.evidence)
        if state.level == "mastered":
            assert state.p >= MASTERED and state.proved_by in state.evidence, name
            proof = attempts[str(state.proved_by)]
            assert state.first_success is not None
            assert proof.at - state.first_success >= DELAY
            assert proof.payload.get("assisted") is not True


@pytest.mark.parametrize("seed", range(100))
def test_the_order_in_which_events_are_read_changes_nothing(seed: int) -> None:
    rng = random.Random(seed)
    log = random_log(rng)
    shuffled = rng.sample(log.events, len(log.events))
    assert states_of(shuffled) == states_of(log.events)


@pytest.mark.parametrize("seed", range(100))
def test_wrong_answers_alone_are_never_more_than_learning(seed: int) -> None:
    log = random_log(random.Random(seed), assisted=False, right=0.0)
    assert {state.level for state in states_of(log.events).values()} <= {"unseen", "learning"}


def test_one_answer_sent_again_and_again_within_a_day_counts_once() -> None:
    log = LearnerLog()
    once = log.answer("pca", "q1", True)
    first = states_of(log.events)["pca"]
    for minute in range(1, 50):
        log.answer("pca", "q1", True, hours=minute / 60)
    assert states_of(log.events)["pca"] == first
    assert first.evidence == (once.attempt,)


def test_after_a_mistake_help_alone_does_not_bring_mastery_back() -> None:
    log = LearnerLog()
    for day in range(12):
        log.answer("pca", f"q{day}", True, hours=25 * day, question_kind="numeric")
    assert states_of(log.events)["pca"].level == "mastered"
    for item in range(3):
        log.answer("pca", f"w{item}", False, hours=300)
    assert states_of(log.events)["pca"].level != "mastered"
    for item in range(60):
        log.answer("pca", f"h{item}", True, hours=400 + item, assisted=True)
    state = states_of(log.events)["pca"]
    assert state.p >= MASTERED
    assert state.level == "practised"
    log.answer("pca", "own", True, hours=500)
    assert states_of(log.events)["pca"].level == "mastered"
    assert timedelta(hours=24) == DELAY
