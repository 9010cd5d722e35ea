"""How far a learner has gone through the five passes over a topic, from derivation to debugging.

The rule owned here: a pass is done when an answer or a grade shows it, and names the attempt; it is
computed from the log each time and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from knowledge.stages import STAGES, TITLES, StageId, read_stages
from knowledge.unit import ExplainQuestion
from teaching.evidence import passed_check, question_id, was_passed, whole_grades

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.unit import Unit
    from teaching.records import Event

State = Literal["done", "open", "planned", "none"]
MARKS: dict[State, str] = {"done": "✓", "open": "·", "planned": ".", "none": "-"}


@dataclass(frozen=True)
class Shown:
    """The attempt that shows a pass. item: a question, a check, or the unit as a whole."""

    unit: str
    item: str
    attempt: str
    at: datetime
    assisted: bool = False


@dataclass(frozen=True)
class Stage:
    """One pass over a topic.

    state: `none` when the curriculum has nothing for it here, `planned` when what it has is not written.
    units: where it is met. shown: by which attempts, in the order of the units.
    """

    id: StageId
    title: str
    state: State
    units: tuple[str, ...]
    shown: tuple[Shown, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"shown": [asdict(one) | {"at": one.at.isoformat()} for one in self.shown]}


def topic_of(catalog: Catalog, unit_id: str) -> list[Unit]:
    """The units that one topic is met in: a lesson with the projects built on it, or a project or case
    with the lessons that it builds on."""
    unit = catalog.unit(unit_id)
    if unit.kind == "lesson":
        return [unit, *(other for other in catalog.dependents_of(unit_id) if other.kind != "lesson")]
    return [*(other for other in catalog.prerequisites_of(unit_id) if other.kind == "lesson"), unit]


def stages_of(catalog: Catalog, units: Sequence[Unit], events: Iterable[Event]) -> list[Stage]:
    """The five passes over the units of a topic, or of any chain of units, for one learner."""
    log = sorted(events, key=lambda event: event.order)
    table = read_stages(catalog)
    grades = whole_grades(log)
    stages = [_derivation(catalog, [unit for unit in units if unit.kind == "lesson"], log)]
    for stage in STAGES[1:]:
        listed = table.projects(stage)
        chosen = [unit for unit in units if unit.id in listed]
        shown = [
            found
            for unit in chosen
            if (found := _first_grade(unit.id, listed[unit.id], grades.get(unit.id, []))) is not None
        ]
        stages.append(_stage(stage, chosen, shown, done=bool(shown)))
    return stages


def tell(stage: Stage) -> str:
    """One line for a person: the attempts, or where the pass would be met."""
    if stage.state == "none":
        return "the curriculum has nothing graded for it here"
    if stage.state == "planned":
        return f"not written yet: {', '.join(stage.units)}"
    told = "; ".join(
        f"{one.at:%Y-%m-%d}, {one.item}, attempt {one.attempt}{', with help' if one.assisted else ''}"
        for one in stage.shown
    )
    if stage.state == "done":
        return told
    return f"open in {', '.join(stage.units)}" + (f"; so far {told}" if told else "")


def _derivation(catalog: Catalog, lessons: Sequence[Unit], log: list[Event]) -> Stage:
    """Done when each explained question of the written lessons was answered right once."""
    asked = [
        f"{unit.id}/{question.id}"
        for unit in lessons
        if unit.status != "planned"
        for question in catalog.lesson(unit.id).front.questions
        if isinstance(question, ExplainQuestion)
    ]
    right: dict[str, Shown] = {}
    for event in log:
        question = question_id(event) if event.kind == "answered" else ""
        if question in asked and event.payload.get("correct") is True:
            assisted = bool(event.payload.get("assisted"))
            right.setdefault(question, Shown(event.unit, question, event.attempt, event.at, assisted))
    shown = [right[question] for question in asked if question in right]
    return _stage("derive", lessons, shown, done=bool(asked) and len(shown) == len(asked))


def _first_grade(unit: str, check: str | None, grades: list[Event]) -> Shown | None:
    """The first grade in which the project passed, and with it the check that shows the pass."""
    for event in grades:
        if was_passed(event) and passed_check(event, check) is not None:
            return Shown(unit, check or unit, event.attempt, event.at)
    return None


def _stage(stage: StageId, units: Sequence[Unit], shown: list[Shown], *, done: bool) -> Stage:
    if done:
        state: State = "done"
    elif not units:
        state = "none"
    else:
        state = "open" if any(unit.status != "planned" for unit in units) else "planned"
    return Stage(stage, TITLES[stage], state, tuple(unit.id for unit in units), tuple(shown))
