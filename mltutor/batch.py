"""The command `grade-all`: a class in one go."""

from __future__ import annotations

import csv
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mltutor.cli import catalog_of, settings_of
from mltutor.output import Json, note, plain, print_json
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.page import Project
    from teaching.batch import Class, Row

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MEMORY_SHARE = 0.8


def register(app: typer.Typer) -> None:
    app.command("grade-all")(grade_all)


def grade_all(
    context: typer.Context,
    project: Annotated[str, typer.Argument(help="A project or a case study's lab.")],
    folder: Annotated[Path, typer.Argument(help="One .py, .ipynb or folder a learner, named after them.")],
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Gradings at the same time.")] = os.cpu_count()
    or 1,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write a table: a row an entry.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page for the class and one for each.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Grade also what has been graded.")] = False,
    as_json: Json = False,
) -> None:
    """Grade a class: all entries of a folder, on all cores. A rerun goes on where a stopped one was."""
    from sandbox.isolation import current_isolation
    from teaching.batch import Batch
    from teaching.records import open_records

    settings = settings_of(context)
    catalog = catalog_of(context)
    found = catalog.project(project)
    isolation = current_isolation()
    consent = settings.allow_unisolated and not found.unit.namespace  # a pack's code needs isolation
    if not isolation.may_grade_strangers and not consent:
        message = f"Strangers' work is not run without isolation: {isolation.reason}"
        raise TutorError("unisolated", message, isolation.remedy or "mltutor doctor")
    for target in (csv_file, html):
        _refuse_unwritable(target)
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open_records(settings.home, settings.database) as records:
        batch = Batch(
            catalog, records, settings.home, _affordable(jobs, found), again, consent,
            _logger(settings.home),
        )  # fmt: skip
        try:
            graded = batch.run(project, folder, _progress)
        except KeyboardInterrupt:
            note("\nStopped. What has been graded is kept; the same command goes on from here.")
            raise
    if csv_file is not None:
        _write_aside(csv_file, as_csv(graded))
    if html is not None:
        from teaching.report_page import write_pages

        html.parent.mkdir(parents=True, exist_ok=True)
        write_pages(graded, found.unit.title, html, catalog.misconceptions_of(project))
    if as_json:
        print_json(as_document(graded))
    else:
        _print(graded)
    if any(row.status == "error" for row in graded.rows):
        raise typer.Exit(1)


def as_document(graded: Class) -> dict[str, Any]:
    """The JSON of the command (docs/commands.md)."""
    grades = [row.grade for row in graded.rows if row.grade is not None]
    return {
        "project": graded.project,
        "graded": len(grades),
        "passed": sum(row.status == "passed" for row in graded.rows),
        "mean_score": round(sum(grade["score"] for grade in grades) / len(grades), 4) if grades else None,
        "max_score": grades[0]["max_score"] if grades else None,
        "entries": [_entry(row, graded) for row in graded.rows],
        "similar": [vars(pair) for pair in graded.similar],
    }


def as_csv(graded: Class) -> str:
    """A row an entry, a column a check; a cell that a spreadsheet would compute begins with a quote."""
    grades = [row.grade for row in graded.rows if row.grade is not None]
    checks = list(dict.fromkeys(check["id"] for grade in grades for check in grade["checks"]))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["name", "status", "score", "max_score", "attempt", "message", *checks])
    for row in graded.rows:
        grade = row.grade or {}
        points = {check["id"]: check["points"] for check in grade.get("checks", ())}
        told = (grade.get(key, "") for key in ("score", "max_score", "attempt"))
        cells = [
            row.name, row.status, *told, row.message, *(points.get(check, "") for check in checks),
        ]  # fmt: skip
        table.writerow([_inert(cell) for cell in cells])
    return text.getvalue()


def _entry(row: Row, graded: Class) -> dict[str, Any]:
    grade = row.grade or {}
    pairs = [(pair, {pair.first, pair.second} - {row.name}) for pair in graded.similar]
    return {
        "name": row.name,
        "status": row.status,
        "score": grade.get("score"),
        "max_score": grade.get("max_score"),
        "attempt": grade.get("attempt"),
        "seconds": grade.get("seconds"),
        "message": row.message,
        "checks": grade.get("checks", []),
        "misconceptions": sorted({c["misconception"] for c in grade.get("checks", ()) if c["misconception"]}),
        "similar_to": [
            {"name": other.pop(), "similarity": pair.similarity} for pair, other in pairs if len(other) == 1
        ],
    }


def _print(graded: Class) -> None:
    width = max(len(row.name) for row in graded.rows)
    for row in graded.rows:
        points = f"{row.grade['score']:g}/{row.grade['max_score']:g}" if row.grade else ""
        print(f"{plain(row.name):{width}}  {row.status:7} {points:>9}  {plain(row.message)}".rstrip())
    for pair in graded.similar:
        print(f"alike: {pair.first} and {pair.second} ({pair.similarity:.0%}); a reason to look, no verdict")


def _progress(row: Row, done: int, total: int) -> None:
    points = f" {row.grade['score']:g}/{row.grade['max_score']:g}" if row.grade else ""
    line = f"{done} of {total}  {plain(row.name)}: {row.status}{points}"
    if sys.stderr.isatty() and done < total:
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
    else:
        print(f"\r\x1b[K{line}" if sys.stderr.isatty() else line, file=sys.stderr, flush=True)


def _logger(home: Path) -> Any:
    def log(name: str, trace: str) -> None:
        path = home / "logs" / "grade-all.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{name}\n{trace}\n")
        note(f"{plain(name)}: the grader failed; {path} has the details")

    return log


def _affordable(jobs: int, project: Project) -> int:
    """As many gradings as memory bears: each may use the project's budget."""
    import psutil

    free = psutil.virtual_memory().available / 2**20 * _MEMORY_SHARE
    most = max(1, int(free // project.file.budget.memory_mb))
    if most < jobs:
        note(f"{most} gradings at a time: each may use {project.file.budget.memory_mb} MB.")
    return min(jobs, most)


def _refuse_unwritable(target: Path | None) -> None:
    if target is not None and (target.is_dir() or not target.absolute().parent.is_dir()):
        raise TutorError(
            "unwritable-file", f"{target} cannot be written.", "Name a file in a folder that exists."
        )


def _write_aside(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _inert(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
