"""A Python process that runs a learner's code: start it, give it code, take back what it did.

It owns one rule: an execution always ends with an outcome, within a second or so of its limit,
whatever the code does; an error leaves the kernel alive with its state, a broken limit may not.
"""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

from sandbox.execution import Execution, Stop, name_outcome, tell_broken_limit, tell_error, tell_stop
from sandbox.harvest import Harvest, Mark, OnStream
from sandbox.isolation import Tier, current_isolation
from sandbox.lab import BASE, Lab
from sandbox.limits import Limits, Outcome
from sandbox.notebook import read_cells
from sandbox.report import RunError
from sandbox.startup import Started, start_kernel
from sandbox.supervisor import Supervisor
from sandbox.wire import Wire
from sandbox.workspace import read_kept
from tutor_error import TutorError

TICK = 0.05
GRACE = 1.0
START_SECONDS = 20.0
ASK_AGAIN_SECONDS = 0.5


def open_kernel(
    files: Mapping[str, bytes] | None = None,
    *,
    limits: Limits | None = None,
    keep: Sequence[str] = (),
    channel: bool = False,
    lab: Lab = BASE,
    gpus: tuple[int, ...] | None = None,
    allow_unisolated: bool = False,
) -> Kernel:
    """A fresh kernel with `files` in its workspace; close it, or use it as a context manager.

    keep: workspace files that each execution copies back. channel: open a socket pair, whose
    other end the kernel finds as the descriptor in MLTUTOR_CHANNEL. lab: whose packages it has.
    gpus: the N of each leased `/dev/nvidiaN` (`lease.Lease.minors`); without a lease it has none.
    allow_unisolated: run also where this machine cannot confine; only for code that the user wrote
    or opened themselves.
    Raises TutorError `unisolated` without that consent, `kernel-failed` when it does not start.
    """
    isolation = current_isolation()
    if isolation.tier == "none" and not allow_unisolated:
        raise TutorError(
            "unisolated", f"Code cannot be isolated on this machine: {isolation.reason}", isolation.remedy
        )
    limits = limits or Limits()
    files = dict(files or {})
    started = start_kernel(isolation.tier, files, limits, channel, lab, gpus)
    return Kernel(started, isolation.tier, files, limits, tuple(keep))


class Kernel:
    """A running kernel, for one thread at a time."""

    def __init__(
        self, started: Started, tier: Tier, files: dict[str, bytes], limits: Limits, keep: tuple[str, ...]
    ) -> None:
        self.isolation: Tier = tier
        self.limits = limits
        self._started = started
        self._files = files
        self._keep = keep
        self._closed = False
        self._is_unheard = self._is_lost = False
        self._ending = threading.Lock()
        # A figure crosses as base64 in JSON, with a text beside it.
        self._wire = Wire(started.sockets, started.key, 2 * limits.figure_bytes + 1_000_000)
        self._supervisor = Supervisor(
            started.process.pid,
            limits,
            self._end,
            folder=started.private,
            inherited_mb=started.inherited_mb,
        )
        try:
            if not self._can_be_heard(time.monotonic() + START_SECONDS):
                raise TutorError("kernel-failed", "The sandbox started but does not answer.", "Try again.")
        except BaseException:
            self.close()
            raise

    @property
    def channel(self) -> socket.socket | None:
        return self._started.channel

    @property
    def device(self) -> str:
        """What it computes on: `cuda:0`, the first of its leased GPUs, or `cpu`."""
        return self._started.device

    def peak_memory_mb(self) -> float:
        """The most memory that its processes held at a time so far, beside what it shares with others."""
        return self._supervisor.peak_memory_mb()

    def __enter__(self) -> Kernel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def is_alive(self) -> bool:
        return not self._closed and not self._is_lost and self._started.process.poll() is None

    def close(self) -> None:
        """End the kernel and all that it started. May be called again."""
        if self._closed:
            return
        self._closed = True
        self._wire.close()
        with self._ending:
            self._started.close()
        # Last: it removes the control group, which must be empty and was asked for the time used.
        self._supervisor.stop()

    def execute(
        self,
        code: str,
        seconds: float | None = None,
        on_stream: OnStream | None = None,
        cancel: threading.Event | None = None,
        *,
        silent: bool = False,
    ) -> Execution:
        """Run `code` as a cell; `seconds` of wall clock replace those of the limits.

        silent: leave no trace in the history and show no value; what it prints is told all the same.
        """
        return self._run([code], seconds, on_stream, cancel, silent=silent)

    def run_file(
        self,
        name: str,
        seconds: float | None = None,
        on_stream: OnStream | None = None,
        cancel: threading.Event | None = None,
    ) -> Execution:
        """Run a file of the workspace: a script under its own name, a notebook cell by cell."""
        if name.endswith(".ipynb"):
            return self._run(read_cells(self._files[name], name), seconds, on_stream, cancel, cells=True)
        return self._run([f"get_ipython().run_script({name!r})"], seconds, on_stream, cancel)

    def _run(
        self,
        codes: Sequence[str],
        seconds: float | None,
        on_stream: OnStream | None,
        cancel: threading.Event | None,
        *,
        cells: bool = False,
        silent: bool = False,
    ) -> Execution:
        began = time.monotonic()
        limit = self.limits.seconds if seconds is None else seconds
        harvest = Harvest(self.limits, on_stream)
        stop: Stop | None = None
        marks: list[Mark] = []
        self._supervisor.is_busy = True
        try:
            if self._is_unheard and self.is_alive():
                self._listen_again(began + max(limit, GRACE))
            for code in codes:
                stop = self._follow(code, harvest, began + limit, cancel, silent)
                marks.append(harvest.mark())
                if stop or harvest.error or not self.is_alive():
                    break
        except BaseException:
            self.close()
            raise
        self._supervisor.is_busy = False
        outcome, error = self._judge(harvest, stop, limit)
        if cells and error is not None:
            error = RunError(error.name, f"cell {len(marks)}: {error.message}", error.line)
        return Execution(
            outcome=outcome,
            seconds=time.monotonic() - began,
            stdout=harvest.text("stdout"),
            stderr=harvest.text("stderr"),
            truncated=harvest.truncated,
            error=error,
            figures=tuple(harvest.figures),
            metrics=harvest.metrics.records,
            kept=read_kept(self._started.workspace, self._keep) if not self._closed else {},
            marks=tuple(marks),
        )

    def _follow(
        self, code: str, harvest: Harvest, deadline: float, cancel: threading.Event | None, silent: bool
    ) -> Stop | None:
        """One request from its sending to its end; why the host had to stop it, if it had to."""
        if not self.is_alive():
            return None
        request = self._send_code(code, silent)
        stop: Stop | None = None
        give_up = float("inf")
        replied = idle = False
        while not (replied and idle):
            alive = self.is_alive()
            messages = self._wire.receive(TICK if alive else 0.0)
            for message in messages:
                if message.parent != request:
                    continue
                replied = replied or message.type == "execute_reply"
                idle = idle or (message.type == "status" and message.content.get("execution_state") == "idle")
                harvest.take(message)
            now = time.monotonic()
            if not alive and not messages:
                break
            if stop is None and alive and (stop := self._reason_to_stop(harvest, now, deadline, cancel)):
                self._interrupt()
                give_up = now + GRACE
            elif replied and stop is None and (messages or give_up == float("inf")):
                give_up = now + GRACE  # what was printed before the reply may still be on its way
            if now > give_up:
                if replied:
                    self._is_unheard = True
                    harvest.cut()
                else:
                    self._end()
                break
        return stop

    def _reason_to_stop(
        self, harvest: Harvest, now: float, deadline: float, cancel: threading.Event | None
    ) -> Stop | None:
        if cancel is not None and cancel.is_set():
            return "cancelled"
        if harvest.is_flooded or self._wire.is_choked:
            return "output"
        return "timeout" if now >= deadline else None

    def _send_code(self, code: str, silent: bool) -> str:
        content = {
            "code": code,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        return self._wire.send("shell", "execute_request", content)

    def _judge(self, harvest: Harvest, stop: Stop | None, limit: float) -> tuple[Outcome, RunError | None]:
        line = harvest.error.line if harvest.error else None
        verdict = self._supervisor.verdict
        if verdict is not None:
            return verdict, tell_broken_limit(verdict, self.limits)
        if stop is not None:
            return tell_stop(stop, limit, line)
        if not self.is_alive():
            return "crashed", RunError("KernelDied", self._cause_of_death(), line)
        return name_outcome(harvest.error), tell_error(harvest.error, self.limits)

    def _interrupt(self) -> None:
        self._wire.send("control", "interrupt_request", {})

    def _end(self) -> None:
        with self._ending:
            self._started.end()

    def _cause_of_death(self) -> str:
        if self._is_lost:
            return "nothing that the Python process says arrives any more, so it was ended"
        status = self._started.process.poll() or 0
        number = -status if status < 0 else status - 128
        if number in {member.value for member in signal.Signals}:
            return f"the Python process was ended by {signal.Signals(number).name}"
        return f"the Python process ended itself with exit status {status}"

    def _listen_again(self, deadline: float) -> None:
        """A message that was too large dropped the connection on which output comes, or code broke it."""
        self._wire.listen_again()
        if not self._can_be_heard(deadline) and self.is_alive():
            self._is_lost = True
            self._end()

    def _can_be_heard(self, deadline: float) -> bool:
        """Whether what the kernel publishes reaches us by then: output sent earlier would be lost."""
        asked = float("-inf")
        while self.is_alive() and (now := time.monotonic()) < deadline:
            if now - asked >= ASK_AGAIN_SECONDS:
                self._wire.send("shell", "kernel_info_request", {})
                asked = now
            if any(message.channel == "iopub" for message in self._wire.receive(TICK)):
                self._is_unheard = False
                return True
        return False
