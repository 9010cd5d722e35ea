"""Tools that run code in the sandbox: at once, in a session, or detached with a prediction.

The rule owned here: a prediction counts only if it was made before anything of the run's
outcome was shown, and the run itself says whether it was right.
"""

from __future__ import annotations

import itertools
import math
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from pydantic import BaseModel, ConfigDict, Field

from mcp_server.background import OnStream, Run, Work
from mcp_server.cancellable import Report, run_cancellable
from mcp_server.context import ServerContext
from mcp_server.kernels import tell_waiting
from mcp_server.reply import tool
from mcp_server.workspace import read_workspace, readable_path
from tutor_error import TutorError

if TYPE_CHECKING:
    from sandbox.report import RunReport

Code = Annotated[str, Field(max_length=200_000)]
Seconds = Annotated[float, Field(gt=0, le=600)]
AttemptId = Annotated[str, Field(min_length=1, max_length=100)]
Confidence = Annotated[float, Field(ge=0, le=1)]
Wait = Annotated[float, Field(ge=0, le=60)]
_TOLERANCE = 0.05
_DETACHED_SECONDS = 3600.0
_VERDICT = ".verdict"
"""Ends the attempt id of the event that says whether a prediction was right."""


class RunFailure(BaseModel):
    name: str
    message: str
    line: int | None


class CodeRun(BaseModel):
    """How code ended and what it printed. `error` is an exception of the code itself."""

    model_config = ConfigDict(extra="ignore")

    file: str
    outcome: str
    seconds: float
    device: str
    stdout: str
    stderr: str
    truncated: bool
    error: RunFailure | None
    figures: list[str]
    metrics: list[dict[str, Any]]
    isolation: str
    session: str | None = None


class StartedRun(BaseModel):
    run: str
    label: str


class JudgedPrediction(BaseModel):
    """`correct` is null until the run has ended; `actual` is the last line that it printed."""

    attempt: str
    run: str
    prediction: str
    confidence: float | None
    correct: bool | None = None
    actual: str | None = None


class RunState(BaseModel):
    """`report` is there once the run has ended by itself; `output` is what it printed last."""

    run: str
    label: str
    state: str
    output: str
    report: CodeRun | None
    predictions: list[JudgedPrediction]


class SandboxStatus(BaseModel):
    """tier: namespaces, landlock or none; on none, code runs only with the learner's consent."""

    tier: str
    reason: str
    remedy: str
    consent: bool
    running: int


def register_run_tools(server: MCPServer[Any], context: ServerContext) -> None:
    _register_run_code(server, context)
    _register_detached(server, context)
    _register_prediction(server, context)


def _register_run_code(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Run Python code")
    async def run_code(
        ctx: Context[Any, Any],
        code: Code = "",
        session: str | None = None,
        seconds: Seconds = 60,
        path: str | None = None,
    ) -> CodeRun:
        """Run Python in the sandbox: no network, limited time and memory, a scientific stack.

        Give `code`, or the `path` of a .py or .ipynb file on this machine. With `session`, a name of
        your choice, variables stay from call to call; a session whose kernel died says so once and
        starts afresh. Output is reported while the code runs.
        """
        if bool(code.strip()) == (path is not None):
            raise TutorError("no-code", "Give either code or a path.", "code: Python; path: a file.")
        file = None if path is None else readable_path(context, path)

        def work(stop: threading.Event, report: Report) -> RunReport:
            on_stream = _streamed(report)
            if session is not None and file is None:
                return context.sessions.run(
                    session, code, seconds, on_stream=on_stream, cancel=stop, on_wait=tell_waiting(report)
                )
            with context.place("call", stop, tell_waiting(report)):
                return _run_once(context, file or code, seconds, on_stream, stop)

        told = as_code_run(await run_cancellable(ctx, work))
        node = context.node
        return told.model_copy(update={"session": session and node.told_session(node.session(session))})

    @tool(server, context, title="Show the sandbox's state", reads=True)
    def sandbox_status() -> SandboxStatus:
        """How code is isolated on this machine, why, and what to type for a stronger tier."""
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
    @tool(server, context, title="Start a detached run")
    def start_run(
        project: str | None = None, code: Code | None = None, path: str | None = None
    ) -> StartedRun:
        """Start code that goes on by itself: a project's main file, `code`, or a file at `path`.

        Returns a run id at once. Let the learner predict the outcome with record_prediction before
        you call get_run. At most two runs go at a time.
        """
        label, work = _detached(context, project, code, path)
        run = context.runs.start(label, project or "code", work)
        return StartedRun(run=run.id, label=run.label)

    @tool(server, context, title="Look at a detached run")
    def get_run(id: str, wait: Wait = 0) -> RunState:
        """The state of a run, its newest output, and its report once it has ended.

        `wait`: seconds to wait for its end before telling. Predictions made for the run are judged
        here, by the run itself.
        """
        run = context.runs.get(id)
        if wait and run.thread is not None:
            run.thread.join(wait)
        return _show(context, run)

    @tool(server, context, title="Stop a detached run", idempotent=True)
    def cancel_run(id: str) -> RunState:
        """Stop a run that start_run began, and end its kernel. What it printed so far stays readable."""
        return _show(context, context.runs.cancel(id))


def _register_prediction(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Record a prediction", idempotent=True)
    def record_prediction(
        run: str,
        prediction: Annotated[str, Field(min_length=1, max_length=2000)],
        attempt_id: AttemptId,
        confidence: Confidence | None = None,
    ) -> JudgedPrediction:
        """Keep what the learner predicts a run will print on its last line, before it is shown.

        `run` is an id from start_run whose output nobody has read yet. `confidence` is how sure they
        said they are, 0 to 1; leave it out when they did not say. Numbers are compared within
        5 %, texts word by word, when get_run shows the outcome.
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


def as_code_run(report: RunReport) -> CodeRun:
    return CodeRun.model_validate(report.as_json())


def is_right(prediction: str, actual: str) -> bool:
    """Numbers within 5 % of the outcome, other texts the same but for case and spaces."""
    try:
        said, seen = float(prediction), float(actual)
    except ValueError:
        return prediction.lower().split() == actual.lower().split()
    return math.isclose(said, seen, rel_tol=_TOLERANCE, abs_tol=1e-9)


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
        source = readable_path(context, path)
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
        return run_code(source, **options) if isinstance(source, str) else run_file(source, **options)


def _streamed(report: Report) -> OnStream:
    """Output as progress: the count of chunks so far, and the newest."""
    chunks = itertools.count(1)
    return lambda _, text: report(next(chunks), None, text)


def _main_file(context: ServerContext, project_id: str) -> Path:
    context.catalog.project(project_id)
    return read_workspace(context.workspaces / project_id).main


def _show(context: ServerContext, run: Run) -> RunState:
    """What is known of a run now. Showing any of its output closes it to predictions."""
    if run.failure is not None:
        raise run.failure
    state, report, output = run.state, run.report, run.output
    run.shown = run.shown or bool(output) or report is not None
    actual = _last_line(report.stdout) if report is not None and state == "finished" else None
    return RunState(
        run=run.id,
        label=run.label,
        state=state,
        output=output,
        report=as_code_run(report) if report is not None else None,
        predictions=_judge_predictions(context, run, actual),
    )


def _judge_predictions(context: ServerContext, run: Run, actual: str | None) -> list[JudgedPrediction]:
    """Each prediction with its verdict; the verdict is kept as an event of its own, once."""
    judged: list[JudgedPrediction] = []
    for event in context.records.events(context.learner, kind="predicted", item=run.id):
        if event.attempt.endswith(_VERDICT):
            continue
        told = JudgedPrediction.model_validate({**event.payload, "attempt": event.attempt})
        if actual is not None:
            right = is_right(told.prediction, actual)
            told = told.model_copy(update={"correct": right, "actual": actual})
            payload = told.model_dump(exclude={"attempt"}) | {"of": event.attempt}
            context.records.append(
                context.learner, "predicted", f"{event.attempt}{_VERDICT}", run.unit, run.id, payload
            )
        judged.append(told)
    return judged


def _last_line(stdout: str) -> str:
    lines = [line.strip() for line in stdout.splitlines() if line.strip()]
    return lines[-1] if lines else ""
