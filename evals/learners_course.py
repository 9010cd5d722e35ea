"""A simulated course: weeks of lessons, items, reviews and projects, and what could be foreseen.

The study follows no recommendation, so that what the tracker sees does not depend on it. The
rule owned here: a forecast is made from the events before the answer alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from evals.learners import Split, draw_learners, read_seed_file
from evals.learners_desk import Desk, WrittenCatalog
from teaching.evidence import observe
from teaching.tracing import DEFAULTS, Parameters, Tracker

UNITS = 14
"""Of a programme, from a place drawn for each student."""
ACTIVITIES = 150
REVIEWS = 0.35
"""The share of a day's activities that goes back to units met on earlier days."""
ENOUGH = 3
"""So many right in a row, or all items tried, and the student goes on."""
LAST = 5
PRIOR_WEIGHT = 2.0


@dataclass(frozen=True)
class Foreseen:
    """An unaided answer, and its probability of being right as each predictor gave it before.

    tracker: p(1 - slip) + (1 - p)guess of the unit's estimate p. last_five: the student's last five
    unaided answers in the unit, with a prior worth two answers.
    """

    regime: str
    student: int
    unit: str
    kind: str
    days: float
    tracker: float
    last_five: float
    right: bool


def study_course(desk: Desk, units: list[str], chance: random.Random, activities: int = ACTIVITIES) -> None:
    """So many activities, day after day: first some reviews, then on through the units."""
    done: list[str] = []
    waiting = list(units)
    while desk.steps < activities and (done or waiting):
        a_day = max(round(desk.learner.parameters.a_day), 1)
        reviews = round(REVIEWS * a_day) if done else 0
        for place in range(min(a_day, activities - desk.steps)):
            if done and (place < reviews or not waiting):
                desk.answer(chance.choice(desk.catalog.items[chance.choice(done)]))
                continue
            if not waiting:
                return
            unit = waiting[0]
            desk.study(unit)
            if _is_through(desk, unit):
                waiting.remove(unit)
                done += [unit] if desk.catalog.units[unit].kind != "project" else []


def _is_through(desk: Desk, unit: str) -> bool:
    if desk.catalog.units[unit].kind == "project":
        last = [event for event in desk.log[-8:] if event.kind == "graded" and event.unit == unit]
        tries = sum(event.kind == "graded" and event.unit == unit for event in desk.log)
        return tries >= ENOUGH or (bool(last) and last[-1].payload["grade"]["passed"])
    first_tries = [
        bool(event.payload["correct"])
        for event in desk.log
        if event.kind == "answered" and event.unit == unit and not event.payload["assisted"]
    ]
    return len(first_tries) >= len(desk.catalog.items[unit]) or (
        len(first_tries) >= ENOUGH and all(first_tries[-ENOUGH:])
    )


def simulate(catalog: WrittenCatalog, regime: str, split: Split, count: int) -> Iterator[Desk]:
    """Each student of a regime after their course, in units of a programme drawn for them."""
    seed = read_seed_file().seeds[split]
    lists = [programme.unit_ids() for programme in catalog.programmes.values()]
    for number, learner in enumerate(draw_learners(catalog.units, regime, split, count)):
        chance = random.Random(f"{seed}/{regime}/{number}/course")
        units = chance.choice(lists)
        begin = chance.randrange(max(len(units) - UNITS, 1))
        course = units[begin : begin + UNITS]
        desk = Desk(learner, catalog.restricted(catalog.closure(course)))
        study_course(desk, course, chance)
        yield desk


def foresee(
    desk: Desk, regime: str, student: int, prior: float, parameters: Parameters = DEFAULTS
) -> Iterator[Foreseen]:
    """Each unaided answer that counts as evidence, with what was foreseen from the events before it.

    prior: the mean share of right answers, which stands in where the student has given none.
    """
    tracker = Tracker(parameters)
    events = {event.attempt: event for event in desk.log}
    earlier: dict[str, list[bool]] = {}
    for group in observe(desk.catalog, desk.log):
        one, event = group[0], events[group[0].attempt]
        p = tracker.state(one.unit).p
        tracker.take(group)
        if not one.is_question or one.assisted:
            continue
        before = earlier.setdefault(one.unit, [])
        recent = before[-LAST:]
        yield Foreseen(
            regime, student, one.unit, str(event.payload["question_kind"]),
            (event.at - desk.log[0].at).total_seconds() / 86400,
            p * (1 - parameters.slip) + (1 - p) * one.guess,
            (sum(recent) + PRIOR_WEIGHT * prior) / (len(recent) + PRIOR_WEIGHT),
            one.correct,
        )  # fmt: skip
        before.append(one.correct)


def share_right(desks: list[Desk]) -> float:
    """The share of unaided answers that are right, of students whom nothing is reported on."""
    counted = [
        one.correct
        for desk in desks
        for group in observe(desk.catalog, desk.log)
        for one in group
        if one.is_question and not one.assisted
    ]
    return sum(counted) / len(counted)
