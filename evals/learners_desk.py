"""A simulated learner at the tutor: what it does becomes events, and time passes.

Every unit of the graph counts as written here. The rule owned here: the tutor's side sees the
events that the real tools would write and nothing of the learner's skill; whoever asks for the
truth says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from evals.learners import Item, Learner, Split, draw_items
from knowledge.catalog import Catalog
from knowledge.programme import Programme
from knowledge.unit import Unit
from teaching.evidence import Observer
from teaching.records import Event, EventKind, evidence_row
from teaching.tracing import Mastery, Tracker

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ACTIVITY = timedelta(minutes=4)
LESSON_MINUTES, PROJECT_MINUTES = 30, 90
OPTIONS = 4
"""What a choice lists."""


class WrittenCatalog(Catalog):
    """The curriculum's graph with every unit written; its questions are items without words."""

    def __init__(self, catalog: Catalog, split: Split) -> None:
        super().__init__(catalog.root)
        self.units = {
            name: unit.model_copy(update={"status": "authored"}) for name, unit in self.units.items()
        }
        self.items = {name: draw_items(name, split) for name in self.units}

    def question(self, question_id: str) -> tuple[Unit, Any]:
        """The unit and an item, which has a `kind` and, for a choice, `options`, and nothing else."""
        unit, _, name = question_id.partition("/")
        item = next(item for item in self.items[unit] if item.name == name)
        return self.units[unit], _Asked(item.name, item.kind)

    def lesson(self, unit_id: str) -> Any:
        """As much of a page as planning and placement ask for: minutes, and questions without words."""
        questions = [_Asked(item.name, item.kind) for item in self.items[unit_id]]
        return SimpleNamespace(front=SimpleNamespace(minutes=LESSON_MINUTES, questions=questions))

    def case(self, unit_id: str) -> Any:
        return self.lesson(unit_id)

    def project(self, unit_id: str) -> Any:
        return SimpleNamespace(file=SimpleNamespace(minutes=PROJECT_MINUTES))

    def closure(self, unit_ids: list[str]) -> list[str]:
        """These units with all that they build on, prerequisites first."""
        found: dict[str, None] = {}

        def add(name: str) -> None:
            if name not in found:
                for needed in self.units[name].prerequisites:
                    add(needed)
                found[name] = None

        for name in unit_ids:
            add(name)
        return list(found)

    def restricted(self, unit_ids: list[str]) -> WrittenCatalog:
        """The same with these units alone, for a learner who meets no others; planning is quicker."""
        smaller = object.__new__(WrittenCatalog)
        smaller.__dict__.update(self.__dict__)
        smaller.__dict__.pop("_dependents", None)
        wanted = set(unit_ids)
        smaller.units = {name: self.units[name] for name in self.units if name in wanted}
        return smaller


@dataclass(frozen=True)
class _Asked:
    id: str
    kind: str
    options: tuple[str, ...] = ("",) * OPTIONS


@dataclass(frozen=True)
class Course:
    """As much of a programme as planning asks for: some units in an order.

    exam: the lessons that the way ends with; a project asks no questions.
    """

    id: str
    title: str
    units: tuple[str, ...]
    exam: tuple[str, ...]
    daily_minutes: int | None = None

    def unit_ids(self) -> list[str]:
        return list(self.units)

    def as_programme(self) -> Programme:
        """Itself, for functions that ask for a programme and use its id, title and units alone."""
        return cast(Programme, self)


@dataclass
class Desk:
    """A learner, their log, and the time. `steps` counts activities: a lesson read, an item answered
    with what follows a miss, a project handed in.
    """

    learner: Learner
    catalog: WrittenCatalog
    log: list[Event] = field(default_factory=list[Event])
    now: datetime = START
    steps: int = 0
    read: set[str] = field(default_factory=set[str])
    tried: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    _today: int = 0
    _tracker: Tracker = field(default_factory=Tracker)
    _observer: Observer = field(init=False)

    def __post_init__(self) -> None:
        self._observer = Observer(self.catalog)

    def states(self) -> dict[str, Mastery]:
        """The same as `mastery` of the log, which is kept up to date event by event."""
        return self._tracker.all_states(self.catalog)

    def state(self, unit: str) -> Mastery:
        return self._tracker.state(unit)

    @property
    def day(self) -> float:
        return (self.now - START) / timedelta(days=1)

    def study(self, unit: str) -> None:
        """The next step in a unit: its lesson once, then its items in turn; a project is handed in."""
        if self.catalog.units[unit].kind == "project":
            self.hand_in(unit)
        elif unit not in self.read:
            self.read_lesson(unit)
        else:
            self.answer(self.next_item(unit))

    def next_item(self, unit: str) -> Item:
        """The unit's item that was tried longest ago, new ones first."""
        items = self.catalog.items[unit]
        last = {name: place for place, name in enumerate(self.tried.get(unit, []))}
        return min(items, key=lambda item: last.get(item.name, -1))

    def read_lesson(self, unit: str) -> None:
        self.read.add(unit)
        self.learner.read(unit, self.day)
        self._pass_time()

    def answer(self, item: Item) -> bool:
        """An item answered unaided; after a miss a hint and a second try, as the dialogue leads on."""
        right = self.learner.answers(item, self.day)
        self.tried.setdefault(item.unit, []).append(item.name)
        self._answered(item, right, assisted=False)
        if not right:
            self._add("helped", item.unit, item.name, {"question": f"{item.unit}/{item.name}", "rung": 1})
            self._answered(item, self.learner.answers_with_help(item, self.day), assisted=True)
        self.learner.practise(item.unit, self.day, helped=not right)
        self._pass_time()
        return right

    def answer_placement(self, item: Item) -> bool:
        """An item answered before anything is taught, with no word on whether it was right."""
        right = self.learner.answers(item, self.day)
        self._answered(item, right, assisted=False, placement=True)
        self._pass_time()
        return right

    def hand_in(self, unit: str) -> bool:
        """A project graded: one check for each unit that it builds on, and the project as a whole."""
        needs = self.catalog.units[unit].prerequisites
        shown = [(name, self.learner.answers(_check(name), self.day)) for name in needs]
        passed = self.learner.answers(_check(unit), self.day) and all(right for _, right in shown)
        rows = [evidence_row(name, f"c-{name}", correct=right) for name, right in shown]
        self._add("graded", unit, unit, {"grade": {"passed": passed}, "seed": "00", "evidence": rows})
        self.learner.practise(unit, self.day, helped=not passed)
        self._pass_time()
        return passed

    def _answered(self, item: Item, right: bool, *, assisted: bool, placement: bool = False) -> None:
        payload: dict[str, Any] = {
            "question": f"{item.unit}/{item.name}", "answer": "", "correct": right, "score": float(right),
            "covered": [], "confidence": None, "assisted": assisted, "question_kind": item.kind,
        }  # fmt: skip
        if item.kind == "choice":
            payload["options"] = OPTIONS
        if placement:
            payload["placement"] = True
        self._add("answered", item.unit, item.name, payload)

    def _add(self, kind: EventKind, unit: str, item: str, payload: dict[str, Any]) -> None:
        number = len(self.log) + 1
        event = Event(number, "simulated", self.now, kind, f"a{number}", unit, item, payload)
        self.log.append(event)
        self._tracker.take(self._observer.take(event))

    def _pass_time(self) -> None:
        """A few minutes an activity; after a day's worth of them, the pause of this student."""
        self.steps += 1
        self._today += 1
        self.now += ACTIVITY
        if self._today >= round(self.learner.parameters.a_day):
            self.end_day()

    def end_day(self) -> bool:
        """On to the next day of study. False, and nothing happens, when nothing was done today."""
        if not self._today:
            return False
        self._today = 0
        morning = START + timedelta(days=int(self.day))
        self.now = morning + timedelta(days=self.learner.parameters.gap)
        return True


def _check(unit: str) -> Item:
    """A check of a grade: of middling difficulty, and hardly passed by luck."""
    return Item(unit, "check", "check", 0.0, 1.0, 0.02)
