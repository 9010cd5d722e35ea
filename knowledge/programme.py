"""A programme: a seed's own way through the units, in parts, weeks or phases.

Read from `content/programmes/<seed>.yaml`. The rule owned here: a programme names only
units and rows that exist, and leaves no row of its seed out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from knowledge.content_file import broken, parse, read_yaml
from knowledge.inventory import InventoryRow
from knowledge.unit import Record, Slug, Text, Unit
from tutor_error import did_you_mean

Span = Annotated[str, Field(pattern=r"^[1-9]\d*(-[1-9]\d*)?$")]
"""`3` or `1-3`: weeks or months, counted from 1. Quoted in YAML."""


class Goal(Record):
    """A row that something handed in fulfils.

    unit: the project that fulfils it; also: further units that cover the same row.
    needs: how many of these units it takes; one, where any of them will do.
    check: the check that shows it, where the unit's own `covers` does not say so.
    measure: the name under which runs track the number that the row asks for, such as `accuracy`.
    """

    row: str
    title: Text
    unit: Slug
    also: tuple[Slug, ...] = ()
    needs: Annotated[int, Field(ge=1)] = 1
    check: Slug | None = None
    measure: str | None = Field(default=None, min_length=1)

    @property
    def units(self) -> tuple[str, ...]:
        return (self.unit, *self.also)


class Deliverable(Goal):
    """Something to hand in at the end of a section."""


class Milestone(Goal):
    """What is to stand by a day or week, which `when` names."""

    when: Text


class Metric(Goal):
    """A measure of success at the end of the programme."""


class Section(Record):
    """A stretch of a part: a week, a chapter, a level.

    units: met here for the first time, in the seed's order.
    revisits: met earlier in this programme and taken up again here.
    practice, resources: rows that say how to study, and with what.
    """

    id: Slug
    title: Text
    weeks: Span | None = None
    months: Span | None = None
    note: str = ""
    units: tuple[Slug, ...] = ()
    revisits: tuple[Slug, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    practice: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


class Part(Section):
    sections: tuple[Section, ...] = ()


class Programme(Record):
    """One file of `content/programmes/`.

    weeks: the seed's own length. daily_minutes: the time a day that the seed asks for.
    """

    format: Literal[1]
    id: Slug
    title: Text
    seed: Slug
    summary: Text
    daily_minutes: Annotated[int, Field(ge=5, le=720)] | None = None
    weeks: Annotated[int, Field(ge=1)] | None = None
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    success_metrics: tuple[Metric, ...] = ()

    def sections(self) -> Iterator[Section]:
        """Every part followed by its own sections, in order."""
        for part in self.parts:
            yield part
            yield from part.sections

    def unit_ids(self) -> list[str]:
        """The units of the programme, each once, in the order in which they are met."""
        return [unit for section in self.sections() for unit in section.units]

    def goals(self) -> list[Goal]:
        """Deliverables and milestones in order, then the success metrics."""
        handed_in = [
            goal for section in self.sections() for goal in (*section.deliverables, *section.milestones)
        ]
        return [*handed_in, *self.success_metrics]

    def named_rows(self) -> list[str]:
        """The inventory rows that the programme places itself, not through a unit."""
        reading = [row for section in self.sections() for row in (*section.practice, *section.resources)]
        return [goal.row for goal in self.goals()] + reading


def read_programme(path: Path, units: Mapping[str, Unit], inventory: Mapping[str, InventoryRow]) -> Programme:
    """A programme file. Raises TutorError `broken-content` that tells what is wrong in it."""
    programme = parse(Programme, read_yaml(path), path)
    problems = check_programme(programme, units, inventory)
    if programme.id != path.stem:
        problems.insert(0, f"its id is `{programme.id}`, not the file's name")
    if problems:
        more = f"{len(problems)} things to mend in all." if len(problems) > 5 else ""
        raise broken(path, "; ".join(problems[:5]), more)
    return programme


def check_programme(
    programme: Programme, units: Mapping[str, Unit], inventory: Mapping[str, InventoryRow]
) -> list[str]:
    """What is wrong in a programme, one clause each; empty when it is sound."""
    problems = _repeated("section", [section.id for section in programme.sections()])
    problems += _repeated("unit", programme.unit_ids())
    problems += _repeated("row", programme.named_rows())
    met: set[str] = set()
    for section in programme.sections():
        problems += [
            f"unknown unit `{unit}` in `{section.id}`. {did_you_mean(unit, units)}".rstrip()
            for unit in (*section.units, *section.revisits)
            if unit not in units
        ]
        problems += [
            f"`{section.id}` revisits `{unit}`, which was not met before"
            for unit in section.revisits
            if unit in units and unit not in met
        ]
        met.update(section.units)
    for goal in programme.goals():
        if goal.needs > len(set(goal.units)):
            problems.append(f"{goal.row} needs {goal.needs} units and names {len(set(goal.units))}")
        problems += [wrong for unit in goal.units if (wrong := _wrong_goal(goal, unit, units, met))]
    return problems + _check_rows(programme, units, inventory)


def _repeated(word: str, names: list[str]) -> list[str]:
    return [f"{word} `{name}` is listed {count} times" for name, count in Counter(names).items() if count > 1]


def _wrong_goal(goal: Goal, unit: str, units: Mapping[str, Unit], met: set[str]) -> str | None:
    if unit not in units:
        return f"unknown unit `{unit}` for {goal.row}. {did_you_mean(unit, units)}".rstrip()
    if goal.row not in units[unit].covers:
        return f"`{unit}` does not cover {goal.row}"
    if unit not in met:
        return f"`{unit}` fulfils {goal.row} and stands in no part"
    return None


def _check_rows(
    programme: Programme, units: Mapping[str, Unit], inventory: Mapping[str, InventoryRow]
) -> list[str]:
    seed = [row for row, entry in inventory.items() if entry.seed == programme.seed]
    known = set(seed)
    problems = [
        f"`{row}` is no row of {programme.seed}. {did_you_mean(row, seed)}".rstrip()
        for row in programme.named_rows()
        if row not in known
    ]
    reached = reached_rows(programme, units)
    missing = [row for row in seed if row not in reached]
    if missing:
        problems.append(f"{len(missing)} rows are out of reach, first {', '.join(missing[:3])}")
    return problems


def reached_rows(programme: Programme, units: Mapping[str, Unit]) -> frozenset[str]:
    """The inventory rows that a programme meets: those it names, and those its units cover."""
    through_units = (row for unit in programme.unit_ids() if unit in units for row in units[unit].covers)
    return frozenset((*programme.named_rows(), *through_units))
