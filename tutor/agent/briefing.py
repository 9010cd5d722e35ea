"""What a model is told beyond the move: the lesson's public text, the belief diagnosed, one's own work.

The rule owned here: own work leaves for the model only in a turn that is about it, and nothing
of a unit but what anyone may read.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from knowledge.catalog import Catalog
from mcp_server.workspace import find_workspace
from tutor.agent import lesson
from tutor.agent.intent import intent_of
from tutor.agent.state import Deps, Segment, State, passages_of
from tutor.speaker.speaker import SpeakRequest

_ABOUT_WORK = re.compile(
    r"\bmy (?:own )?(?:code|solution|program|submission|work|function|implementation|file|project|checks?|"
    r"grade|report|attempt|score|error)\b|\b(?:failed|failing|failure|traceback|exception)\b|"
    r"\b(?:check|test|grade)\b.*\bfails?\b",
    re.IGNORECASE,
)
_WORK_MOVES = frozenset({"debug", "review"})
_LONGEST_FILE = 50_000


def request_of(state: State, segment: Segment) -> SpeakRequest:
    """What any speaker is told of a segment."""
    return SpeakRequest(
        move=segment.move,
        asked=intent_of(state).text,
        text=segment.text,
        facts=segment.facts,
        passages=passages_of(state) if segment.move == "answer" else (),
        next_step=segment.next_step,
        history=tuple((message["role"], message["text"]) for message in state.get("messages", [])),
    )


def brief_model(request: SpeakRequest, state: State, segment: Segment, deps: Deps) -> SpeakRequest:
    """The request with what a model may know besides."""
    about_work = is_about_work(state, segment, request.asked)
    report = _report_of(state) if about_work else {}
    judged = state.get("outcome", {}).get("judged") or {}
    unit = segment.unit or str(report.get("project", ""))
    belief = judged.get("misconception") or report.get("misconception") or ""
    in_lesson = segment.move != "answer" and segment.question is not None
    return replace(
        request,
        summary=state.get("summary", ""),
        material=_public_text(deps.catalog, segment.unit) if in_lesson else "",
        misconception=_belief(deps.catalog, unit, belief),
        code=_own_code(state) if about_work else "",
        report=_report_text(report),
    )


def is_about_work(state: State, segment: Segment, asked: str) -> bool:
    """Whether a segment speaks of the learner's project: its move does, or the question plainly."""
    if not state.get("project"):
        return False
    return segment.move in _WORK_MOVES or (segment.move == "answer" and bool(_ABOUT_WORK.search(asked)))


def read_besides(state: State) -> dict[str, Any]:
    """What a model reads in this turn besides its passages: own code, the last report, finds of tools.

    The report has `passed`, so that what is said of it can be held against the record.
    """
    found: dict[str, Any] = {}
    messages: list[dict[str, Any]] = state.get("consult", {}).get("messages", [])
    if looked_up := [one["content"] for one in messages if one["role"] == "tool"]:
        found["looked_up"] = looked_up
    segments = map(Segment.from_json, state.get("segments", []))
    asked = str(state.get("intent", {}).get("text", ""))
    if any(is_about_work(state, segment, asked) for segment in segments):
        found |= {"own_code": _own_code(state)}
        found |= {"report": report} if (report := _report_of(state)) else {}
    return found


def keep_report(report: dict[str, Any]) -> dict[str, Any]:
    """The few lines of a report that a conversation remembers: the verdict and its first failure."""
    failed = [row for row in report["checks"] if row["status"] in ("failed", "error")]
    first = failed[0] if failed else {}
    told = {key: str(first.get(key) or "")[:600] for key in ("title", "message", "seen", "expected")}
    return {
        "project": report["project"],
        "passed": report["passed"],
        "misconception": first.get("misconception"),
        **told,
    }


def _report_of(state: State) -> dict[str, Any]:
    """The last report of the project that is open; empty when it has none."""
    report = state.get("report", {})
    return report if report.get("project") == state.get("project") else {}


def _report_text(report: dict[str, Any]) -> str:
    if not report:
        return ""
    if report["passed"]:
        return "It passed."
    named = [f"{key}: {report[key]}" for key in ("message", "seen", "expected") if report[key]]
    return "\n".join([f"It did not pass. First failed check: {report['title']}", *named])


def _own_code(state: State) -> str:
    """The main file of the project that is open; empty when there is none to read."""
    given = state.get("path", "")
    workspace = find_workspace(Path(given)) if given else None
    path = workspace.main if workspace is not None else Path(given)
    if not given or not path.is_file() or not os.access(path, os.R_OK):
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_LONGEST_FILE)


def _public_text(catalog: Catalog, unit_id: str | None) -> str:
    unit = catalog.units.get(unit_id or "")
    if unit is None or unit.kind == "project" or unit.status == "planned":
        return ""
    page = lesson.page_of(catalog, unit.id).page
    return f"# {unit.title}\n\n{page.body.strip()}"


def _belief(catalog: Catalog, unit: str, misconception: str) -> str:
    known = catalog.misconceptions_of(unit).get(misconception)
    return known.belief if known is not None else ""
