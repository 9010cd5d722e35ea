"""What the day asks for: when reviews come before something new, and which unit rests until tomorrow.

The rule owned here: nothing is asked for that cannot show anything today. Within a day a question
that was answered right says nothing new, and one that was missed was told; so a unit whose
questions were all asked waits, and practice falls on several days, where it lasts longer
(Cepeda and others 2006, doi 10.1037/0033-2909.132.3.354).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
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
REVIEW_SHARE = 0.1
"""Of the answers given lately; beyond it reviews wait for something new, however many are due."""
RECENT = timedelta(days=14)


def reviews_first(
    catalog: Catalog, log: Sequence[Event], now: datetime, among: Collection[str] | None = None
) -> list[DueCard]:
    """The due cards when they come before anything new, else none.

    Every question answered becomes a card. Without the share, a learner who has met a few units would
    have MANY_REVIEWS due each day and never go on. among: the units of the programme that is followed;
    what it only builds on comes back by being built on.
    """
    if not log:
        return []
    # The scheduler's package is not needed to plan, only to review.
    from teaching.review import next_sitting, review_share

    if review_share(log) >= REVIEW_SHARE:
        return []
    cards = [card for card in next_sitting(log, now, catalog) if among is None or card.unit in among]
    return cards if len(cards) >= MANY_REVIEWS else []


def awake(catalog: Catalog, units: Iterable[Unit], log: Sequence[Event], now: datetime) -> list[Unit]:
    """The units that can show something today: a question, or a project, was not tried within DELAY."""
    tried: dict[str, set[str]] = {}
    for event in log:
        if event.kind in ("answered", "graded") and now - event.at < DELAY:
            tried.setdefault(event.unit, set()).add(
                question_id(event) if event.kind == "answered" else event.item
            )
    return [unit for unit in units if not tried.get(unit.id) or _to_try(catalog, unit) - tried[unit.id]]


def begun_lately(standing: Standing, units: Iterable[Unit], now: datetime) -> Unit | None:
    """The unit worked on last, if that was within RECENT."""
    recent = [
        unit for unit in units if unit.id in standing.last_met and now - standing.last_met[unit.id] <= RECENT
    ]
    return max(recent, key=lambda unit: standing.last_met[unit.id], default=None)


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


def _to_try(catalog: Catalog, unit: Unit) -> set[str]:
    """The ids of a unit's questions; of a project its own, by which it is graded."""
    if unit.kind == "project":
        return {unit.id}
    page = catalog.case(unit.id) if unit.kind == "case_study" else catalog.lesson(unit.id)
    return {f"{unit.id}/{question.id}" for question in page.front.questions}
