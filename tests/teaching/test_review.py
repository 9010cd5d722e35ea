"""Reviews against the scheduler itself, fed with the ratings by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fsrs import Card, Rating, Scheduler
from learner_log import START, CatalogOfUnits, LearnerLog, unit

from teaching.records import evidence_row
from teaching.review import due, rate, schedule

FAR = START + timedelta(days=3650)


def by_hand(*reviews: tuple[float, Rating]) -> Card:
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    card = Card(card_id=1, due=START)
    for hours, rating in reviews:
        card, _ = scheduler.review_card(card, rating, START + timedelta(hours=hours))
    return card


def test_a_card_is_due_when_the_scheduler_says_so():
    log = LearnerLog()
    log.answer("k-means", "q1", True, hours=0)
    log.answer("k-means", "q1", False, hours=72)
    log.answer("k-means", "q1", True, hours=120)
    (card,) = schedule(log.events, FAR)
    assert (card.unit, card.question) == ("k-means", "k-means/q1")
    assert card.due == by_hand((0, Rating.Good), (72, Rating.Again), (120, Rating.Good)).due


@pytest.mark.parametrize(
    ("correct", "assisted", "confidence", "rating"),
    [
        (False, False, 1.0, Rating.Again),
        (True, True, 1.0, Rating.Hard),
        (True, False, 0.2, Rating.Hard),
        (True, False, None, Rating.Good),
        (True, False, 0.7, Rating.Good),
        (True, False, 0.95, Rating.Easy),
    ],
)
def test_a_rating_follows_from_correctness_help_and_confidence(correct, assisted, confidence, rating):
    assert rate(correct, assisted, confidence) == rating
    log = LearnerLog()
    log.answer("k-means", "q1", correct, assisted=assisted, confidence=confidence)
    assert schedule(log.events, FAR)[0].due == by_hand((0, rating)).due


def test_a_card_is_not_due_before_its_time():
    log = LearnerLog()
    log.answer("k-means", "q1", True)
    moment = schedule(log.events, START)[0].due
    assert moment > START + timedelta(hours=23)
    assert due(log.events, moment - timedelta(seconds=1)) == []
    assert [card.question for card in due(log.events, moment)] == ["k-means/q1"]


def test_the_likeliest_to_be_forgotten_comes_first():
    log = LearnerLog()
    log.answer("k-means", "sure", True, confidence=1.0)
    log.answer("k-means", "missed", False)
    log.answer("k-means", "right", True)
    cards = due(log.events, FAR)
    assert [card.question for card in cards] == ["k-means/missed", "k-means/right", "k-means/sure"]
    assert [card.retrievability for card in cards] == sorted(card.retrievability for card in cards)
    assert all(0 < card.retrievability < 1 for card in cards)


def test_a_schedule_is_the_same_each_time_it_is_computed():
    log = LearnerLog()
    for number in range(30):
        log.answer("k-means", f"q{number % 7}", number % 3 > 0, hours=30 * number)
    assert schedule(log.events, FAR) == schedule(log.events[::-1], FAR)


def test_undecided_answers_and_help_are_no_reviews():
    log = LearnerLog()
    log.answer("k-means", "q1", None)
    log.help("k-means", question="q1")
    assert schedule(log.events, FAR) == []


def test_a_unit_known_from_checks_is_one_card_until_a_question_of_it_is_answered():
    log = LearnerLog()
    rows = [evidence_row("k-means", f"c{n}", correct=True) for n in range(3)]
    log.grade("ml-03", True, rows)
    assert [(card.unit, card.question) for card in schedule(log.events, FAR)] == [("k-means", None)]
    log.answer("k-means", "q1", True, hours=100)
    assert [card.question for card in schedule(log.events, FAR)] == ["k-means/q1"]


def test_cards_whose_question_is_no_longer_written_are_left_out():
    log = LearnerLog()
    log.answer("k-means", "q1", False)
    log.answer("k-means", "gone", False)
    log.answer("dropped", "q1", False)
    catalog = CatalogOfUnits([unit("k-means")])
    catalog.questions["k-means/q1"] = object()
    assert [card.question for card in due(log.events, FAR, catalog)] == ["k-means/q1"]
    assert len(due(log.events, FAR)) == 3


def test_a_card_as_json_names_its_question_and_time():
    log = LearnerLog()
    log.answer("k-means", "q1", False)
    told = due(log.events, FAR)[0].as_json()
    assert told["question"] == "k-means/q1"
    assert told["due"].endswith("+00:00")
