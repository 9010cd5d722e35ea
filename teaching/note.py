"""A learner's own note of a unit: five parts to fill in, and the experiments that grading saw.

It owns one rule: what the learner wrote stays. Only the table between the two marks is made anew.
The form is that of the course's notes template (inventory rows course/notes-1 to course/notes-9).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.page import CASE_SECTIONS, Page
from knowledge.passage import page_of
from knowledge.stages import TITLES
from knowledge.unit import ExplainQuestion
from teaching.records import Event, Records
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.unit import Unit

BEGIN, END = "<!-- experiments: written by mltutor -->", "<!-- end of experiments -->"
MAX_ROWS = 30
_LOSS, _ACCURACY = ("loss", "val_loss", "test_loss"), ("accuracy", "acc", "val_accuracy", "score")


def write_note(catalog: Catalog, records: Records, learner: str, unit_id: str, path: Path) -> bool:
    """Write the note of a unit to `path`, or renew the experiments of the one there; True when it is new.

    TutorError `no-experiments-mark` when a file is there that has no table of ours.
    """
    unit = catalog.unit(unit_id)
    table = f"{BEGIN}\n{experiments_table(records, learner, _practised(catalog, unit))}{END}"
    try:
        before = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_fresh(catalog, unit, table), encoding="utf-8")
        return True
    head, begin, rest = before.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise TutorError(
            "no-experiments-mark",
            f"{path} is there, without the marks between which experiments stand.",
            f"Put the lines {BEGIN} and {END} where the table shall be, or name another file with --out.",
        )
    path.write_text(f"{head}{table}{tail}", encoding="utf-8")
    return False


def experiments_table(records: Records, learner: str, units: Iterable[str]) -> str:
    """A row for each grade: configuration (attempt and device), loss, accuracy, what it showed."""
    lines = ["| config | loss | accuracy | notes |", "|---|---|---|---|"]
    graded = [event for unit in units for event in records.events(learner, kind="graded", unit=unit)]
    for event in sorted(graded, key=lambda event: event.at)[-MAX_ROWS:]:
        lines.append(f"| {' | '.join(_cells(event))} |")
    if not graded:
        lines.append("| | | | nothing graded yet |")
    return "\n".join(lines) + "\n"


def _cells(event: Event) -> Iterator[str]:
    grade = event.payload["grade"]
    metrics = grade.get("metrics") or ()
    yield f"{event.unit}, {event.at:%Y-%m-%d %H:%M}, {grade['device']}"
    yield _last(metrics, _LOSS)
    yield _last(metrics, _ACCURACY)
    failed = [check["title"] for check in grade["checks"] if check["status"] == "failed"]
    points = f"{grade['score']:g} of {grade['max_score']:g} points"
    yield f"{points}; not yet: {'; '.join(failed)}".replace("|", "/") if failed else points


def _last(metrics: Sequence[dict[str, Any]], names: Sequence[str]) -> str:
    for record in reversed(metrics):
        for name in names:
            if isinstance(record.get(name), int | float):
                return f"{record[name]:.4g}"
    return ""


def _practised(catalog: Catalog, unit: Unit) -> list[str]:
    """The units whose grades speak of this one: itself, and for a lesson the projects built on it."""
    projects = [other.id for other in catalog.dependents_of(unit.id) if other.kind == "project"]
    return [unit.id, *(projects if unit.kind == "lesson" else ())]


def _fresh(catalog: Catalog, unit: Unit, table: str) -> str:
    page = page_of(catalog, unit) if unit.status != "planned" else None
    parts = [
        f"# {unit.title}",
        f"Unit `{unit.id}`. {_built_on(catalog, unit)}",
        "## Mathematical foundation\n\n### Equations\n\n" + _equations(unit, page),
        "### Derivations\n\nWrite the steps out, each with its reason.",
        "## Key insights\n\n- Why does it work?\n- When to use it?\n- Where are its limits?",
        "## Implementation\n\n```python\n\n```",
        f"## Experiments\n\n{table}",
        "## Questions\n\n### Open questions\n\n" + _questions(catalog, unit),
        "### Things to explore\n\n" + _ahead(catalog, unit),
        "## Passes over the topic\n\n" + "\n".join(f"- [ ] {stage}" for stage in TITLES.values()),
    ]
    return "\n\n".join(parts) + "\n"


def _built_on(catalog: Catalog, unit: Unit) -> str:
    before = ", ".join(f"`{other.id}`" for other in catalog.prerequisites_of(unit.id))
    return f"Builds on {before}." if before else "Builds on nothing before it."


def _equations(unit: Unit, page: Page | None) -> str:
    """The displayed formulas of the unit, to be explained in the learner's own words."""
    section = page.section("#mathematics") if page and unit.kind == "lesson" else None
    lines = page.text_under(section).split("\n") if page and section else []
    formulas = [line.strip() for line in lines if line.startswith("  ") and "=" in line and "`" not in line]
    return "\n".join(f"- {formula}: " for formula in formulas[:8]) or "- "


def _questions(catalog: Catalog, unit: Unit) -> str:
    if unit.status == "planned" or unit.kind == "project":
        return "- "
    page = catalog.case(unit.id) if unit.kind == "case_study" else catalog.lesson(unit.id)
    asked = [question.ask for question in page.front.questions if isinstance(question, ExplainQuestion)]
    return "\n".join(f"- {ask}" for ask in asked) or "- "


def _ahead(catalog: Catalog, unit: Unit) -> str:
    ahead = [f"- {other.title} (`{other.id}`)" for other in catalog.dependents_of(unit.id)[:5]]
    if unit.kind == "case_study":
        ahead.insert(0, f"- Redraw the diagram under *{CASE_SECTIONS[4]}* from memory.")
    return "\n".join(ahead) or "- "
