"""Detached runs: code that goes on while the client does something else.

The rule owned here: at most a few of a learner run at once, each can be stopped, and a run remembers
whether anything of its outcome was shown, since a prediction counts only before that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mcp_server.node import Node
from tutor_error import TutorError

if TYPE_CHECKING:
    from sandbox.report import RunReport

OnStream = Callable[[str, str], None]
Work = Callable[[threading.Event, OnStream], "RunReport"]
State = Literal["running", "finished", "cancelled", "failed"]
MOST_AT_ONCE = 2
MOST_KEPT = 50
_KEPT_OUTPUT = 20_000
_PATIENCE = 5.0


@dataclass
class Run:
    """One detached run, of a project's file or of loose code (`unit` is then `code`).

    shown: a client has read some of its output.
    """

    id: str
    label: str
    unit: str
    cancel: threading.Event = field(default_factory=threading.Event)
    state: State = "running"
    output: str = ""
    shown: bool = False
    report: RunReport | None = None
    failure: TutorError | None = None
    thread: threading.Thread | None = None


class Runs:
    """One learner's runs of this process. They end with it."""

    def __init__(self, log: Callable[[Exception], Path] | None = None, node: Node | None = None) -> None:
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()
        self._log = log
        self._node = node or Node()

    def start(self, label: str, unit: str, work: Work, on_end: Callable[[Run], None] | None = None) -> Run:
        """Begin `work(cancel, on_stream)` in a thread; `on_end` hears of its end.

        The thread works in a copy of the caller's context: for the learner who started it.
        TutorError `too-many-runs`.
        """
        with self._lock:
            if self._running() >= MOST_AT_ONCE:
                raise TutorError(
                    "too-many-runs",
                    f"{MOST_AT_ONCE} runs are going already.",
                    "Wait for one with get_run, or stop one with cancel_run.",
                )
            run = Run(self._node.new_run(), label, unit)
            self._runs[run.id] = run
            self._forget_oldest()
            run.thread = threading.Thread(
                target=copy_context().run, args=(self._work, run, work, on_end), name=run.id, daemon=True
            )
            run.thread.start()
        return run

    def get(self, run_id: str) -> Run:
        """TutorError `unknown-run`, or `other-node` for one of another server."""
        with self._lock:
            run = self._runs.get(run_id)
        if run is None:
            self._node.check_run(run_id)
            raise TutorError(
                "unknown-run", f"There is no run `{run_id}` in this session.", "Start one with start_run."
            )
        return run

    def ids(self) -> list[str]:
        """The runs that are known, newest first."""
        with self._lock:
            return list(self._runs)[::-1]

    def count_running(self) -> int:
        with self._lock:
            return self._running()

    def cancel(self, run_id: str) -> Run:
        run = self.get(run_id)
        run.cancel.set()
        if run.thread is not None:
            run.thread.join(_PATIENCE)
        return run

    def stop(self) -> None:
        """Tell every run to end, without waiting for it."""
        with self._lock:
            for run in self._runs.values():
                run.cancel.set()

    def close(self) -> None:
        """Stop every run and wait for its kernel to be gone."""
        self.stop()
        with self._lock:
            runs = list(self._runs.values())
        for run in runs:
            if run.thread is not None:
                run.thread.join(_PATIENCE)

    def _running(self) -> int:
        return sum(run.state == "running" for run in self._runs.values())

    def _work(self, run: Run, work: Work, on_end: Callable[[Run], None] | None) -> None:
        def on_stream(_: str, text: str) -> None:
            run.output = (run.output + text)[-_KEPT_OUTPUT:]

        try:
            run.report = work(run.cancel, on_stream)
            run.state = "cancelled" if run.cancel.is_set() else "finished"
        except TutorError as error:
            if error.code == "cancelled" and run.cancel.is_set():  # stopped while it waited for a kernel
                run.state = "cancelled"
            else:
                run.failure, run.state = error, "failed"
        except Exception as error:
            where = f"The details are in {self._log(error)}." if self._log else ""
            run.failure, run.state = (
                TutorError("unexpected", "The run could not be carried out.", where),
                "failed",
            )
        if on_end is not None:
            on_end(run)

    def _forget_oldest(self) -> None:
        ended = [run.id for run in self._runs.values() if run.state != "running"]
        for run_id in ended[: max(len(self._runs) - MOST_KEPT, 0)]:
            del self._runs[run_id]
