"""Grades as HTML: one page for a class, one for each entry; nothing in them is fetched or run.

The rule owned here: every text of a learner's is escaped, every figure is embedded and bounded.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from teaching.batch import Class, Row
from teaching.curve import loss_curve

if TYPE_CHECKING:
    from knowledge.unit import Misconception

WORDS = {"passed": "passed", "failed": "not yet", "error": "could not be graded"}
MAX_FIGURES, MAX_FIGURE_BYTES = 10, 1_000_000
_PNG = b"\x89PNG\r\n\x1a\n"


def write_pages(graded: Class, title: str, page: Path, beliefs: Mapping[str, Misconception]) -> list[Path]:
    """Write `page` and, in a folder beside it, a page an entry; the paths written, the class's first."""
    folder = page.with_name(f"{page.stem}-entries")
    folder.mkdir(parents=True, exist_ok=True)
    names = page_names([row.name for row in graded.rows])
    written = [page]
    for row in graded.rows:
        target = folder / names[row.name]
        _write(target, entry_page(row, f"{row.name}: {title}", beliefs))
        written.append(target)
    _write(page, class_page(graded, title, {name: f"{folder.name}/{file}" for name, file in names.items()}))
    return written


def class_page(graded: Class, title: str, links: Mapping[str, str]) -> str:
    grades = [row.grade for row in graded.rows if row.grade is not None]
    return _template("class.html").render(
        title=title,
        rows=[_shown(row, links.get(row.name, "")) for row in graded.rows],
        passed=sum(row.status == "passed" for row in graded.rows),
        failed=sum(row.status == "failed" for row in graded.rows),
        broken=sum(row.status == "error" for row in graded.rows),
        mean=sum(grade["score"] for grade in grades) / len(grades) if grades else None,
        max_score=grades[0]["max_score"] if grades else 0,
        checks=_by_check(grades),
        similar=graded.similar,
    )


def entry_page(row: Row, title: str, beliefs: Mapping[str, Misconception]) -> str:
    from markupsafe import Markup  # comes with Jinja2

    grade = row.grade
    return _template("entry.html").render(
        title=title,
        grade=grade,
        message=row.message,
        beliefs=beliefs,
        curve=Markup(loss_curve(grade.get("metrics", ()) if grade else ())),
        figures=_embedded(grade["figures"] if grade else ()),
    )


def page_names(names: Sequence[str]) -> dict[str, str]:
    """A file name for each entry: safe on every disk, and no two alike."""
    taken: set[str] = set()
    found: dict[str, str] = {}
    for name in names:
        stem = re.sub(r"[^\w.-]+", "-", name).strip(".-")[:60] or "entry"
        candidate, number = stem, 2
        while candidate.lower() in taken:
            candidate, number = f"{stem}-{number}", number + 1
        taken.add(candidate.lower())
        found[name] = f"{candidate}.html"
    return found


def _shown(row: Row, link: str) -> dict[str, str]:
    grade = row.grade
    failed = (
        next((check for check in grade["checks"] if check["status"] != "passed"), None) if grade else None
    )
    points = f"{grade['score']:g} / {grade['max_score']:g}" if grade else ""
    message = row.message or (f"{failed['title']}: {failed['message']}" if failed else "")
    return {
        "name": row.name, "status": row.status, "word": WORDS[row.status], "points": points,
        "message": message, "link": link,
    }  # fmt: skip


def _by_check(grades: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each check, how many passed of those who tried it."""
    found: dict[str, dict[str, Any]] = {}
    for check in (check for grade in grades for check in grade["checks"]):
        row = found.setdefault(
            check["id"], {"id": check["id"], "title": check["title"], "passed": 0, "tried": 0}
        )
        row["passed"] += check["status"] == "passed"
        row["tried"] += check["status"] in ("passed", "failed")
    return list(found.values())


def _embedded(figures: Sequence[str]) -> list[str]:
    sources: list[str] = []
    for figure in figures[:MAX_FIGURES]:
        path = Path(figure)
        if path.is_file() and path.stat().st_size <= MAX_FIGURE_BYTES:
            content = path.read_bytes()
            if content.startswith(_PNG):
                sources.append(f"data:image/png;base64,{base64.b64encode(content).decode('ascii')}")
    return sources


@lru_cache(maxsize=4)
def _template(name: str) -> Any:
    # Only a report needs the templates.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template(name)


def _write(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
