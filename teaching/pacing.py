"""What the day asks for: when reviews come before something new, and which unit rests until tomorrow.

The rule owned here: nothing is asked for that cannot show anything today. Within a day a question
that was answered right says nothing new, and one that was missed was told; so a unit whose
questions were all asked waits, and practice falls on several days, where it lasts longer
(Cepeda and others 2006, doi 10.1037/0033-2909.132.3.354).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from teaching.evidence import DELAY, question_id
from teaching.standing import Standing

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.unit import Unit
    from teaching.records import Event
    from teaching.review import DueCard

MANY_REVIEWS = 10
REVIEW_SHARE = 0.2
"""Of the answers given lately; beyond it reviews wait for something new, however many are due."""
RECENT = timedelta(days=14)


def reviews_first(catalog: Catalog, log: Sequence[Event], now: datetime) -> list[DueCard]:
    """The due cards when they come before anything new, else none.

    Every question answered becomes a card. Without the share, a learner who has met a few units would
    have MANY_REVIEWS due each day and never go on.
    """
    if not log:
        return []
    # The scheduler's package is not needed to plan, only to review.
    from teaching.review import next_sitting, review_share

    if review_share(log) >= REVIEW_SHARE:
        return []
    cards = next_sitting(log, now, catalog)
    return cards if len(cards) >= MANY_REVIEWS else []


def awake(catalog: Catalog, units: Iterable[Unit], log: Sequence[Event], now: datetime) -> list[Unit]:
    """The units that can show something today: those with a question not answered within DELAY."""
    asked: dict[str, set[str]] = {}
    for event in log:
        if event.kind == "answered" and now - event.at < DELAY:
            asked.setdefault(event.unit, set()).add(question_id(event))
    return [unit for unit in units if not asked.get(unit.id) or _questions(catalog, unit) - asked[unit.id]]


def begun_lately(standing: Standing, units: Iterable[Unit], now: datetime) -> Unit | None:
    """The unit worked on last, if that was within RECENT."""
    recent = [
        unit for unit in units if unit.id in standing.last_met and now - standing.last_met[unit.id] <= RECENT
    ]
    return max(recent, key=lambda unit: standing.last_met[unit.id], default=None)


def shaky_ground(standing: Standing, log: Sequence[Event], now: datetime) -> tuple[Unit, Unit] | None:
    """A unit that all questions of were asked today without getting there, and what it builds on that is
    least sure: not mastered, and not asked within DELAY. The unit met last comes first.
    """
    today = {event.unit for event in log if event.kind == "answered" and now - event.at < DELAY}
    stuck = [
        standing.catalog.unit(name)
        for name in today
        if name in standing.catalog.units and name in standing.last_met and not standing.is_settled(name)
    ]
    rested = {unit.id for unit in awake(standing.catalog, stuck, log, now)}
    for unit in sorted(stuck, key=lambda unit: standing.last_met[unit.id], reverse=True):
        if unit.id in rested:
            continue
        needed = [
            other
            for other in standing.catalog.prerequisites_of(unit.id)
            if other.status != "planned"
            and other.kind != "project"
            and other.id not in today
            and standing.is_settled(other.id)
            and standing.states[other.id].level != "mastered"
        ]
        if needed:
            return unit, min(needed, key=lambda other: _sure(standing, other.id))
    return None


def _sure(standing: Standing, unit: str) -> tuple[bool, float]:
    """How sure a unit is; what is only inferred is less sure than any that was shown."""
    belief = standing.beliefs.get(unit)
    return standing.is_finished(unit), belief.p if belief else standing.states[unit].p


def least_sure(standing: Standing, wanted: Iterable[str], now: datetime) -> Unit | None:
    """Of what is practised and not mastered, the least sure that was left alone for DELAY.

    A project that was passed has nothing more to show.
    """
    left = [
        (state.p, state.unit)
        for name in wanted
        if (state := standing.states.get(name)) is not None
        and state.level == "practised"
        and standing.catalog.unit(name).kind != "project"
        and (state.last is None or now - state.last >= DELAY)
    ]
    return standing.catalog.unit(min(left)[1]) if left else None


def _questions(catalog: Catalog, unit: Unit) -> set[str]:
    """The ids of a unit's questions. A project has none, and can be handed in again at any time."""
    if unit.kind == "project":
        return {unit.id}
    page = catalog.case(unit.id) if unit.kind == "case_study" else catalog.lesson(unit.id)
    return {f"{unit.id}/{question.id}" for question in page.front.questions}
