"""Tools that run code in the sandbox: at once, in a session, or detached with a prediction.

The rule owned here: a prediction counts only if it was made before anything of the run's
outcome was shown, and the run itself says whether it was right.
"""

from __future__ import annotations

import itertools
import secrets
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context

from knowledge.unit import file_name
from mcp_server.arguments import (
    AttemptId,
    Code,
    CodePath,
    Confidence,
    KernelSession,
    Prediction,
    ProjectId,
    RunId,
    Seconds,
    Wait,
)
from mcp_server.background import OnStream, Run, Work
from mcp_server.cancellable import Report, run_cancellable
from mcp_server.confirming import Confirmed, asks_before_code, require_yes
from mcp_server.context import ServerContext
from mcp_server.kernels import tell_waiting
from mcp_server.predicting import judge_predictions, last_line
from mcp_server.reply import tool
from mcp_server.roots import allowed_path
from mcp_server.run_reply import (
    MOST_SENT,
    CodeRun,
    JudgedPrediction,
    RunState,
    SandboxStatus,
    StartedRun,
    as_code_run,
)
from mcp_server.snapshot import snapshot
from mcp_server.workspace import read_workspace
from tutor_error import TutorError

if TYPE_CHECKING:
    from sandbox.report import RunReport

_DETACHED_SECONDS = 3600.0
_MOST_STREAMED = 10_000


def register_run_tools(server: MCPServer[Any], context: ServerContext) -> None:
    _register_run_code(server, context)
    _register_detached(server, context)
    _register_prediction(server, context)


def _register_run_code(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(
        server,
        context,
        title="Run Python code",
        runs_code=True,
        asks={"confirmed": asks_before_code(context)},
    )
    async def run_code(
        ctx: Context[Any, Any],
        confirmed: Confirmed,
        code: Code = "",
        session: KernelSession | None = None,
        seconds: Seconds = 60,
        path: CodePath | None = None,
    ) -> CodeRun:
        """Run Python in the sandbox: no network, limited time and memory, a scientific stack.

        Use it to show something, or to try the learner's code; what takes minutes belongs to start_run,
        and whether a project is solved is told by check_project alone. Give `code`, or the `path` of a
        .py or .ipynb file. With `session`, variables stay from call to call; a session whose kernel died
        says so once and starts afresh. Output and numbers that the code tracks are reported while it
        runs; figures come back as images.
        """
        if bool(code.strip()) == (path is not None):
            raise TutorError("no-code", "Give either code or a path.", "code: Python; path: a file.")
        require_yes(confirmed)
        file = None if path is None else allowed_path(context, path)

        def work(stop: threading.Event, report: Report) -> RunReport:
            on_stream = _streamed(report)
            if session is not None and file is None:
                return context.sessions.run(
                    session, code, seconds, on_stream=on_stream, cancel=stop, on_wait=tell_waiting(report)
                )
            with context.place("call", stop, tell_waiting(report)):
                return _run_once(context, file or code, seconds, on_stream, stop)

        ran = _shown(context, await run_cancellable(ctx, work))
        node = context.node
        return ran.model_copy(update={"session": session and node.told_session(node.session(session))})

    @tool(server, context, title="Show the sandbox's state", reads=True)
    def sandbox_status() -> SandboxStatus:
        """How code is isolated on this machine, why, and what to type for a stronger tier.

        Use it when a run is refused, or when the learner asks whether it is safe to run code here.
        """
        # Imported late: probing starts a process.
        from sandbox.isolation import current_isolation

        found = current_isolation()
        return SandboxStatus(
            tier=found.tier,
            reason=found.reason,
            remedy=found.remedy,
            consent=context.allow_unisolated,
            running=context.runs.count_running(),
        )


def _register_detached(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(
        server,
        context,
        title="Start a detached run",
        runs_code=True,
        asks={"confirmed": asks_before_code(context)},
    )
    def start_run(
        confirmed: Confirmed,
        project: ProjectId | None = None,
        code: Code | None = None,
        path: CodePath | None = None,
    ) -> StartedRun:
        """Start code that goes on by itself: a project's main file, `code`, or a file at `path`.

        Use it for training that takes minutes, and wherever the learner shall predict the outcome
        first; what is short belongs to run_code. Returns a run id at once. Let the learner predict with
        record_prediction before you call get_run. At most two runs go at a time.
        """
        label, work = _detached(context, project, code, path)
        require_yes(confirmed)
        learner = context.learner
        run = context.runs.start(
            label,
            project or "code",
            work,
            on_end=lambda ended: context.news.tell(f"run://{ended.id}", learner),
        )
        return StartedRun(run=run.id, label=run.label)

    @tool(server, context, title="Look at a detached run", idempotent=True)
    def get_run(id: RunId, wait: Wait = 0) -> RunState:
        """The state of a run, its newest output, and its report once it has ended.

        Use it after the learner's prediction: what it shows closes the run to predictions, and those
        made before are judged here, by the run itself. `wait` for its end instead of asking again
        and again.
        """
        run = context.runs.get(id)
        if wait and run.thread is not None:
            run.thread.join(wait)
        return show_run(context, run)

    @tool(server, context, title="Stop a detached run", idempotent=True, destroys=True)
    def cancel_run(id: RunId) -> RunState:
        """Stop a run that start_run began, and end its kernel. What it printed so far stays readable.

        Use it when the learner has seen enough, or wants to change the code.
        """
        return show_run(context, context.runs.cancel(id))


def _register_prediction(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Record a prediction", idempotent=True, moves_progress=True)
    def record_prediction(
        run: RunId,
        prediction: Prediction,
        attempt_id: AttemptId,
        confidence: Confidence | None = None,
    ) -> JudgedPrediction:
        """Keep what the learner predicts a run will print on its last line, before it is shown.

        Use it between start_run and the first get_run, with the learner's own prediction, not yours.
        Numbers are compared within 5 %, texts word by word, when get_run shows the outcome.
        """
        stored = context.records.attempt(context.learner, attempt_id, kind="predicted", item=run)
        if stored is not None:
            return JudgedPrediction.model_validate({**stored.payload, "attempt": attempt_id})
        known = context.runs.get(run)
        if known.shown:
            raise TutorError(
                "too-late", f"The outcome of {run} has been shown.", "Predict before get_run; start it anew."
            )
        payload = {"run": run, "prediction": prediction, "confidence": confidence, "correct": None}
        context.records.append(context.learner, "predicted", attempt_id, known.unit, run, payload)
        return JudgedPrediction.model_validate({**payload, "attempt": attempt_id})


def _shown(context: ServerContext, report: RunReport) -> CodeRun:
    return as_code_run(report, MOST_SENT if context.serves_others else None)


def _detached(
    context: ServerContext, project: str | None, code: str | None, path: str | None
) -> tuple[str, Work]:
    if sum(given is not None for given in (project, code, path)) != 1:
        raise TutorError(
            "no-code", "Give a project, code or a path.", "project: an id; code: Python; path: a file."
        )
    source: str | Path = code or ""
    if project is not None:
        source = _main_file(context, project)
    elif path is not None:
        source = allowed_path(context, path)
    label = "code" if project is None else f"project {project}"

    def work(cancel: threading.Event, on_stream: OnStream) -> RunReport:
        with context.place("run", cancel):
            return _run_once(context, source, _DETACHED_SECONDS, on_stream, cancel)

    return label, work


def _run_once(
    context: ServerContext, source: str | Path, seconds: float, on_stream: OnStream, cancel: threading.Event
) -> RunReport:
    """Code, or a file with what lies beside it, in a kernel of its own."""
    # Imported late: the sandbox loads jupyter_client.
    from sandbox.lease import lease_device
    from sandbox.limits import Limits
    from sandbox.run import run_code, run_file

    options: dict[str, Any] = {
        "limits": Limits(seconds=seconds),
        "figures_dir": context.figures / f"run-{secrets.token_hex(4)}",
        "on_stream": on_stream,
        "cancel": cancel,
        "allow_unisolated": context.allow_unisolated,
    }
    with lease_device("optional", context.home, purpose="a run", cancel=cancel) as granted:
        options["gpus"] = granted.minors
        if isinstance(source, str):
            return run_code(source, **options)
        with snapshot(context, source, beside=True) as copy:
            return replace(run_file(copy, **options), file=str(source))


def _streamed(report: Report) -> OnStream:
    """Output and tracked numbers as progress: the count of pieces so far, and the newest, bounded."""
    chunks = itertools.count(1)
    return lambda _, text: report(next(chunks), None, text[:_MOST_STREAMED])


def _main_file(context: ServerContext, project_id: str) -> Path:
    context.catalog.project(project_id)
    main = read_workspace(context.workspaces / file_name(project_id)).main
    return allowed_path(context, str(main))


def show_run(context: ServerContext, run: Run) -> RunState:
    """What is known of a run now. Showing any of its output closes it to predictions."""
    if run.failure is not None:
        raise run.failure
    state, report, output = run.state, run.report, run.output
    run.shown = run.shown or bool(output) or report is not None
    actual = last_line(report.stdout) if report is not None and state == "finished" else None
    return RunState(
        run=run.id,
        label=run.label,
        state=state,
        output=output,
        report=_shown(context, report) if report is not None else None,
        predictions=judge_predictions(context, run, actual),
    )
