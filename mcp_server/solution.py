"""The worked solution of a project: whether it is earned, what it costs, and its text after a yes.

The rule owned here: it is shown after a passed grade or after the last hint for what failed, and then
every check of the project counts as helped.
"""

from __future__ import annotations

from typing import Any

from mcp_server.context import ServerContext
from mcp_server.markdown import fenced, joined
from mcp_server.reply import Reply
from teaching.grade import failed_checks, new_attempt
from teaching.hints import hints_left
from tutor_error import TutorError


class WorkedSolution(Reply):
    """`earned`: whether it may be seen now, for the reason in `told`. `code` is empty until agreed to."""

    project: str
    earned: bool
    told: str
    code: str = ""

    def as_text(self) -> str:
        if self.code:
            return joined(
                f"The author's solution of `{self.project}`, one of several ways.",
                fenced(self.code, "python"),
            )
        then = "Tell the learner this and ask; with their yes, call show_solution with agreed=true."
        return joined(self.told, then if self.earned else "")


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
    given = context.records.events(context.learner, kind="helped", unit=project_id)
    return hints_left(hints, given, failed_checks(grade))
