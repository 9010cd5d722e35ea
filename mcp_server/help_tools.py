"""Tools that help: the next hint, and a report explained.

The rule owned here: every hint that is given is put on record, so that what it helped with
counts for less.
"""

from __future__ import annotations

from typing import Any

from mcp.server import MCPServer

from mcp_server.arguments import Agreed, CheckName, HintedUnit, ProjectId, StoredAttempt
from mcp_server.confirming import Confirmed, asks_before_solution, is_yes, require_yes, was_asked
from mcp_server.context import ServerContext
from mcp_server.markdown import joined
from mcp_server.project_reply import CheckRow
from mcp_server.reply import Reply, tool
from mcp_server.solution import WorkedSolution, solution_of
from teaching.grade import failed_checks, new_attempt
from teaching.hints import check_to_hint, next_hint, rungs_of
from tutor_error import TutorError


class GivenHint(Reply):
    """Rung `rung` of `of`; asking again climbs one."""

    project: str
    check: str
    rung: int
    of: int
    text: str

    def as_text(self) -> str:
        more = "Asking again climbs one rung." if self.rung < self.of else "That was the last one."
        return joined(
            f"Hint {self.rung} of {self.of} for `{self.check}`. Pass it on as it is. {more}", self.text
        )


class ExplainedReport(Reply):
    """What a stored grade means. `markdown` is for the learner to read."""

    attempt: str
    project: str
    passed: bool
    markdown: str

    def as_text(self) -> str:
        return self.markdown


def register_help_tools(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Give the next hint", moves_progress=True)
    def give_hint(project: HintedUnit, check: CheckName | None = None) -> GivenHint:
        """The next hint for a check of a project, or for a question of a lesson or case study.

        Use it when the learner is stuck or asks for help, instead of a hint of your own. Hints climb
        from a question to a nearly-there, one rung a call; there is no way to skip one. Without
        `check`, the first that failed last. Help is noted: what is answered with it counts for less,
        so do not call it unasked.
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

    @tool(
        server,
        context,
        title="Show the worked solution",
        moves_progress=True,
        asks={"confirmed": asks_before_solution(context)},
    )
    def show_solution(confirmed: Confirmed, project: ProjectId, agreed: Agreed = False) -> WorkedSolution:
        """The author's solution of a project, once it is earned: by a passed grade, or by its hints.

        Only when the learner asks for it. Without `agreed` it tells in `told` whether it is earned and
        what it costs; a client that can ask the learner does so here. With any other, show `told`
        to the learner, and only with their yes call it with agreed=true. Then every check of the
        project counts as helped. Before it is earned use give_hint.
        """
        if was_asked(confirmed):
            require_yes(confirmed)
        return solution_of(context, project, agreed=is_yes(confirmed))

    @tool(server, context, title="Explain a report", reads=True)
    def explain_report(attempt: StoredAttempt) -> ExplainedReport:
        """A stored grade in words: what passed, what failed and why, and what to look at first.

        Use it after grade_project to talk about a grade, or when the learner asks about an old one.
        Where a failure fits a known misconception, it names the belief and a question to think about.
        """
        return explain_attempt(context, attempt)


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
    """Of the checks that failed last, the first whose hints are not used up, else the first that has any."""
    graded = context.records.events(context.learner, kind="graded", unit=project_id)
    # Visible checks may all pass where the grade before them failed on a hidden one.
    reports = [context.last_checks.get(project_id), graded[-1].payload["grade"] if graded else None]
    failed = [check for report in reports if report for check in failed_checks(report)]
    helped = context.records.events(context.learner, kind="helped", unit=project_id)
    check = check_to_hint(hints, helped, failed)
    if check is not None:
        return check
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
