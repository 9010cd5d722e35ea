"""Ways through a goal set: the order of the programme, and the tutor's recommendation.

A policy plans one sitting of a learner after the other, and sees the log alone. The rule owned here: all
policies meet the same students, on the same first day, and end at the same true skill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from evals.learners_desk import Course, Desk
from teaching.evidence import passed_units
from teaching.planner import recommend_next
from teaching.review import schedule
from teaching.tracing import mastery

MOST_STEPS = 600
AT_ONCE = 5
"""Reviews in a sitting."""
TRIES = 3
"""How often a project is handed in before a learner in linear order leaves it."""


@dataclass(frozen=True)
class Step:
    """One activity: the unit that it is about, and what is done."""

    unit: str
    take: Callable[[Desk], object]


class Policy(Protocol):
    def plan(self, desk: Desk, course: Course) -> Iterator[Step]:
        """The steps of one sitting, at least one; each is chosen when the one before was taken."""
        ...


@dataclass(frozen=True)
class Journey:
    """Steps until an exam over the goals would be passed; `reached` is false when MOST_STEPS were not enough.

    wasted: steps in units that were known already. premature: steps in units whose prerequisites
    were not all known.
    """

    steps: int
    wasted: int
    premature: int
    reached: bool


@dataclass
class LinearOrder:
    """The goals in the programme's order, each after what it builds on: the lesson, all its items, on.

    After the last unit it begins again with the items. It skips nothing, as a book does.
    """

    waiting: list[str] = field(default_factory=list[str])

    def plan(self, desk: Desk, course: Course) -> Iterator[Step]:
        if not self.waiting:
            self.waiting = desk.catalog.closure(course.unit_ids())
        unit = self.waiting.pop(0)
        if desk.catalog.units[unit].kind == "project":
            for _ in range(TRIES):
                yield study(unit)
                if unit in passed_units(desk.log[-4:]):
                    return
        else:
            for _ in range(len(desk.catalog.items[unit]) + (unit not in desk.read)):
                yield study(unit)


@dataclass
class LinearMastery:
    """As LinearOrder, but it leaves a unit when the tracker calls it finished, and stays until then.

    Beyond the last unit it takes up what is likeliest to be forgotten.
    """

    def plan(self, desk: Desk, course: Course) -> Iterator[Step]:
        for unit in desk.catalog.closure(course.unit_ids()):
            if not is_finished(desk, unit):
                yield from sitting(desk, unit)
                return
        yield from reviews(desk)


@dataclass
class Recommended:
    """What `recommend_next` says, sitting by sitting; when it says that all is done, reviews."""

    def plan(self, desk: Desk, course: Course) -> Iterator[Step]:
        states = mastery(desk.catalog, desk.log)
        found = recommend_next(desk.catalog, states, course.as_programme(), desk.log, desk.now)
        if found.action == "learn" and found.unit is not None:
            yield from sitting(desk, found.unit)
        else:
            yield from reviews(desk)


def study(unit: str) -> Step:
    return Step(unit, lambda desk: desk.study(unit))


def is_finished(desk: Desk, unit: str) -> bool:
    """Practised or passed, by what happened in the unit itself."""
    own = [event for event in desk.log if event.unit == unit]
    alone = desk.catalog.restricted([unit])
    return unit in passed_units(own) or mastery(alone, own)[unit].level in ("practised", "mastered")


def sitting(desk: Desk, unit: str) -> Iterator[Step]:
    """A unit's dialogue: the lesson and its items, until it is finished or all were asked once."""
    for _ in range(len(desk.catalog.items[unit]) + (unit not in desk.read)):
        yield study(unit)
        if is_finished(desk, unit):
            return


def reviews(desk: Desk) -> Iterator[Step]:
    """A few items of the cards that are likeliest to be forgotten, due or not."""
    cards = [card for card in schedule(desk.log, desk.now) if desk.catalog.units[card.unit].kind != "project"]
    cards.sort(key=lambda card: (card.retrievability, card.due, card.unit, card.question or ""))
    for card in cards[:AT_ONCE]:
        name = (card.question or "").partition("/")[2]
        items = {item.name: item for item in desk.catalog.items[card.unit]}
        item = items.get(name) or desk.next_item(card.unit)
        yield Step(card.unit, partial(Desk.answer, item=item))
    if not cards:
        # A log without a question has no card: all that is left is to hand in projects again.
        yield study(desk.log[0].unit)


def travel(desk: Desk, course: Course, policy: Policy, most: int = MOST_STEPS) -> Journey:
    """Steps until the learner's true skill is over the line in the units of the course, taken together.

    Every unit at once would be no goal: who forgets is always short of one or two of twenty.
    """
    wasted = premature = 0
    while True:
        for step in policy.plan(desk, course):
            reached = desk.learner.expected_score(course.units, desk.day) >= desk.learner.share
            if reached or desk.steps >= most:
                return Journey(desk.steps, wasted, premature, reached)
            wasted += desk.learner.is_known(step.unit, desk.day)
            premature += not desk.learner.is_ready(step.unit, desk.day)
            step.take(desk)


POLICIES: dict[str, Callable[[], Policy]] = {
    "linear": LinearOrder,
    "linear-mastery": LinearMastery,
    "recommended": Recommended,
}
"""A new policy for each student, by name."""
