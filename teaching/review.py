"""Reviews: when each question should come back, by FSRS-6 with its published defaults.

The `fsrs` package computes; this module turns the event log into its ratings. The rule owned
here: a schedule is a pure function of the events, so nothing about it is stored and nothing is
drawn at random.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from fsrs import Card, Rating, Scheduler

from teaching.evidence import DELAY, Observation, observe, question_id
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from teaching.records import Event

SURE = 0.9
UNSURE = 0.5
LATELY = 30
"""Answers over which the share of reviews is taken."""
_NOT_WRITTEN = frozenset({
    "unknown-unit", "unknown-question", "planned-unit", "unproved-unit", "wrong-kind",
})  # fmt: skip


@dataclass(frozen=True)
class DueCard:
    """A question to ask again, `<unit>/<question>`; None: any question of the unit.

    due: UTC. retrievability: the probability that it is still recalled, 0 to 1.
    """

    unit: str
    question: str | None
    due: datetime
    retrievability: float

    def as_json(self) -> dict[str, Any]:
        return {
            "unit": self.unit,
            "question": self.question,
            "due": self.due.isoformat(),
            "retrievability": round(self.retrievability, 4),
        }


def schedule(events: Iterable[Event], now: datetime, catalog: Catalog | None = None) -> list[DueCard]:
    """Every card of one learner, the one due first in front.

    A question that was answered is a card. A unit known from checks alone is one card.
    catalog: given, cards whose question or unit is no longer written are left out.
    """
    now = now.astimezone(UTC)
    scheduler = _scheduler()
    cards: dict[tuple[str, str | None], Card] = {}
    for key, rating, at in _ratings(list(events)):
        card = cards.get(key) or Card(card_id=len(cards) + 1, due=at)
        cards[key], _ = scheduler.review_card(card, rating, at)
    answered = {unit for unit, question in cards if question is not None}
    due_cards = [
        DueCard(unit, question, card.due, float(scheduler.get_card_retrievability(card, now)))
        for (unit, question), card in cards.items()
        if (question is not None or unit not in answered) and _is_written(catalog, unit, question)
    ]
    return sorted(due_cards, key=lambda card: (card.due, card.retrievability, card.unit, card.question or ""))


def due(events: Iterable[Event], now: datetime, catalog: Catalog | None = None) -> list[DueCard]:
    """The cards to review by `now`, the likeliest to be forgotten first."""
    cards = [card for card in schedule(events, now, catalog) if card.due <= now]
    return sorted(cards, key=lambda card: (card.retrievability, card.due, card.unit, card.question or ""))


def next_sitting(events: Iterable[Event], now: datetime, catalog: Catalog | None = None) -> list[DueCard]:
    """The due cards in the order in which to take them: one of each unit, then its others.

    The questions of a unit lean on one skill: an answer to one of them tells of the rest and refreshes it.
    So the likeliest to be forgotten of each unit comes first, and what a unit was asked within DELAY
    puts its others behind, as schedulers bury the siblings of a card.
    """
    log = list(events)
    fresh = {event.unit for event in log if event.kind == "answered" and now - event.at < DELAY}
    turn: dict[str, int] = {}
    places: list[tuple[bool, int, int, DueCard]] = []
    for place, card in enumerate(due(log, now, catalog)):
        turn[card.unit] = turn.get(card.unit, -1) + 1
        places.append((card.unit in fresh, turn[card.unit], place, card))
    return [card for *_, card in sorted(places, key=lambda one: one[:3])]


def review_share(events: Iterable[Event], last: int = LATELY) -> float:
    """Which part of the last so many answers came back to a question of an earlier day; 0 to 1."""
    log = sorted(events, key=lambda event: event.order)
    first: dict[str, datetime] = {}
    again: list[bool] = []
    for event in log:
        if event.kind != "answered" or event.payload.get("assisted"):
            continue
        begun = first.setdefault(question_id(event), event.at)
        again.append(event.at - begun >= DELAY)
    recent = list(islice(reversed(again), last))
    return sum(recent) / last


def rate(correct: bool, assisted: bool, confidence: float | None) -> Rating:
    """A rating from what was seen: help or doubt make it hard, certainty alone makes it easy."""
    if not correct:
        return Rating.Again
    if assisted or (confidence is not None and confidence < UNSURE):
        return Rating.Hard
    return Rating.Easy if confidence is not None and confidence >= SURE else Rating.Good


def _scheduler() -> Scheduler:
    """Days only: what must come back within minutes, the dialogue itself asks again."""
    return Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


def _ratings(events: list[Event]) -> list[tuple[tuple[str, str | None], Rating, datetime]]:
    confidence = {event.attempt: _confidence(event) for event in events}
    rated: list[tuple[tuple[str, str | None], Rating, datetime]] = []
    for group in observe(None, events):
        for one in (one for one in group if one.is_question):
            rating = rate(one.correct, one.assisted, confidence[one.attempt])
            rated.append(((one.unit, one.item), rating, one.at))
        # What a project says of itself is no card: a file handed in again recalls nothing.
        checks = [one for one in group if not one.is_question and not one.item.startswith(f"{one.unit}/")]
        for unit in dict.fromkeys(one.unit for one in checks):
            rated.append(((unit, None), _rate_checks([o for o in checks if o.unit == unit]), group[0].at))
    return rated


def _rate_checks(checks: list[Observation]) -> Rating:
    right = all(check.correct for check in checks)
    return rate(right, any(check.assisted for check in checks), None)


def _confidence(event: Event) -> float | None:
    value = event.payload.get("confidence")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return None
    return float(value)


def _is_written(catalog: Catalog | None, unit: str, question: str | None) -> bool:
    if catalog is None:
        return True
    try:
        if question is not None:
            catalog.question(question)
        return catalog.unit(unit).status != "planned"
    except TutorError as error:
        if error.code in _NOT_WRITTEN:
            return False
        raise
