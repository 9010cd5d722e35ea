"""Tools that help: the next hint, and a report explained.

The rule owned here: every hint that is given is put on record, so that what it helped with
counts for less.
"""

from __future__ import annotations

from typing import Any

from mcp.server import MCPServer
from pydantic import BaseModel

from mcp_server.context import ServerContext
from mcp_server.project_tools import AttemptId, CheckRow
from mcp_server.reply import tool
from teaching.grade import new_attempt
from teaching.hints import next_hint, rungs_of
from tutor_error import TutorError


class GivenHint(BaseModel):
    """Rung `rung` of `of`; asking again climbs one."""

    project: str
    check: str
    rung: int
    of: int
    text: str


class WorkedSolution(BaseModel):
    """`earned`: whether it may be seen now, for the reason in `told`. `code` is empty until agreed to."""

    project: str
    earned: bool
    told: str
    code: str = ""


class ExplainedReport(BaseModel):
    """What a stored grade means. `markdown` is for the learner to read."""

    attempt: str
    project: str
    passed: bool
    markdown: str


def register_help_tools(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Give the next hint")
    def give_hint(project: str, check: str | None = None) -> GivenHint:
        """The next hint for a check of a project, or for a question of a lesson.

        Without `check`, the first one that failed last. Hints climb from a question to a
        nearly-there, one rung a call. For a lesson, give its id as `project` and its question as
        `check`. Help is noted: what is answered with it counts for less.
        """
        unit = context.catalog.unit(project)
        is_question = unit.kind == "lesson" or (check is not None and _has_question(context, project, check))
        hints = _question_hints(context, project) if is_question else context.catalog.project(project).hints
        wanted = check or (
            _open_question(context, project) if is_question else _failed_check(context, project, hints)
        )
        wanted = wanted.removeprefix(f"{project}/")
        events = context.records.events(context.learner, kind="helped", unit=project)
        hint = next_hint(hints, events, wanted)
        context.records.append(
            context.learner,
            "helped",
            new_attempt(),
            project,
            f"{project}/{hint.check}",
            {"check": hint.check, "rung": hint.rung},
        )
        return GivenHint(project=project, check=hint.check, rung=hint.rung, of=hint.of, text=hint.text)

    @tool(server, context, title="Show the worked solution")
    def show_solution(project: str, agreed: bool = False) -> WorkedSolution:
        """The author's solution of a project, once it is earned: by a passed grade, or by its hints.

        Call it without `agreed` first, and show `told` to the learner, which says what it costs; only
        with their yes call it with agreed=true. Then every check of the project counts as helped.
        """
        return solution_of(context, project, agreed)

    @tool(server, context, title="Explain a report", reads=True)
    def explain_report(attempt: AttemptId) -> ExplainedReport:
        """A stored grade in words: what passed, what failed and why, and what to look at first.

        Where a failure fits a known misconception, it names the belief and a question to think about.
        """
        return explain_attempt(context, attempt)


def solution_of(context: ServerContext, project_id: str, agreed: bool) -> WorkedSolution:
    """Earned when a grade has passed, or when each check that failed last has had its last hint.

    TutorError `not-earned` for one that was agreed to and is not earned.
    """
    project = context.catalog.project(project_id)
    graded = context.records.events(context.learner, kind="graded", unit=project_id)
    grades = [event.payload["grade"] for event in graded if event.item == project_id]
    if any(grade["passed"] for grade in grades):
        earned, told = (
            True,
            "You have passed it, so seeing the author's solution costs you nothing.",
        )
    else:
        left = _hints_left(context, project.hints, project_id, grades[-1] if grades else None)
        earned = left == 0
        told = (
            "You have had every hint. If you see the solution, each check of this project counts as helped, "
            "whatever you hand in later."
            if earned
            else "Not yet: the solution is for after a passed grade, or after the last hint for what failed. "
            + (
                f"Hints left: {left}; `/hint` gives the next."
                if left > 0
                else "Grade your work first: `/grade`."
            )
        )
    if not agreed:
        return WorkedSolution(project=project_id, earned=earned, told=told)
    if not earned:
        raise TutorError("not-earned", told, "Ask for a hint with give_hint, or grade first.")
    for check, rungs in project.hints.items():
        payload = {"check": check, "rung": len(rungs), "solution": True}
        context.records.append(
            context.learner, "helped", new_attempt(), project_id, f"{project_id}/{check}", payload
        )
    code = (project.folder / "reference.py").read_text(encoding="utf-8")
    return WorkedSolution(project=project_id, earned=True, told=told, code=code)


def _hints_left(
    context: ServerContext, hints: dict[str, list[str]], project_id: str, grade: dict[str, Any] | None
) -> int:
    """Rungs not yet given for the checks that failed in the last grade; -1 without a grade."""
    if grade is None:
        return -1
    failed = [row["id"] for row in grade["checks"] if row["status"] in ("failed", "error")]
    given: dict[str, int] = {}
    for event in context.records.events(context.learner, kind="helped", unit=project_id):
        check = str(event.payload.get("check", ""))
        given[check] = max(given.get(check, 0), int(event.payload.get("rung", 0)))
    return sum(max(len(hints.get(check, ())) - given.get(check, 0), 0) for check in failed)


def explain_attempt(context: ServerContext, attempt: str) -> ExplainedReport:
    """TutorError `unknown-attempt` when this learner has no grade of that id."""
    event = context.records.attempt(context.learner, attempt)
    if event is None or event.kind != "graded":
        raise TutorError(
            "unknown-attempt", f"There is no grade `{attempt}`.", "Grade first; the report names its attempt."
        )
    document = event.payload["grade"]
    return ExplainedReport(
        attempt=attempt,
        project=event.unit,
        passed=document["passed"],
        markdown=_explanation(context, document),
    )


def _explanation(context: ServerContext, document: dict[str, Any]) -> str:
    rows = [CheckRow.model_validate(check) for check in document["checks"]]
    verdict = "passed" if document["passed"] else "not passed yet"
    lines = [
        f"**{document['project']}**: {verdict}, {document['score']:g} of {document['max_score']:g} points."
    ]
    passed = [row.title for row in rows if row.status == "passed"]
    if passed:
        lines.append(f"Right: {'; '.join(passed)}.")
    lines += [
        _failure(context, document["project"], row) for row in rows if row.status in ("failed", "error")
    ]
    blocked = [row.title for row in rows if row.status == "blocked"]
    if blocked:
        lines.append(f"Not judged, because a check before them failed: {'; '.join(blocked)}.")
    return "\n\n".join(lines)


def _failure(context: ServerContext, project: str, row: CheckRow) -> str:
    parts = [f"**{row.title}** ({row.points:g}/{row.max_points:g}). {row.message}".strip()]
    if row.seen:
        parts.append(f"Seen: {row.seen}.")
    if row.expected:
        parts.append(f"Expected: {row.expected}.")
    known = context.catalog.misconceptions_of(project).get(row.misconception or "")
    if known is not None:
        parts.append(f"It looks like this belief: “{known.belief}” Ask yourself: {known.repair}")
    return " ".join(parts)


def _failed_check(context: ServerContext, project_id: str, hints: dict[str, list[str]]) -> str:
    """The first check that failed last and has hints, else the first that has any."""
    graded = context.records.events(context.learner, kind="graded", unit=project_id)
    # Visible checks may all pass where the grade before them failed on a hidden one.
    for known in (context.last_checks.get(project_id), graded[-1].payload["grade"] if graded else None):
        rows = known["checks"] if known else []
        failed = [row["id"] for row in rows if row["status"] in ("failed", "error") and row["id"] in hints]
        if failed:
            return str(failed[0])
    if not hints:
        raise TutorError("no-hint", f"`{project_id}` has no hints.", "Read its brief again with read_unit.")
    return next(iter(hints))


def _has_question(context: ServerContext, unit_id: str, name: str) -> bool:
    unit = context.catalog.unit(unit_id)
    if unit.kind != "case_study":
        return False
    return context.catalog.case(unit_id).question(name.removeprefix(f"{unit_id}/")) is not None


def _question_hints(context: ServerContext, unit_id: str) -> dict[str, list[str]]:
    """Rungs by question: its own hints, then those of its expectations."""
    unit = context.catalog.unit(unit_id)
    page = context.catalog.lesson(unit_id) if unit.kind == "lesson" else context.catalog.case(unit_id)
    return {question.id: rungs_of(question) for question in page.front.questions}


def _open_question(context: ServerContext, unit_id: str) -> str:
    """The question answered last, else the first: what a bare hint is about."""
    answered = context.records.events(context.learner, kind="answered", unit=unit_id)
    if answered:
        return answered[-1].item
    return context.catalog.lesson(unit_id).front.questions[0].id
