"""The first files of a planned unit: every key the formats ask for, and a TODO at each gap.

The rule owned here: a scaffold parses, and `mltutor verify` fails on it until it is written.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.page import CASE_SECTIONS, LESSON_SECTIONS
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.unit import Kind, Unit

TEMPLATES = Path(__file__).parent / "templates"


def scaffold(catalog: Catalog, kind: Kind, unit_id: str) -> list[Path]:
    """Writes the files of a planned unit and returns their paths.

    TutorError: `unknown-unit`, `wrong-kind`, `already-written`. Nothing is overwritten.
    """
    unit = catalog.unit(unit_id)
    if unit.kind != kind:
        raise TutorError(
            "wrong-kind", f"`{unit_id}` is a {unit.kind} in units.csv.", f"mltutor new {unit.kind} {unit_id}"
        )
    if unit.status != "planned":
        raise TutorError(
            "already-written", f"{catalog.path_of(unit_id)} is there already.", f"mltutor verify {unit_id}"
        )
    path = catalog.path_of(unit_id)
    if kind == "project":
        return _write_project(catalog, unit, path)
    files = {path: _page(catalog, unit)}
    if kind == "lesson":
        files |= _task_files(path.with_suffix("") / "q2")
        return _write(files)
    return [*_write(files), *_write_project(catalog, unit, path.with_suffix("") / "lab")]


def _page(catalog: Catalog, unit: Unit) -> str:
    lesson = unit.kind == "lesson"
    covers = "\n".join(
        f'  {row}: "TODO"  # {catalog.inventory[row].kind}: {catalog.inventory[row].title}'
        for row in unit.covers
    )
    return _fill(
        "lesson.md" if lesson else "case.md",
        HEAD=_head(unit) if lesson else f"{_head(unit)}\nkind: case_study",
        COVERS=covers,
        SECTIONS="\n\n".join(
            f"## {title}\n\nTODO" for title in (LESSON_SECTIONS if lesson else CASE_SECTIONS)
        ),
    )


_ASKED = """asked:
  overview:
    - "TODO: what a learner would type who wants to build this; eight or more in all"
"""


def _write_project(catalog: Catalog, unit: Unit, folder: Path) -> list[Path]:
    rows = [] if unit.kind == "case_study" else list(unit.covers)
    covers = "\n".join(f"  {row}: TODO  # {catalog.inventory[row].title}" for row in rows) or "  {}"
    asked = "" if unit.kind == "case_study" else _ASKED  # a lab's case has them
    files = {
        folder / "project.yaml": _fill("project.yaml", HEAD=_head(unit), COVERS=covers, ASKED=asked),
        folder / "brief.md": _fill("brief.md", TITLE=unit.title),
        folder / "hints.yaml": _fill("hints.yaml"),
        folder / "data.py": _fill("data.py"),
        folder / "alternatives" / "another_road.py": _fill("reference.py"),
        folder / "wrong" / "todo-misconception.py": _fill("wrong.py"),
    }
    return _write(files | _task_files(folder))


def _task_files(folder: Path) -> dict[Path, str]:
    return {folder / name: _fill(name) for name in ("starter.py", "reference.py", "checks.py")}


def _head(unit: Unit) -> str:
    # JSON strings are YAML strings, quoted where a colon or a quote would break them.
    return "\n".join(
        [
            "format: 1",
            f"id: {unit.id}",
            f"title: {json.dumps(unit.title, ensure_ascii=False)}",
            f"track: {unit.track}",
            f"level: {unit.level}",
            "minutes: 30",
            f"prerequisites: [{', '.join(unit.prerequisites)}]",
        ]
    )


def _fill(name: str, **values: str) -> str:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


def _write(files: dict[Path, str]) -> list[Path]:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    return list(files)
