"""Confidence said with an answer, and how well it fits; scikit-learn's Brier score as the oracle."""

from __future__ import annotations

import pytest
from learner_log import LearnerLog
from sklearn.metrics import brier_score_loss

from teaching.calibration import calibration, invites_confidence, split_confidence


@pytest.mark.parametrize(
    ("answer", "said", "confidence"),
    [
        ("0.75, sure", "0.75", 0.95),
        ("2 (guess)", "2", 0.4),
        ("2 - just a guess", "2", 0.4),
        ("it minimises the loss; I think so", "it minimises the loss", 0.75),
        ("b, I'm quite sure.", "b", 0.95),
    ],
)
def test_a_confidence_set_off_at_the_end_is_read(answer: str, said: str, confidence: float):
    assert split_confidence(answer) == (said, confidence)


@pytest.mark.parametrize(
    "answer",
    ["0.75", "I am not sure", "sure", "the model makes a guess", "a random guess", ", sure", "make sure", ""],
)
def test_an_answer_without_one_is_left_as_it_is(answer: str):
    assert split_confidence(answer) == (answer, None)


def test_the_brier_score_is_that_of_scikit_learn():
    log, said, right = LearnerLog(), [0.95, 0.95, 0.75, 0.4, 0.4], [True, False, True, False, True]
    for number, (confidence, correct) in enumerate(zip(said, right, strict=True)):
        log.answer("a", f"q{number}", correct, confidence=confidence)
    found = calibration(log.events)
    assert found is not None
    assert found.brier == pytest.approx(brier_score_loss(right, said))
    assert [(band.saying, band.answers, band.right) for band in found.bands] == [
        ("sure", 2, 0.5),
        ("think so", 1, 1.0),
        ("guess", 2, 0.5),
    ]
    assert sorted(attempt for band in found.bands for attempt in band.attempts) == [
        event.attempt for event in log.events
    ]


def test_assisted_undecided_and_unsaid_answers_do_not_count():
    log = LearnerLog()
    log.answer("a", "q1", True, confidence=0.9, assisted=True)
    log.answer("a", "q2", None, confidence=0.9)
    log.answer("a", "q3", True)
    assert calibration(log.events) is None


def test_a_question_is_invited_once_and_not_after_help():
    log = LearnerLog()
    assert invites_confidence(log.events, "a/q1")
    log.answer("a", "q1", False)
    log.help("a", question="q2")
    assert not invites_confidence(log.events, "a/q1")
    assert not invites_confidence(log.events, "a/q2")
    assert invites_confidence(log.events, "a/q3")
