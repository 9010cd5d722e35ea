"""The two tables of the curriculum: what the seeds ask for, and the units that answer.

`inventory.csv` has a row for every line of the five seeds, `units.csv` one for every
unit with the rows that it covers. The rule owned here: the tables agree with each
other, or they are refused with the file and the line that is wrong.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from knowledge.unit import TRACKS, Kind, Unit
from tutor_error import TutorError, did_you_mean

INVENTORY = "inventory.csv"
UNITS = "units.csv"
KINDS: tuple[str, ...] = get_args(Kind)
MET_BY: dict[str, Kind | None] = {
    "topic": "lesson",
    "objective": "lesson",
    "project": "project",
    "task": "project",
    "deliverable": "project",
    "exercise": "project",
    "metric": "project",
    "case_study": "case_study",
    "resource": None,
    "practice": None,
}
"""The kinds of an inventory row, each with the kind of unit it needs; None: it may stand alone."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ROW_ID = re.compile(r"[A-Za-z0-9._/-]+")
_INVENTORY_COLUMNS = ["id", "seed", "line", "kind", "section", "title", "details"]
_UNIT_COLUMNS = ["unit_id", "kind", "title", "track", "level", "prerequisites", "covers"]


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """One thing that a seed asks for. `line` is `7`, `7-9` or `7,12` in the seed's file."""

    id: str
    seed: str
    line: str
    kind: str
    section: str
    title: str
    details: str


@dataclass(frozen=True)
class Curriculum:
    """Both tables, read and in agreement, in the order of the files."""

    inventory: dict[str, InventoryRow]
    units: dict[str, Unit]


def load_curriculum(content: Path) -> Curriculum:
    """The tables of a content folder.

    Raises TutorError `broken-content` that names the file and the line of the first mistake.
    """
    curriculum, problems = _read(content)
    if problems:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        raise TutorError(
            "broken-content", problems[0] + more, f"Mend the tables in {content}; `mltutor verify` lists all."
        )
    return curriculum


def check_curriculum(content: Path) -> list[str]:
    """Everything that is wrong in the tables of a content folder, one sentence each; empty when sound."""
    return _read(content)[1]


def _read(content: Path) -> tuple[Curriculum, list[str]]:
    problems: list[str] = []
    inventory = _read_inventory(content / INVENTORY, problems)
    units = _read_units(content / UNITS, problems)
    problems.extend(_check_units(units, inventory))
    problems.extend(_check_coverage(units, inventory))
    return Curriculum(inventory, {name: unit for name, (_, unit) in units.items()}), problems


def _rows(path: Path, columns: list[str], problems: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The line number and the fields of each sound row below the header."""
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            reader = csv.reader(handle)
            header = next(reader, [])
            if header != columns:
                problems.append(f"{path.name}: the columns are {header}, they should be {columns}")
                return
            for fields in reader:
                if len(fields) == len(columns):
                    yield reader.line_num, fields
                else:
                    problems.append(
                        f"{path.name} line {reader.line_num}: {len(fields)} fields, not {len(columns)}"
                    )
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path.name}: cannot be read: {error}")


def _read_inventory(path: Path, problems: list[str]) -> dict[str, InventoryRow]:
    rows: dict[str, InventoryRow] = {}
    for line, fields in _rows(path, _INVENTORY_COLUMNS, problems):
        row = InventoryRow(*fields)
        where = f"{path.name} line {line}: {row.id}"
        if row.id in rows:
            problems.append(f"{where}: this id is used twice")
        if not _ROW_ID.fullmatch(row.id):
            problems.append(f"{where}: an id has letters, digits and . _ / - only")
        if row.kind not in MET_BY:
            problems.append(f"{where}: unknown kind `{row.kind}`. {did_you_mean(row.kind, MET_BY)}".rstrip())
        if not _SLUG.fullmatch(row.seed):
            problems.append(f"{where}: bad seed `{row.seed}`")
        if not row.title.strip() or not row.section.strip():
            problems.append(f"{where}: no title or no section")
        rows.setdefault(row.id, row)
    return rows


def _read_units(path: Path, problems: list[str]) -> dict[str, tuple[int, Unit]]:
    units: dict[str, tuple[int, Unit]] = {}
    for line, (name, kind, title, track, level, prerequisites, covers) in _rows(
        path, _UNIT_COLUMNS, problems
    ):
        where = f"{path.name} line {line}: {name}"
        wrong = _wrong_fields(name, kind, title, track, level)
        if name in units:
            wrong.append("this id is used twice")
        problems.extend(f"{where}: {what}" for what in wrong)
        if wrong:
            continue
        # The fields have just been checked; validating 493 records a second time would triple the load.
        unit = Unit.model_construct(
            id=name,
            kind=kind,
            title=title,
            track=track,
            level=int(level),
            prerequisites=_split(prerequisites),
            covers=_split(covers),
            status="planned",
        )
        units[name] = (line, unit)
    return units


def _wrong_fields(name: str, kind: str, title: str, track: str, level: str) -> list[str]:
    wrong: list[str] = []
    if not _SLUG.fullmatch(name):
        wrong.append("an id is lower-case words joined by hyphens")
    if kind not in KINDS:
        wrong.append(f"unknown kind `{kind}`. {did_you_mean(kind, KINDS)}".rstrip())
    if not title.strip():
        wrong.append("no title")
    if track not in TRACKS:
        wrong.append(f"unknown track `{track}`. {did_you_mean(track, TRACKS)}".rstrip())
    if level not in {"1", "2", "3", "4", "5"}:
        wrong.append(f"bad level `{level}`, it is 1 to 5")
    return wrong


def _split(field: str) -> tuple[str, ...]:
    return tuple(part for part in field.split(";") if part)


def _check_units(units: dict[str, tuple[int, Unit]], inventory: dict[str, InventoryRow]) -> list[str]:
    """References from units to units and to inventory rows, and cycles among the units."""
    problems: list[str] = []
    for name, (line, unit) in units.items():
        where = f"{UNITS} line {line}: {name}"
        for word, field, known in (
            ("prerequisite", unit.prerequisites, units),
            ("inventory row", unit.covers, inventory),
        ):
            problems.extend(
                f"{where}: unknown {word} `{key}`. {did_you_mean(key, known)}".rstrip()
                for key in field
                if key not in known
            )
            problems.extend(
                f"{where}: names {word} `{key}` twice" for key in sorted(set(field)) if field.count(key) > 1
            )
        if not unit.covers:
            problems.append(f"{where}: covers nothing")
    cycle = find_cycle({name: unit.prerequisites for name, (_, unit) in units.items()})
    if cycle:
        line = units[cycle[0]][0]
        problems.append(f"{UNITS} line {line}: the prerequisites run in a circle: {' -> '.join(cycle)}")
    return problems


def _check_coverage(units: dict[str, tuple[int, Unit]], inventory: dict[str, InventoryRow]) -> list[str]:
    """Each row has a unit of the kind it needs, and a project with its parts is met in one project."""
    covering: dict[str, set[tuple[str, str]]] = {row: set() for row in inventory}
    for name, (_, unit) in units.items():
        for row in unit.covers:
            covering.setdefault(row, set()).add((unit.kind, name))
    problems: list[str] = []
    parts: dict[str, list[str]] = {}
    for row in inventory.values():
        need = MET_BY.get(row.kind)
        if need and not any(kind == need for kind, _ in covering[row.id]):
            problems.append(f"{INVENTORY}: {row.id} ({row.kind}) is covered by no {need}")
        owner = row.id.rpartition("/")[0]
        if owner in inventory and inventory[owner].kind == "project":
            parts.setdefault(owner, []).append(row.id)
    for owner, below in parts.items():
        projects = {name for kind, name in covering[owner] if kind == "project"}
        if not any({owner, *below} <= set(units[name][1].covers) for name in projects):
            problems.append(f"{INVENTORY}: no project covers {owner} with all {len(below)} of its parts")
    return problems


def find_cycle(graph: dict[str, tuple[str, ...]]) -> list[str] | None:
    """One cycle of a directed graph as nodes whose last is the first again, or None.

    Iterative, so a long chain cannot exhaust the stack.
    """
    finished: set[str] = set()
    for root in graph:
        path: list[str] = []
        stack = [] if root in finished else [(root, iter(graph[root]))]
        path.extend(node for node, _ in stack)
        while stack:
            node, following = stack[-1]
            for follow in following:
                if follow in path:
                    return [*path[path.index(follow) :], follow]
                if follow in graph and follow not in finished:
                    stack.append((follow, iter(graph[follow])))
                    path.append(follow)
                    break
            else:
                stack.pop()
                path.pop()
                finished.add(node)
    return None
