"""Kernels that live from one run to the next, by name: what a conversation runs code in.

It owns one rule: there are never more than a fixed number of them, and a dead one is told in the
report of the run that it died in, then replaced.
"""

from __future__ import annotations

import threading
from pathlib import Path

from sandbox.harvest import OnStream
from sandbox.kernel import Kernel, open_kernel
from sandbox.limits import Limits
from sandbox.report import RunReport
from sandbox.run import CODE, report_execution, report_refusal, write_figures
from tutor_error import TutorError


class _Session:
    """One name's kernel, its lock, and how many runs it had."""

    def __init__(self) -> None:
        self.kernel: Kernel | None = None
        self.busy = threading.Lock()
        self.runs = 0


class Sessions:
    """Named kernels; every method may be called from any thread."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        most: int = 4,
        figures_dir: Path | None = None,
        allow_unisolated: bool = False,
    ) -> None:
        self._limits = limits or Limits()
        self._most = most
        self._figures_dir = figures_dir
        self._allow_unisolated = allow_unisolated
        self._sessions: dict[str, _Session] = {}
        self._table = threading.Lock()
        self._closed = False

    def __enter__(self) -> Sessions:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self,
        session: str,
        code: str,
        seconds: float | None = None,
        *,
        on_stream: OnStream | None = None,
        cancel: threading.Event | None = None,
    ) -> RunReport:
        """Run `code` in the kernel named `session`, after whatever runs there now.

        Raises TutorError `too-many-sessions` when all kernels are at work.
        """
        entry = self._enter(session)
        try:
            if entry.kernel is None or not entry.kernel.is_alive():
                self._replace(entry)
            assert entry.kernel is not None
            entry.runs += 1
            execution = entry.kernel.execute(code, seconds, on_stream, cancel)
            paths = write_figures(execution.figures, self._figures_dir, f"{_slug(session)}-{entry.runs}")
            return report_execution(CODE, execution, entry.kernel.isolation, paths)
        except TutorError as error:
            if error.code != "unisolated":
                raise
            return report_refusal(CODE, error)
        finally:
            entry.busy.release()

    def names(self) -> list[str]:
        """The sessions, the least recently used first."""
        with self._table:
            return list(self._sessions)

    def close(self) -> None:
        """End all kernels; a run in progress ends first."""
        with self._table:
            self._closed = True
            entries = list(self._sessions.values())
            self._sessions.clear()
        for entry in entries:
            with entry.busy:
                _close_kernel(entry)

    def _enter(self, name: str) -> _Session:
        """The session, held for this thread, and moved to the end of the order of use."""
        with self._table:
            if self._closed:
                raise TutorError("sessions-closed", "The sandbox has been closed.", "Start again.")
            entry = self._sessions.pop(name, None)
            if entry is None:
                self._make_room()
                entry = _Session()
            self._sessions[name] = entry
        entry.busy.acquire()
        if self._closed:
            entry.busy.release()
            raise TutorError("sessions-closed", "The sandbox has been closed.", "Start again.")
        return entry

    def _make_room(self) -> None:
        while len(self._sessions) >= self._most:
            idle = next((name for name, entry in self._sessions.items() if entry.busy.acquire(False)), None)
            if idle is None:
                raise TutorError(
                    "too-many-sessions",
                    f"All {self._most} sessions are running code.",
                    "Wait for one to end, or cancel it.",
                )
            entry = self._sessions.pop(idle)
            _close_kernel(entry)
            entry.busy.release()

    def _replace(self, entry: _Session) -> None:
        _close_kernel(entry)
        entry.kernel = open_kernel(limits=self._limits, allow_unisolated=self._allow_unisolated)


def _close_kernel(entry: _Session) -> None:
    if entry.kernel is not None:
        entry.kernel.close()
        entry.kernel = None


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)[:40]
