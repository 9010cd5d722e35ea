"""`/review FILE`: checks tell what execution decides; the rest is the learner's own review, guided.

The rule owned here: the self-review shows evidence and gives no points; it is kept in the
conversation alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from knowledge.catalog import Catalog
from mcp_server.workspace import find_workspace
from teaching.self_review import review_parts
from tutor.agent import lesson
from tutor.agent.intent import Intent
from tutor.agent.reading import leaves_aside
from tutor.agent.state import Chosen, Deps, Segment, State
from tutor.toolbox import Emit

_LONGEST_SOURCE = 200_000


async def review_submission(project: str, path: str, deps: Deps, emit: Emit) -> dict[str, Any]:
    """The report of the visible checks, and the parts of the rubric with their evidence."""
    report = await deps.toolbox.check(project, path, emit)
    parts = [vars(part) for part in review_parts(_source(path), report)]
    kept = {key: report[key] for key in ("project", "passed", "score", "max_score")}
    failed = [row["title"] for row in report["checks"] if row["status"] in ("failed", "error")]
    return {"review": {**kept, "failed": failed, "parts": parts}, "path": path}


def choose_review(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    outcome = state.get("outcome", {})
    told = outcome["review"]
    points = f"{told['score']:g} of {told['max_score']:g} points in the visible checks"
    decided = f"What running it decides: {points}"
    decided += f"; open: {', '.join(told['failed'])}." if told["failed"] else "; nothing failed."
    parts = told["parts"]
    lead = (
        f"{decided}\n\nThe rest no program can judge, so you do, in {len(parts)} steps: a question, and what "
        "I could count. It gives no points and moves no mastery. `skip` ends it."
    )
    aside = {"kind": "review", "parts": parts, "at": 0, "answered": 0, "project": told["project"]}
    segments = (Segment("correct", lead, unit=told["project"]), _ask(parts, 0, told["project"]))
    return Chosen(segments, update={"aside": aside, "project": told["project"], "path": outcome["path"]})


def choose_part(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    """The next part; the learner's line stays in the transcript."""
    aside = dict(state.get("aside") or {})
    parts, left = aside["parts"], leaves_aside(intent.text)
    aside["answered"] += not left
    aside["at"] += 1
    if left or aside["at"] >= len(parts):
        again = lesson.ask_again(catalog, lesson.resume(state.get("lesson")), "Back to our question.")
        text = (
            f"That was your own review, {aside['answered']} of {len(parts)} parts. What you wrote stays in "
            "this conversation; points come from `/grade` alone."
        )
        return Chosen((Segment("self_review", text, unit=aside["project"]), *again))
    return Chosen((_ask(parts, aside["at"], aside["project"]),), update={"aside": aside})


def _ask(parts: list[dict[str, str]], at: int, project: str) -> Segment:
    part = parts[at]
    text = f"**{at + 1} of {len(parts)}: {part['title']}.** {part['asks']}\n\nCounted: {part['evidence']}"
    return Segment("self_review", text, unit=project)


def _source(path: str) -> str:
    """The main file of a folder or the file itself; empty for a notebook, whose cells are not one text."""
    file = Path(path)
    workspace = find_workspace(file)
    if file.is_dir() and workspace is not None:
        file = workspace.main
    if file.suffix != ".py" or not file.is_file():
        return ""
    return file.read_text(encoding="utf-8", errors="replace")[:_LONGEST_SOURCE]
