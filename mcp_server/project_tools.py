"""Tools for projects: a workspace, the visible checks, the full grade, a hint, a report explained.

Grading is `teaching.grade`; a verdict is written there and nowhere else.
"""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context

from knowledge.unit import file_name
from mcp_server.arguments import AttemptId, Files, FolderPath, ProjectId, WorkPath
from mcp_server.cancellable import Report, run_cancellable
from mcp_server.confirming import Confirmed, asks_before_files, require_yes
from mcp_server.context import ServerContext
from mcp_server.kernels import tell_waiting
from mcp_server.project_reply import ProjectReport, StartedProject
from mcp_server.reply import tool
from mcp_server.roots import allowed_path, root_of
from mcp_server.snapshot import snapshot
from mcp_server.workspace import MARK, Workspace, find_workspace, make_workspace, read_workspace
from teaching.grade import Graded, GradeOptions, lab_of
from teaching.grade import check_project as run_checks
from teaching.grade import grade_project as run_grade
from tutor_error import TutorError

if TYPE_CHECKING:
    from sandbox.report import CheckReport
    from sandbox.submission import Submission


def register_project_tools(server: MCPServer[Any], context: ServerContext) -> None:
    _register_work(server, context)
    _register_check(server, context)
    _register_grade(server, context)


def _register_work(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Start a project", idempotent=True)
    def start_project(id: ProjectId, folder: FolderPath | None = None) -> StartedProject:
        """Make the learner's workspace for a project or a case study's lab.

        Use it when the learner begins a project; read_unit alone shows the brief. Writes the brief, the
        starter and the public data into a folder (by default one of mltutor's own) and tells where. A
        workspace that exists is kept: nothing of the learner's is overwritten.
        """
        # Imported late: the grader loads jupyter_client.
        from sandbox.grading import make_public_data

        project = context.catalog.project(id)
        place = context.workspaces / file_name(id) if folder is None else allowed_path(context, folder)
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


def _register_check(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(
        server,
        context,
        title="Run the visible checks",
        idempotent=True,
        runs_code=True,
        asks={"confirmed": asks_before_files(context)},
    )
    async def check_project(
        ctx: Context[Any, Any],
        confirmed: Confirmed,
        project: ProjectId,
        files: Files | None = None,
        path: WorkPath | None = None,
    ) -> ProjectReport:
        """Run a project's visible checks on the learner's code, in the sandbox.

        Use it while the learner works, as often as wanted: no evidence is kept and mastery does not
        change. Give `files` or a `path`. Each failed check tells what was seen and what was expected;
        talk about the first, and write nothing for the learner. When all pass, offer grade_project.
        """
        require_yes(confirmed)
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


def _register_grade(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(
        server,
        context,
        title="Grade a project",
        idempotent=True,
        runs_code=True,
        moves_progress=True,
        asks={"confirmed": asks_before_files(context)},
    )
    async def grade_project(
        ctx: Context[Any, Any],
        confirmed: Confirmed,
        project: ProjectId,
        attempt_id: AttemptId,
        files: Files | None = None,
        path: WorkPath | None = None,
    ) -> ProjectReport:
        """Grade the learner's code with all checks, hidden ones too, and keep the verdict.

        Use it when the learner wants to hand in; before that, check_project. Give `files` or a `path`.
        The same attempt id again returns the stored verdict and runs nothing, so a lost answer can be
        asked for again; take a new id for changed code. The verdict is what the checks found, and
        nobody can set it. explain_report puts it into words.
        """
        require_yes(confirmed)
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
    place = allowed_path(context, path or "")
    workspace = _workspace_at(context, place)
    if workspace is not None and workspace.project != project_id:
        raise TutorError(
            "other-workspace",
            f"{place} belongs to the project `{workspace.project}`, not `{project_id}`.",
            f"Name `{workspace.project}`, or another path.",
        )
    with snapshot(context, place) as copy:
        return read_submission(copy, main=main)


def _workspace_at(context: ServerContext, place: Path) -> Workspace | None:
    """The workspace that the path lies in, looked for only where the client may read."""
    if context.roots is None:
        return find_workspace(place)
    folder = place if place.is_dir() else place.parent
    readable = root_of(context, folder) is not None and (folder / MARK).is_file()
    return read_workspace(folder) if readable else None
