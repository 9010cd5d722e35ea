"""What counts as evidence: the events of a learner read as observations of units.

It knows when help was given, when an answer repeats another, and how easily each kind of item
is guessed. The rule owned here: nothing that the learner was told, and nothing handed in a
second time, passes for something that the learner showed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from teaching.records import Event

DELAY = timedelta(hours=24)
"""After this long an answer comes from memory again, not from what was just said or shown."""

GUESS = {
    "choice": 0.25, "order": 0.05, "predict": 0.15, "cloze": 0.10, "numeric": 0.05, "explain": 0.10,
    "formula": 0.05, "code": 0.05, "check": 0.05,
}  # fmt: skip
MAX_GUESS = 0.5
MAX_WEIGHT = 2.0
"""The checks of one submission share its luck: together they weigh at most two items."""
PLACED_WEIGHT = 0.9
"""Of an answer given in a placement: nobody led up to it, and one item stands for a whole unit."""


@dataclass(frozen=True)
class Observation:
    """One item's word on one unit.

    share: how right, 0 to 1. guess: the chance of being right without the skill.
    weight: how far the estimate follows it, before the discount for help.
    is_placed: given in a placement, which teaches nothing and proves no mastery.
    """

    unit: str
    item: str
    attempt: str
    at: datetime
    share: float
    guess: float
    assisted: bool
    weight: float = 1.0
    is_question: bool = False
    is_placed: bool = False

    @property
    def correct(self) -> bool:
        return self.share >= 1.0


@dataclass
class _Memory:
    """What the log has said so far, as far as it bears on what comes next."""

    helped: dict[str, datetime] = field(default_factory=dict[str, datetime])
    right: dict[str, datetime] = field(default_factory=dict[str, datetime])
    wrong: dict[str, datetime] = field(default_factory=dict[str, datetime])


def question_id(event: Event) -> str:
    """The question of an answer as `ask_question` names it: `<unit>/<question>`."""
    item = event.item or str(event.payload.get("question", ""))
    return item if "/" in item else f"{event.unit}/{item}"


def was_placed(event: Event) -> bool:
    """Whether it is an answer given in a placement."""
    return event.kind == "answered" and bool(event.payload.get("placement"))


def was_passed(event: Event) -> bool:
    """Whether a graded event is a project, lab or code question passed."""
    grade = event.payload.get("grade")
    told: Any = grade if isinstance(grade, Mapping) else event.payload
    return event.kind == "graded" and told.get("passed") is True


def whole_grades(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Graded projects and labs by unit, oldest first. A lesson's code question is no project."""
    found: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: event.order):
        if event.kind == "graded" and event.item == event.unit:
            found.setdefault(event.unit, []).append(event)
    return found


def passed_check(event: Event, check: str | None) -> dict[str, Any] | None:
    """The row of a passed check in a grade; without a check an empty one when the project passed.

    None where the grade does not show it.
    """
    if check is None:
        return {} if was_passed(event) else None
    rows: list[dict[str, Any]] = event.payload.get("grade", {}).get("checks", [])
    return next((row for row in rows if row.get("id") == check and row.get("status") == "passed"), None)


def passed_units(events: Iterable[Event]) -> frozenset[str]:
    """Projects and labs passed at least once; one code question does not finish its lesson."""
    return frozenset(event.unit for event in events if was_passed(event) and event.item == event.unit)


def observe(catalog: Catalog | None, events: Iterable[Event]) -> list[list[Observation]]:
    """The observations of one learner's events: one list for each event that says something.

    Undecided answers say nothing. A question answered right again within DELAY says nothing new,
    and neither does a check that was passed before, since the same file could be handed in again.
    An answer is assisted when its writer says so, and when within DELAY help was given on the
    question or a miss was told; a check, when help was ever given on it.
    """
    observer = Observer(catalog)
    observed = [observer.take(event) for event in _in_order(events)]
    return [group for group in observed if group]


class Observer:
    """`observe` event by event, for a log that grows. The events must come in their order."""

    def __init__(self, catalog: Catalog | None) -> None:
        self._catalog = catalog
        self._memory = _Memory()

    def take(self, event: Event) -> list[Observation]:
        """What the event says; empty when it says nothing."""
        if event.kind == "helped":
            self._memory.helped[_helped_item(event)] = event.at
            return []
        if event.kind == "answered" and "evidence" not in event.payload:
            return _answer(self._catalog, event, self._memory)
        return _checks(event, self._memory)


def _in_order(events: Iterable[Event]) -> list[Event]:
    ordered = sorted(events, key=lambda event: event.order)
    if len({event.learner for event in ordered}) > 1:
        raise ValueError("these are the events of several learners")
    return ordered


def _answer(catalog: Catalog | None, event: Event, memory: _Memory) -> list[Observation]:
    question = question_id(event)
    correct = event.payload.get("correct")
    repeats = _is_recent(memory.right.get(question), event.at)
    if correct is None or (correct and repeats):
        return []
    assisted = (
        bool(event.payload.get("assisted"))
        or _is_recent(memory.helped.get(question), event.at)
        or _is_recent(memory.wrong.get(question), event.at)
    )
    (memory.right if correct else memory.wrong)[question] = event.at
    guess = _guess(catalog, question, event.payload)
    share = 1.0 if correct else _partial(event.payload.get("score"))
    placed = was_placed(event)
    weight = PLACED_WEIGHT if placed else 1.0
    return [
        Observation(
            event.unit, question, event.attempt, event.at, share, guess, assisted, weight, True, placed
        )
    ]


def _checks(event: Event, memory: _Memory) -> list[Observation]:
    rows = [row for row in event.payload.get("evidence", ()) if isinstance(row.get("correct"), bool)]
    if event.kind == "graded" and not any(row["unit"] == event.unit for row in rows):
        rows.append(_whole_grade(event, rows))
    found: list[Observation] = []
    for row in rows:
        item = f"{event.unit}/{row['check']}"
        told = f"{event.item}>{item}>{row['unit']}"
        if told in memory.right:
            continue
        if row["correct"]:
            memory.right[told] = event.at
        assisted = bool(row.get("assisted")) or item in memory.helped
        weight = min(max(float(row.get("weight", 1.0)), 0.0), 1.0)
        share = 1.0 if row["correct"] else 0.0
        found.append(
            Observation(row["unit"], item, event.attempt, event.at, share, GUESS["check"], assisted, weight)
        )
    return _bounded(found)


def _whole_grade(event: Event, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A grade speaks for its own unit as a whole: passed or not."""
    assisted = any(bool(row.get("assisted")) for row in rows)
    return {"unit": event.unit, "check": event.item, "correct": was_passed(event), "assisted": assisted}


def _bounded(found: list[Observation]) -> list[Observation]:
    totals: dict[str, float] = {}
    for one in found:
        totals[one.unit] = totals.get(one.unit, 0.0) + one.weight
    return [
        replace(one, weight=one.weight * min(1.0, MAX_WEIGHT / totals[one.unit]))
        for one in found
        if one.weight > 0
    ]


def _helped_item(event: Event) -> str:
    name = str(event.payload.get("check") or event.payload.get("question") or event.item)
    return name if "/" in name else f"{event.unit}/{name}"


def _is_recent(earlier: datetime | None, now: datetime) -> bool:
    return earlier is not None and now - earlier < DELAY


def _partial(score: object) -> float:
    """The share of a wrong answer that is right; never a whole."""
    if isinstance(score, int | float) and math.isfinite(score):
        return min(max(float(score), 0.0), 0.99)
    return 0.0


def _guess(catalog: Catalog | None, question: str, payload: Mapping[str, Any]) -> float:
    """The chance of a right answer by luck: exact for choices, else by the kind of question.

    That each item has a guess of its own is KT-IDEM (Pardos and Heffernan 2011); the values
    are ours. Above one half a right answer would hardly raise an estimate, hence the bound.
    """
    kind, options = payload.get("question_kind"), payload.get("options")
    if kind is None and catalog is not None:
        kind, options = _kind_in(catalog, question)
    if kind == "choice" and isinstance(options, int) and options > 0:
        return min(1.0 / options, MAX_GUESS)
    return GUESS.get(str(kind), GUESS["choice"])


def _kind_in(catalog: Catalog, question: str) -> tuple[str | None, int | None]:
    try:
        _, found = catalog.question(question)
    except TutorError:
        # The question was answered once and is no longer in the content: it still counts.
        return None, None
    return found.kind, len(found.options) if found.kind == "choice" else None
