"""Builders for tests: a log of events with times of one's choosing, and a catalogue of plain units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from knowledge.unit import Unit
from teaching.records import Event, EventKind
from tutor_error import TutorError

START = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)


@dataclass
class LearnerLog:
    """Events in the order written; `hours` counts from START."""

    learner: str = "ada"
    events: list[Event] = field(default_factory=list)

    def add(self, kind: EventKind, unit: str, item: str, payload: dict[str, Any], hours: float = 0) -> Event:
        number = len(self.events) + 1
        at = START + timedelta(hours=hours)
        event = Event(number, self.learner, at, kind, f"a-{number}", unit, item, payload)
        self.events.append(event)
        return event

    def answer(self, unit: str, question: str, correct: bool | None, hours: float = 0, **more: Any) -> Event:
        payload = {"question": f"{unit}/{question}", "answer": "…", "correct": correct, **more}
        return self.add("answered", unit, question, payload, hours)

    def help(self, unit: str, hours: float = 0, **payload: Any) -> Event:
        return self.add("helped", unit, next(iter(payload.values())), {**payload, "rung": 1}, hours)

    def grade(
        self, project: str, passed: bool, rows: Sequence[dict[str, Any]] = (), hours: float = 0
    ) -> Event:
        payload = {"grade": {"passed": passed}, "seed": "00", "evidence": list(rows)}
        return self.add("graded", project, project, payload, hours)


class CatalogOfUnits:
    """As much of a catalogue as planning and tracing ask for, over units given as records."""

    def __init__(self, units: Sequence[Unit], minutes: int = 30) -> None:
        self.units = {unit.id: unit for unit in units}
        self._minutes = minutes
        self.questions: dict[str, Any] = {}

    def unit(self, unit_id: str) -> Unit:
        if unit_id not in self.units:
            raise TutorError("unknown-unit", unit_id)
        return self.units[unit_id]

    def prerequisites_of(self, unit_id: str) -> list[Unit]:
        return [self.units[name] for name in self.units[unit_id].prerequisites]

    def question(self, question_id: str) -> tuple[Unit, Any]:
        if question_id not in self.questions:
            raise TutorError("unknown-question", question_id)
        return self.unit(question_id.split("/")[0]), self.questions[question_id]

    def lesson(self, unit_id: str) -> Any:
        names = [name.partition("/")[2] for name in self.questions if name.startswith(f"{unit_id}/")]
        asked = [SimpleNamespace(id=name, kind="numeric") for name in names]
        return SimpleNamespace(front=SimpleNamespace(minutes=self._minutes, questions=asked))

    def case(self, unit_id: str) -> Any:
        return self.lesson(unit_id)

    def project(self, unit_id: str) -> Any:
        return SimpleNamespace(file=SimpleNamespace(minutes=4 * self._minutes))


def unit(
    name: str, *needs: str, kind: str = "lesson", level: int = 1, status: str = "authored", **more: Any
) -> Unit:
    words = {"track": "math", "title": name.replace("-", " ").capitalize(), **more}
    return Unit(id=name, kind=kind, level=level, prerequisites=needs, status=status, **words)
