"""A grade from the outside: a judge, a submission, and this host between them.

One rule: the host relays bytes, keeps the clock and writes down verdicts; it never runs
a project's Python and never reads a learner's value.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from sandbox.courier import Courier, Traces
from sandbox.environment import environment
from sandbox.exchange import encode
from sandbox.frame import Frame
from sandbox.judge_frames import PROTOCOL, read_check, read_files, read_verdict
from sandbox.judge_process import Cancelled, JudgeFailed, JudgeProcess
from sandbox.lab import BASE, Lab
from sandbox.limits import Limits
from sandbox.metrics import thin
from sandbox.pool import packages_in, shared_pool
from sandbox.report import CheckReport, GradeReport, Usage
from sandbox.submission import Submission
from tutor_error import TutorError

OnCheck = Callable[[CheckReport, int, int], None]
OnMetric = Callable[[str], None]
"""Hears of the steps that the submission tracks, a line each, where their input may be seen."""
PUBLIC_SEED = 0
START_SECONDS = 120.0


def grade(
    project: Path,
    submission: Submission,
    *,
    limits: Limits | None = None,
    visible_only: bool = False,
    scale: str = "small",
    lab: Lab = BASE,
    gpus: tuple[int, ...] | None = None,
    seed: str | None = None,
    on_check: OnCheck | None = None,
    on_metric: OnMetric | None = None,
    cancel: threading.Event | None = None,
    figures_dir: Path | None = None,
    allow_unisolated: bool = False,
) -> GradeReport:
    """Judge `submission` by the checks of the folder `project`.

    limits: of the learner's process; its seconds are for each check and for loading.
    lab: whose packages both processes have. gpus: leased for the learner's process (`open_kernel`).
    seed: 32 hex digits that replay an earlier grade. figures_dir: where PNG files go.
    Raises TutorError `broken-checks` for a fault in the project, `cancelled`, `unisolated`.
    """
    began = time.monotonic()
    bounds = limits or Limits()
    secret = seed or secrets.token_hex(16)
    order = _order("grade", scale) | {
        "seed": secret, "visible_only": visible_only, "main": submission.main,
    }  # fmt: skip
    _import_ahead(project, submission, lab)
    with JudgeProcess(project, lab=lab, cancel=cancel, allow_unisolated=allow_unisolated) as judge:
        checks, public = _open_case(judge, project, order)
        courier = Courier(
            submission, public, bounds, lab=lab, gpus=gpus, cancel=cancel, allow_unisolated=allow_unisolated
        )
        relay = _Relay(judge, courier, checks, on_check, on_metric, thinking=60.0 + 4 * bounds.seconds)
        courier.on_stream = relay.tell_stream
        try:
            relay.run()
        except Cancelled as stop:
            raise TutorError("cancelled", "The grade was stopped before its end.", "Grade again.") from stop
        finally:
            courier.close()
    device = "cuda:0" if gpus else "cpu"
    report = _sum_up(relay.reports, seconds=time.monotonic() - began, device=device)
    return replace(
        report,
        figures=_write_figures(relay.shown.figures, figures_dir),
        metrics=thin(relay.shown.metrics),
        usage=Usage(round(relay.seconds, 3), courier.peak_memory_mb),
        environment=environment(project, lab, device, scale),
        stdout=relay.shown.stdout[: bounds.output_bytes],
        seed=secret,
    )


def _import_ahead(project: Path, submission: Submission, lab: Lab) -> None:
    """What judge and submission both import is imported once, before either is forked."""
    own = [path.read_bytes() for path in project.glob("*.py")]
    shared_pool(lab).prepare(packages_in([*own, *submission.files.values()]))


def _sum_up(checks: list[CheckReport], *, seconds: float, device: str) -> GradeReport:
    return GradeReport(
        passed=all(check.status == "passed" for check in checks if check.required),
        score=round(sum(check.points for check in checks), 4),
        max_score=round(sum(check.max_points for check in checks), 4),
        seconds=seconds,
        device=device,
        checks=tuple(checks),
    )


def describe(project: Path, *, lab: Lab = BASE, allow_unisolated: bool = False) -> list[CheckReport]:
    """The checks of a project with their titles and points; nothing is run, so all are "blocked"."""
    with JudgeProcess(project, lab=lab, allow_unisolated=allow_unisolated) as judge:
        return _open_case(judge, project, _order("describe", "small"))[0]


def make_public_data(
    project: Path,
    scale: str = "small",
    seed: int = PUBLIC_SEED,
    *,
    lab: Lab = BASE,
    allow_unisolated: bool = False,
) -> dict[str, bytes]:
    """The files that a learner gets, by name, as `public` of data.py writes them."""
    with JudgeProcess(project, lab=lab, allow_unisolated=allow_unisolated) as judge:
        return _open_case(judge, project, _order("public", scale) | {"public_seed": seed})[1]


@dataclass
class _Relay:
    """Frames between judge and courier until the judge is done."""

    judge: JudgeProcess
    courier: Courier
    checks: list[CheckReport]
    on_check: OnCheck | None
    on_metric: OnMetric | None
    thinking: float
    reports: list[CheckReport] = field(default_factory=list[CheckReport])
    shown: Traces = field(default_factory=Traces)
    seconds: float = 0.0
    _seconds: float = 0.0
    _begun: str = ""
    _is_first_run: bool = True
    _has_met_hidden: bool = False

    def run(self) -> None:
        try:
            while (frame := self.judge.receive(self.thinking)).header.get("op") != "done":
                self._serve(frame)
            self._add_shown(self.courier.loading)
            self.seconds += self.courier.loading.seconds
        except JudgeFailed as failure:
            for check in self.checks[len(self.reports) :]:
                self._report(replace(check, status="error", message=str(failure)))

    def _serve(self, frame: Frame) -> None:
        operation = frame.header.get("op")
        if len(self.reports) == len(self.checks):
            raise JudgeFailed(PROTOCOL)
        if operation == "begin":
            self._end_run()
            self._is_first_run = self._begun != frame.header.get("check")
            self._begun = str(frame.header.get("check"))
        elif operation == "ask":
            self._ask(frame)
        elif operation == "figures":
            drawn = [*self.courier.loading.figures, *self.courier.check.figures]
            self.judge.send({"op": "figures"}, encode(drawn))
        elif operation == "report":
            self._end_run()
            told = read_verdict(self.checks[len(self.reports)], frame.header)
            self._report(replace(told, seconds=round(self._seconds, 4)))
            self.seconds, self._seconds = self.seconds + self._seconds, 0.0
        else:
            raise JudgeFailed(str(frame.header.get("message", PROTOCOL))[:400])

    def _ask(self, frame: Frame) -> None:
        request = frame.header.get("request")
        if not isinstance(request, dict):
            raise JudgeFailed(PROTOCOL)
        self._has_met_hidden = self._has_met_hidden or not self.checks[len(self.reports)].visible
        answer = self.courier.ask(cast("dict[str, Any]", request), frame.payload)
        if self.courier.cancelled:
            raise Cancelled
        printed = (self.courier.loading.stdout + self.courier.check.stdout)[-100_000:]
        self.judge.send({"op": "answer", "reply": answer.header, "stdout": printed}, answer.payload)

    def _end_run(self) -> None:
        """Count what one run of a check used; show what it printed only if its input may be seen.

        The submission lives on from check to check: after a hidden one it could print that one's input.
        """
        traces, self.courier.check = self.courier.check, Traces()
        self._seconds += traces.seconds
        if self._is_first_run and self._may_be_seen():
            self._add_shown(traces)

    def _may_be_seen(self) -> bool:
        return self.checks[len(self.reports)].visible and not self._has_met_hidden

    def tell_stream(self, name: str, text: str) -> None:
        if name == "metrics" and self.on_metric is not None and self._may_be_seen():
            self.on_metric(text)

    def _add_shown(self, traces: Traces) -> None:
        self.shown.stdout += traces.stdout
        self.shown.figures += traces.figures
        self.shown.metrics += traces.metrics

    def _report(self, report: CheckReport) -> None:
        self.reports.append(report)
        if self.on_check is not None:
            self.on_check(report, len(self.reports), len(self.checks))


def _order(mode: str, scale: str) -> dict[str, Any]:
    return {"mode": mode, "scale": scale, "public_seed": PUBLIC_SEED}


def _open_case(
    judge: JudgeProcess, project: Path, order: dict[str, Any]
) -> tuple[list[CheckReport], dict[str, bytes]]:
    """Give the judge its order; the checks that it will try and the public files."""
    try:
        judge.send(order)
        frame = judge.receive(START_SECONDS)
    except JudgeFailed as failure:
        raise _broken(project, str(failure)) from failure
    except Cancelled as stop:
        raise TutorError("cancelled", "The grade was stopped before its end.", "Grade again.") from stop
    if frame.header.get("op") != "ready":
        raise _broken(project, str(frame.header.get("message", PROTOCOL))[:400])
    try:
        return [read_check(check) for check in frame.header["checks"]], read_files(frame)
    except (KeyError, TypeError, ValueError) as error:
        raise _broken(project, PROTOCOL) from error


def _write_figures(figures: list[bytes], folder: Path | None) -> tuple[str, ...]:
    if folder is None:
        return ()
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"figure-{number}.png" for number in range(1, len(figures) + 1)]
    for path, figure in zip(paths, figures, strict=True):
        path.write_bytes(figure)
    return tuple(str(path) for path in paths)


def _broken(project: Path, why: str) -> TutorError:
    return TutorError(
        "broken-checks",
        f"The checks of {project.name} cannot be used: {why}.",
        f"Mend {project}, then try again.",
    )
