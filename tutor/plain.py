"""How events and reports read as plain text: the words that screens and lines share.

The rule of this module: nothing that a learner, a model or a kernel wrote leaves it with a
terminal escape inside, and no meaning rests on colour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from teaching.curve import curve_lines
from tutor.events import CoverageChanged, TaskShown, ToolFinished, ToolProgressed

_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS: titles, links
    r"|\x1b[ -/]*[0-~]?"  # two characters and more: resets, character sets
)
# C0 without tab and newline, C1, the marks that turn the direction of text, and lone surrogates,
# which no terminal can be sent.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

STATUS_MARKS = {"passed": "✔", "failed": "✘", "blocked": "·", "error": "!"}

_DETAILS = (("seen", "seen"), ("expected", "expected"), ("why", "message"), ("belief", "misconception"))

_DOING = {
    "search_curriculum": "searching",
    "list_units": "reading the catalogue",
    "read_unit": "reading",
    "recommend_next": "choosing what is next",
    "plan_study": "planning",
    "start_project": "preparing the workspace",
    "run_code": "running code",
    "check_project": "checking",
    "grade_project": "grading",
    "give_hint": "looking for a hint",
    "show_solution": "looking at the solution",
    "ask_question": "choosing a question",
    "answer_question": "reading your answer",
    "record_prediction": "noting your prediction",
    "start_run": "starting the run",
    "get_run": "reading the run",
    "cancel_run": "stopping the run",
    "progress": "reading your progress",
    "place_learner": "choosing a question",
    "explain_progress": "opening the estimate",
    "review_due": "looking for due reviews",
}


@dataclass(frozen=True)
class CheckLine:
    """A check of a report, in words. `details` are labelled texts, in reading order."""

    mark: str
    status: str
    points: str
    title: str
    details: tuple[tuple[str, str], ...]


def strip_escapes(text: str) -> str:
    """The text without terminal escapes and control characters; an overwritten line keeps its last state."""
    text = _ESCAPE.sub("", text).replace("\r\n", "\n")
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))
    return _CONTROL.sub("", text)


def describe_tool(tool: str) -> str:
    return _DOING.get(tool, tool.replace("_", " "))


def describe_progress(event: ToolProgressed) -> str:
    count = f" {int(event.done)} of {event.total:g}" if event.total else ""
    message = strip_escapes(event.message).strip()
    return f"{describe_tool(event.tool)}{count}{': ' if message else ''}{message}"


def draw_bar(fraction: float, width: int = 10) -> str:
    filled = round(min(max(fraction, 0.0), 1.0) * width)
    return "█" * filled + "░" * (width - filled)


def describe_mastery(mastery: float) -> str:
    return f"mastery {draw_bar(mastery)} {round(100 * mastery)} %"


def describe_coverage(coverage: CoverageChanged) -> str:
    open_ideas = max(coverage.total - coverage.covered, 0)
    return f"ideas: {'■' * coverage.covered}{'□' * open_ideas} {coverage.covered} of {coverage.total}"


def describe_citations(citations: Iterable[Mapping[str, str]]) -> str:
    """`Sources: unit › section; ...`, each place once, in order; empty without citations."""
    places = [" › ".join(filter(None, (c.get("unit", ""), c.get("section", "")))) for c in citations]
    return strip_escapes(f"Sources: {'; '.join(dict.fromkeys(places))}") if places else ""


def brief_of(started: ToolFinished) -> TaskShown:
    """The task that `start_project` hands out: the brief, and where to work on it."""
    main, brief = started.outcome.get("main", ""), str(started.outcome.get("brief", ""))
    return TaskShown(str(started.outcome.get("title", "")), f"Your file: `{main}`\n\n{brief.strip()}")


def is_report(outcome: Mapping[str, Any]) -> bool:
    """Whether a tool's outcome is the document of `check` and `grade`."""
    return isinstance(outcome.get("checks"), list) and "max_score" in outcome


def is_run(outcome: Mapping[str, Any]) -> bool:
    """Whether a tool's outcome is the document of `run`."""
    return "stdout" in outcome and "outcome" in outcome


def describe_grade(outcome: Mapping[str, Any]) -> str:
    verdict = "✔ passed" if outcome.get("passed") else "✘ not passed"
    parts = [f"{verdict}: {outcome.get('score', 0):g} of {outcome.get('max_score', 0):g} points"]
    if outcome.get("seconds") is not None:
        parts.append(f"{outcome['seconds']:.1f} s")
    if memory := (outcome.get("usage") or {}).get("memory_mb"):
        parts.append(f"{memory:.0f} MB")
    parts += [strip_escapes(str(outcome[key])) for key in ("device", "project") if outcome.get(key)]
    return " · ".join(parts)


def read_checks(outcome: Mapping[str, Any]) -> list[CheckLine]:
    return [_read_check(cast("dict[str, Any]", check)) for check in outcome.get("checks", ())]


def _read_check(check: Mapping[str, Any]) -> CheckLine:
    status = strip_escapes(str(check.get("status", "")))
    title = strip_escapes(str(check.get("title") or check.get("id", "")))
    points = f"{check.get('points', 0):g}/{check.get('max_points', 0):g}"
    details: list[tuple[str, str]] = []
    if status != "passed":
        details = [(label, strip_escapes(str(check[key]))) for label, key in _DETAILS if check.get(key)]
        if check.get("hint_available"):
            details.append(("hint", f"/hint {strip_escapes(str(check.get('id', '')))}"))
    return CheckLine(STATUS_MARKS.get(status, "?"), status, points, title, tuple(details))


def report_text(outcome: Mapping[str, Any]) -> str:
    """A report as lines: the verdict, a row a check, and what explains each failure."""
    lines = [describe_grade(outcome)]
    for check in read_checks(outcome):
        lines.append(f"  {check.mark} {check.status:<8}{check.points:>6}  {check.title}")
        for label, text in check.details:
            lines.append(f"      {label:<9}{text.replace(chr(10), chr(10) + ' ' * 15)}")
    lines += describe_curves(outcome)
    return "\n".join(lines)


def describe_curves(outcome: Mapping[str, Any]) -> list[str]:
    """A line for each series of numbers that the learner's code tracked."""
    return [f"  {strip_escapes(line)}" for line in curve_lines(outcome.get("metrics") or ())]


def run_text(outcome: Mapping[str, Any]) -> str:
    """A run as lines: how it ended, then what it printed."""
    ended = f"{outcome.get('outcome')} in {outcome.get('seconds') or 0:.1f} s"
    lines = [" · ".join([ended, *(str(outcome[key]) for key in ("device", "file") if outcome.get(key))])]
    lines += [str(outcome[stream]).rstrip("\n") for stream in ("stdout", "stderr") if outcome.get(stream)]
    error = cast("dict[str, Any] | None", outcome.get("error"))
    if error:
        where = f" (line {error['line']})" if error.get("line") else ""
        lines.append(f"{error.get('name')}: {error.get('message')}{where}")
    lines += describe_curves(outcome)
    if outcome.get("truncated"):
        lines.append("(the output was longer; this is its beginning)")
    return strip_escapes("\n".join(lines))


def question_text(question: Mapping[str, Any]) -> str:
    """A question of `ask_question` as lines: what is asked, code or sentence, numbered options or items."""
    lines = [question["ask"]]
    lines += [f"\n```python\n{question['code'].rstrip()}\n```"] if question["code"] else []
    lines += [question["text"]] if question["text"] else []
    listed = question["options"] or question["items"]
    lines += [f"{number}. {text}" for number, text in enumerate(listed, 1)]
    if question["items"]:
        lines.append("Type the numbers in the right order, such as 2 1 3.")
    if question["unit_of_measure"]:
        lines.append(f"(in {question['unit_of_measure']})")
    return "\n".join(lines)
