"""Tools for projects: a workspace, the visible checks, the full grade, a hint, a report explained.

Grading is `teaching.grade`; a verdict is written there and nowhere else.
"""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from pydantic import BaseModel, ConfigDict, Field

from knowledge.unit import file_name
from mcp_server.cancellable import Report, run_cancellable
from mcp_server.context import ServerContext
from mcp_server.kernels import tell_waiting
from mcp_server.reply import tool
from mcp_server.workspace import find_workspace, make_workspace, readable_path
from teaching.grade import Graded, GradeOptions, lab_of
from teaching.grade import check_project as run_checks
from teaching.grade import grade_project as run_grade
from tutor_error import TutorError

if TYPE_CHECKING:
    from sandbox.report import CheckReport
    from sandbox.submission import Submission

AttemptId = Annotated[str, Field(min_length=1, max_length=100)]
Files = Annotated[dict[str, str], Field(description="File names and their text, such as solution.py.")]


class StartedProject(BaseModel):
    """`folder` is the workspace; `main` is the file to edit in it."""

    project: str
    title: str
    folder: str
    main: str
    files: list[str]
    created: bool
    brief: str


class CheckRow(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str
    title: str
    task: str
    status: str
    points: float
    max_points: float
    seen: str = ""
    expected: str = ""
    message: str = ""
    misconception: str | None = None
    hint_available: bool = False


class ProjectReport(BaseModel):
    """A report of `check_project` (attempt is empty) or `grade_project`."""

    project: str
    attempt: str
    passed: bool
    score: float
    max_score: float
    seconds: float
    device: str
    checks: list[CheckRow]
    figures: list[str]
    metrics: list[dict[str, Any]] = []
    usage: dict[str, float] = {}
    environment: dict[str, Any]


def register_project_tools(server: MCPServer[Any], context: ServerContext) -> None:
    _register_work(server, context)
    _register_grading(server, context)


def _register_work(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Start a project", idempotent=True)
    def start_project(id: str, folder: str | None = None) -> StartedProject:
        """Make the learner's workspace for a project or a case study's lab.

        Writes the brief, the starter and the public data into a folder (by default one of mltutor's
        own) and tells where. A workspace that exists is kept: nothing of the learner's is overwritten.
        """
        # Imported late: the grader loads jupyter_client.
        from sandbox.grading import make_public_data

        project = context.catalog.project(id)
        place = context.workspaces / file_name(id) if folder is None else readable_path(context, folder)
        lab = lab_of(project, context.home)
        data = make_public_data(project.folder, lab=lab, allow_unisolated=context.may_run_unisolated(id))
        workspace = make_workspace(project, place, data, context.catalog.content_hash(id))
        names = sorted(p.name for p in workspace.folder.iterdir() if not p.name.startswith("."))
        return StartedProject(
            project=id,
            title=project.unit.title,
            folder=str(workspace.folder),
            main=str(workspace.main),
            files=names,
            created=workspace.created,
            brief=project.brief,
        )


def _register_grading(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Run the visible checks", idempotent=True)
    async def check_project(
        ctx: Context[Any, Any], project: str, files: Files | None = None, path: str | None = None
    ) -> ProjectReport:
        """Run a project's visible checks on the learner's code, in the sandbox.

        Give `files`, or the `path` of a file or workspace on this machine. No evidence is kept and
        mastery does not change; use it as often as wanted. Progress is reported check by check.
        """
        submission = _submission(context, project, files, path)

        def work(stop: threading.Event, report: Report) -> Graded:
            context.warm_sandbox()
            with context.place("call", stop, tell_waiting(report)):
                return run_checks(
                    context.catalog,
                    project,
                    submission,
                    home=context.home,
                    **_options(context, project, report, stop, None),
                )

        graded = await run_cancellable(ctx, work)
        context.last_checks[project] = graded.document
        return ProjectReport.model_validate(graded.document)

    @tool(server, context, title="Grade a project", idempotent=True)
    async def grade_project(
        ctx: Context[Any, Any],
        project: str,
        attempt_id: AttemptId,
        files: Files | None = None,
        path: str | None = None,
    ) -> ProjectReport:
        """Grade the learner's code with all checks, hidden ones too, and keep the verdict.

        `attempt_id` is chosen by you before the first try and names this submission: the same id
        again returns the stored verdict and runs nothing, so a lost answer can be asked for again.
        Take a new id for changed code. The verdict is what the checks found; nobody can set it.
        """
        submission = _submission(context, project, files, path)

        def work(stop: threading.Event, report: Report) -> Graded:
            context.warm_sandbox()
            with context.place("call", stop, tell_waiting(report)):
                return run_grade(
                    context.catalog,
                    context.records,
                    context.learner,
                    project,
                    submission,
                    attempt_id,
                    home=context.home,
                    **_options(context, project, report, stop, _figures_of(context, attempt_id)),
                )

        graded = await run_cancellable(ctx, work)
        context.last_checks[project] = graded.document
        return ProjectReport.model_validate(graded.document)


def _figures_of(context: ServerContext, attempt: str) -> Path:
    """A folder of the attempt's own. Its id is the caller's text, and may not name the place."""
    name = hashlib.sha256(f"{context.learner}\0{attempt}".encode()).hexdigest()[:16]
    return context.figures / f"grade-{name}"


def _options(
    context: ServerContext, project: str, report: Report, stop: threading.Event, figures: Path | None
) -> GradeOptions:
    """Checks are whole steps of the progress, tracked numbers lie in between; it only ever rises."""
    done, total, lines = 0, 0, 0

    def on_check(check: CheckReport, number: int, of: int) -> None:
        nonlocal done, total, lines
        done, total, lines = number, of, 0
        report(done, total, f"{check.title}: {check.status}")

    def on_metric(line: str) -> None:
        nonlocal lines
        lines += 1
        report(done + lines / (lines + 1), total or None, line.strip())

    return {
        "on_check": on_check,
        "on_metric": on_metric,
        "cancel": stop,
        "figures_dir": figures,
        "allow_unisolated": context.may_run_unisolated(project),
    }


def _submission(
    context: ServerContext, project_id: str, files: dict[str, str] | None, path: str | None
) -> Submission:
    # Imported late: listing units needs no sandbox.
    from sandbox.submission import read_submission, submission_from_files

    main = context.catalog.project(project_id).main
    if (files is None) == (path is None):
        raise TutorError("no-submission", "Give either files or a path.", f"files: {{'{main}': '...'}}.")
    if files is not None:
        return submission_from_files({name: text.encode() for name, text in files.items()}, main)
    place = readable_path(context, path or "")
    workspace = find_workspace(place)
    if workspace is not None and workspace.project != project_id:
        raise TutorError(
            "other-workspace",
            f"{place} belongs to the project `{workspace.project}`, not `{project_id}`.",
            f"Name `{workspace.project}`, or another path.",
        )
    return read_submission(place, main=main)
