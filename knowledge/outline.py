"""The plan of a programme: its parts with units, minutes, hand-ins and measures of success.

The rule owned here: times are the authors' own where a unit is written, and a typical
time for its kind and level, marked as such, where it is planned.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.catalog import Catalog
from knowledge.programme import Goal, Milestone, Part, Programme, Section
from knowledge.unit import Unit

_COLUMNS = 100
_MINUTES = re.compile(r"^minutes:\s*(\d+)\s*(?:#.*)?$", re.MULTILINE)
_TYPICAL = {
    "lesson": (20, 25, 30, 35, 40),
    "project": (60, 90, 150, 240, 360),
    "case_study": (45, 60, 60, 75, 90),
}
"""Minutes by level, 1 to 5, of units that are not written."""
_MARKS = {"verified": "+", "authored": "=", "planned": "."}


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    unit: Unit
    minutes: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class PlannedGoal:
    """`check` is None while no written unit says which check fulfils the row."""

    row: str
    title: str
    when: str
    units: tuple[str, ...]
    check: str | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part or a section; `span` is `week 2`, `months 4-7` or empty."""

    id: str
    title: str
    span: str
    note: str
    units: tuple[PlannedUnit, ...]
    revisits: tuple[Unit, ...]
    deliverables: tuple[PlannedGoal, ...]
    milestones: tuple[PlannedGoal, ...]
    practice: tuple[str, ...]
    resources: tuple[str, ...]
    sections: tuple[Stretch, ...]

    @property
    def minutes(self) -> int:
        own = sum(planned.minutes for planned in self.units)
        return own + sum(section.minutes for section in self.sections)

    def all_units(self) -> Iterator[PlannedUnit]:
        yield from self.units
        for section in self.sections:
            yield from section.all_units()


@dataclass(frozen=True)
class Outline:
    programme: Programme
    parts: tuple[Stretch, ...]
    success_metrics: tuple[PlannedGoal, ...]

    @property
    def minutes(self) -> int:
        return sum(part.minutes for part in self.parts)

    def days(self, minutes_a_day: int) -> int:
        """Days of study at a daily time, rounded up."""
        return -(-self.minutes // minutes_a_day)

    def as_json(self, told: Mapping[str, dict[str, Any]] | None = None) -> dict[str, Any]:
        """told: what else is known of a goal, by its row; it stands under `achievement`."""
        programme, known = self.programme, told or {}
        return {
            "id": programme.id,
            "title": programme.title,
            "summary": programme.summary,
            "daily_minutes": programme.daily_minutes,
            "weeks": programme.weeks,
            "minutes": self.minutes,
            "parts": [_stretch_json(part, known) for part in self.parts],
            "success_metrics": [_goal_json(metric, known) for metric in self.success_metrics],
        }


def outline(programme: Programme, catalog: Catalog) -> Outline:
    """The programme with what the catalogue knows about its units."""
    parts = tuple(_stretch(part, catalog) for part in programme.parts)
    return Outline(programme, parts, tuple(_goal(metric, catalog) for metric in programme.success_metrics))


def minutes_of(unit: Unit, catalog: Catalog) -> PlannedUnit:
    """A unit with its time in minutes.

    Only the `minutes:` line of a written unit is read; parsing hundreds of files whole
    would make a plan wait for seconds.
    """
    if unit.status != "planned":
        path = catalog.path_of(unit.id)
        file = path / "project.yaml" if unit.kind == "project" else path
        with file.open(encoding="utf-8") as handle:
            stated = _MINUTES.search(handle.read(4000))
        if stated:
            return PlannedUnit(unit, int(stated.group(1)), estimated=False)
    return PlannedUnit(unit, _TYPICAL[unit.kind][unit.level - 1], estimated=True)


def check_of(goal: Goal, unit: str, catalog: Catalog) -> str | None:
    """The check of a unit that fulfils a goal's row; None while it is not written or names no check."""
    if catalog.units[unit].status == "planned":
        return None
    place = goal.check if goal.check and unit == goal.unit else None
    place = place or catalog.project(unit).file.covers.get(goal.row)
    return None if place is None or place.startswith("#") else place


def plan_text(programme: Programme, catalog: Catalog, told: Mapping[str, str] | None = None) -> str:
    """The plan for a terminal of 100 columns, in plain text.

    told: a line to put below a goal, by its row.
    """
    known = told or {}
    plan = outline(programme, catalog)
    lines = [programme.title, "=" * len(programme.title), *_wrap(programme.summary, ""), ""]
    lines += [
        *_wrap(_totals(plan), ""),
        "Marks: + verified, = written, . planned (its time is typical, not stated)",
    ]
    for part in plan.parts:
        lines += ["", *_stretch_lines(part, "", known)]
    if plan.success_metrics:
        lines += ["", "Success is measured by"]
        lines += [line for metric in plan.success_metrics for line in _goal_lines(metric, "", "  ", known)]
    return "\n".join(lines) + "\n"


def _stretch(section: Section, catalog: Catalog) -> Stretch:
    return Stretch(
        id=section.id,
        title=section.title,
        span=_span("week", section.weeks) or _span("month", section.months),
        note=section.note,
        units=tuple(minutes_of(catalog.units[unit], catalog) for unit in section.units),
        revisits=tuple(catalog.units[unit] for unit in section.revisits),
        deliverables=tuple(_goal(goal, catalog) for goal in section.deliverables),
        milestones=tuple(_goal(goal, catalog) for goal in section.milestones),
        practice=tuple(catalog.inventory[row].title for row in section.practice),
        resources=tuple(catalog.inventory[row].title for row in section.resources),
        sections=tuple(_stretch(inner, catalog) for inner in section.sections)
        if isinstance(section, Part)
        else (),
    )


def _span(word: str, span: str | None) -> str:
    if span is None:
        return ""
    return f"{word}s {span}" if "-" in span else f"{word} {span}"


def _goal(goal: Goal, catalog: Catalog) -> PlannedGoal:
    when = goal.when if isinstance(goal, Milestone) else ""
    check = check_of(goal, goal.unit, catalog) or goal.check
    return PlannedGoal(goal.row, goal.title, when, goal.units, check)


def _totals(plan: Outline) -> str:
    statuses = Counter(planned.unit.status for part in plan.parts for planned in part.all_units())
    daily = plan.programme.daily_minutes
    text = f"{statuses.total()} units, about {round(plan.minutes / 60)} hours"
    text += f": {plan.days(daily)} days at {daily} minutes a day" if daily else ""
    text += f"; the seed plans {plan.programme.weeks} weeks" if plan.programme.weeks else ""
    verified, authored, planned = (statuses[status] for status in ("verified", "authored", "planned"))
    return f"{text}. {verified} verified, {authored} written, {planned} planned."


def _stretch_lines(stretch: Stretch, indent: str, told: Mapping[str, str]) -> list[str]:
    head = ", ".join(filter(None, (stretch.span, _hours(stretch.minutes))))
    lines = [f"{indent}{stretch.title}" + (f" ({head})" if head else "")]
    inner = indent + "  "
    lines += _wrap(stretch.note, inner)
    for planned in stretch.units:
        unit = planned.unit
        text = f"{inner}{_MARKS[unit.status]} {planned.minutes:>3} min  {unit.id:<40} {unit.title}"
        lines.append(text if len(text) <= _COLUMNS else text[: _COLUMNS - 1] + "…")
    for goal in stretch.milestones:
        lines += _goal_lines(goal, f"by {goal.when}: ", inner, told)
    for goal in stretch.deliverables:
        lines += _goal_lines(goal, "hand in: ", inner, told)
    for word, names in (
        ("again", [unit.id for unit in stretch.revisits]),
        ("practice", stretch.practice),
        ("with", stretch.resources),
    ):
        lines += _wrap(f"{word}: {'; '.join(names)}" if names else "", inner)
    for section in stretch.sections:
        lines += _stretch_lines(section, inner, told)
    return lines


def _goal_lines(goal: PlannedGoal, lead: str, indent: str, told: Mapping[str, str]) -> list[str]:
    check = f", check {goal.check}" if goal.check else ""
    lines = _wrap(f"{lead}{goal.title} ({', '.join(goal.units)}{check})", indent)
    return lines + _wrap(told.get(goal.row, ""), indent + "  ")


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f} h" if minutes else ""


def _wrap(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        _COLUMNS,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def _stretch_json(stretch: Stretch, told: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": stretch.id,
        "title": stretch.title,
        "span": stretch.span,
        "note": stretch.note,
        "minutes": stretch.minutes,
        "units": [
            {
                "id": planned.unit.id,
                "kind": planned.unit.kind,
                "title": planned.unit.title,
                "status": planned.unit.status,
                "minutes": planned.minutes,
                "estimated": planned.estimated,
            }
            for planned in stretch.units
        ],
        "revisits": [unit.id for unit in stretch.revisits],
        "deliverables": [_goal_json(goal, told) for goal in stretch.deliverables],
        "milestones": [_goal_json(goal, told) for goal in stretch.milestones],
        "practice": list(stretch.practice),
        "resources": list(stretch.resources),
        "sections": [_stretch_json(section, told) for section in stretch.sections],
    }


def _goal_json(goal: PlannedGoal, told: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "row": goal.row,
        "title": goal.title,
        "units": list(goal.units),
        "check": goal.check,
    }
    shown |= {"when": goal.when} if goal.when else {}
    return shown | ({"achievement": told[goal.row]} if goal.row in told else {})
