"""Ways through a goal set: the order of the programme, and the tutor's recommendation.

A policy plans one sitting of a learner after the other, and sees the log alone. The rule owned here: all
policies meet the same students, on the same first day, and end at the same true skill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from evals.learners import Item
from evals.learners_desk import Course, Desk
from teaching import placement
from teaching.evidence import passed_units, question_id
from teaching.indirect import graph_of
from teaching.planner import recommend_next
from teaching.review import DueCard, next_sitting, schedule

MOST_STEPS = 1500
AT_ONCE = 5
"""Reviews in a sitting."""
TRIES = 3
"""How often a project is handed in, in one sitting, before a learner leaves it."""


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
class LinearMastery(LinearOrder):
    """As LinearOrder, but the first time it leaves a unit when the tracker calls it finished, and stays
    until then.
    """

    finished: set[str] = field(default_factory=set[str])

    def plan(self, desk: Desk, course: Course) -> Iterator[Step]:
        for unit in desk.catalog.closure(course.unit_ids()):
            if unit not in self.finished:
                yield from sitting(desk, unit)
                if is_finished(desk, unit):
                    self.finished.add(unit)
                return
        yield from super().plan(desk, course)


@dataclass
class Recommended:
    """What `recommend_next` says, sitting by sitting; when it says that all is done, reviews."""

    def plan(self, desk: Desk, course: Course) -> Iterator[Step]:
        states = desk.states()
        found = recommend_next(desk.catalog, states, course.as_programme(), desk.log, desk.now)
        if found.action == "learn" and found.unit is not None:
            yield from sitting(desk, found.unit)
        elif found.action == "review" and found.cards:
            due = next_sitting(desk.log, desk.now)
            yield from take_cards(desk, [card for card in due if card.unit in course.units])
        elif found.unit is not None:
            yield study(found.unit)
        elif not desk.end_day():
            yield from reviews(desk, course)


@dataclass
class Placed:
    """As a learner of the tutor goes: a placement on the first day, then what is recommended.

    Each item of the placement is a step, and teaches nothing.
    """

    replies: list[placement.Reply] = field(default_factory=list[placement.Reply])
    is_placed: bool = False
    after: Recommended = field(default_factory=Recommended)

    def plan(self, desk: Desk, course: Course) -> Iterator[Step]:
        if not self.is_placed:
            self.is_placed = True
            while (item := self._next(desk, course)) is not None:
                yield Step(item.unit, partial(self._answer, item))
        yield from self.after.plan(desk, course)

    def _answer(self, item: placement.Item, desk: Desk) -> None:
        right = desk.answer_placement(_item(desk, item.unit, item.id))
        self.replies.append(placement.Reply(item.unit, item.guess, right))

    def _next(self, desk: Desk, course: Course) -> placement.Item | None:
        asked = {question_id(event) for event in desk.log}
        items = placement.items_of(desk.catalog, list(desk.catalog.units), asked)
        return placement.next_item(graph_of(desk.catalog), course.unit_ids(), items, self.replies).item


def study(unit: str) -> Step:
    return Step(unit, lambda desk: desk.study(unit))


def is_finished(desk: Desk, unit: str) -> bool:
    """Practised, or passed."""
    return desk.state(unit).level in ("practised", "mastered") or unit in passed_units(desk.log)


def sitting(desk: Desk, unit: str) -> Iterator[Step]:
    """A unit's dialogue: the lesson and its items, until it is finished or all were asked once; a project
    until it is passed or was handed in TRIES times.
    """
    is_project = desk.catalog.units[unit].kind == "project"
    steps = TRIES if is_project else len(desk.catalog.items[unit]) + (unit not in desk.read)
    for _ in range(steps):
        yield study(unit)
        if is_finished(desk, unit):
            return


def reviews(desk: Desk, course: Course) -> Iterator[Step]:
    """A few items of the goals' cards, or else of others, that are likeliest to be forgotten, due or not."""
    cards = [card for card in schedule(desk.log, desk.now) if desk.catalog.units[card.unit].kind != "project"]
    cards.sort(key=lambda card: (card.retrievability, card.due, card.unit, card.question or ""))
    yield from take_cards(desk, [card for card in cards if card.unit in course.exam] or cards)
    if not cards:
        # A log without a question has no card: all that is left is to hand in projects again.
        yield study(desk.log[0].unit)


def take_cards(desk: Desk, cards: Sequence[DueCard]) -> Iterator[Step]:
    for card in cards[:AT_ONCE]:
        item = _item(desk, card.unit, card.question) if card.question else desk.next_item(card.unit)
        yield Step(card.unit, partial(Desk.answer, item=item))


def _item(desk: Desk, unit: str, question: str) -> Item:
    return next(item for item in desk.catalog.items[unit] if f"{unit}/{item.name}" == question)


def travel(desk: Desk, course: Course, policy: Policy, most: int = MOST_STEPS) -> Journey:
    """Steps until the learner's true skill is over the line in the units of the course, taken together.

    Every unit at once would be no goal: who forgets is always short of one or two of twenty.
    """
    wasted = premature = 0
    while True:
        for step in policy.plan(desk, course):
            reached = desk.learner.expected_score(course.exam, desk.day) >= desk.learner.share
            if reached or desk.steps >= most:
                return Journey(desk.steps, wasted, premature, reached)
            wasted += desk.learner.is_known(step.unit, desk.day)
            premature += not desk.learner.is_ready(step.unit, desk.day)
            step.take(desk)


POLICIES: dict[str, Callable[[], Policy]] = {
    "linear": LinearOrder,
    "linear-mastery": LinearMastery,
    "placed": Placed,
}
"""A new policy for each student, by name."""
