"""Kernels that live from one run to the next, by owner and name: what a conversation runs code in.

It owns one rule: there are never more than a fixed number of them, and the end of one is told once:
in the report of the run that it died in, or else at its next use, which then runs nothing.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from sandbox.harvest import OnStream
from sandbox.idle import Alarm
from sandbox.isolation import current_isolation
from sandbox.kernel import Kernel, open_kernel
from sandbox.limits import Limits
from sandbox.report import RunError, RunReport
from sandbox.run import CODE, report_execution, report_refusal, write_figures
from tutor_error import TutorError

IDLE_SECONDS = 1800.0
MOST_OF_AN_OWNER = 4
MOST_OF_ALL = 32
_MOST_REMEMBERED = 1000
_POLL = 0.1  # an event that somebody else sets, beside a lock that somebody else holds
Key = tuple[str, str]
"""An owner and a name that they chose."""


class _Session:
    """One name's kernel, its lock, how many runs it had and when the last one ended."""

    def __init__(self, made: float) -> None:
        self.kernel: Kernel | None = None
        self.busy = threading.Lock()
        self.runs = 0
        self.used = made


class Sessions:
    """Named kernels; every method may be called from any thread.

    most: of one owner, most_of_all: of all. idle_seconds: how long one is kept that nobody uses.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        most: int = MOST_OF_AN_OWNER,
        most_of_all: int = MOST_OF_ALL,
        idle_seconds: float = IDLE_SECONDS,
        figures_dir: Path | None = None,
        allow_unisolated: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits or Limits()
        self._most, self._most_of_all = most, most_of_all
        self._idle_seconds = idle_seconds
        self._figures_dir = figures_dir
        self._allow_unisolated = allow_unisolated
        self._clock = clock
        self._sessions: dict[Key, _Session] = {}
        self._ended: dict[Key, str] = {}
        self._table = threading.Lock()
        self._alarm = Alarm(self.end_idle)
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
        owner: str = "",
        figures_dir: Path | None = None,
        place: AbstractContextManager[None] | None = None,
        on_stream: OnStream | None = None,
        cancel: threading.Event | None = None,
    ) -> RunReport:
        """Run `code` in the kernel named `session` of `owner`, after whatever runs there now.

        place: entered for the time of the run, such as a place of the budget. A session that ended
        since its last run says so, with outcome `crashed`, and begins afresh the next time.
        Raises TutorError `too-many-sessions` when all kernels are at work, `cancelled`.
        """
        key = (owner, session)
        entry = self._enter(key, cancel)
        try:
            if (why := self._end_of(key, entry)) is not None:
                return _report_end(session, why)
            with place or contextlib.nullcontext():
                if entry.kernel is None:
                    entry.kernel = open_kernel(limits=self._limits, allow_unisolated=self._allow_unisolated)
                entry.runs += 1
                execution = entry.kernel.execute(code, seconds, on_stream, cancel)
            stem = f"{_slug(session)}-{entry.runs}"
            paths = write_figures(execution.figures, figures_dir or self._figures_dir, stem)
            report = report_execution(CODE, execution, entry.kernel.isolation, paths)
            if not entry.kernel.is_alive():
                _close_kernel(entry)
            return report
        except TutorError as error:
            if error.code != "unisolated":
                raise
            return report_refusal(CODE, error)
        finally:
            entry.used = self._clock()
            entry.busy.release()
            self._alarm.ring_in(self._idle_seconds)

    def names(self, owner: str = "") -> list[str]:
        """An owner's sessions, the least recently used first."""
        with self._table:
            return [name for whose, name in self._sessions if whose == owner]

    def end_idle(self) -> float | None:
        """End the sessions that nobody has used for long; the seconds until this is worth doing again."""
        with self._table:
            for key in self._idle_since(self._clock() - self._idle_seconds):
                self._end(key, f"nobody had used it for {self._idle_seconds / 60:g} minutes")
            # One that is running sets the alarm itself when it has ended.
            used = [entry.used for entry in self._sessions.values() if not entry.busy.locked()]
        return max(min(used) + self._idle_seconds - self._clock(), _POLL) if used else None

    def close(self) -> None:
        """End all kernels; a run in progress ends first."""
        with self._table:
            self._closed = True
            entries = list(self._sessions.values())
            self._sessions.clear()
        self._alarm.close()
        for entry in entries:
            with entry.busy:
                _close_kernel(entry)

    def _enter(self, key: Key, cancel: threading.Event | None) -> _Session:
        """The session, held for this thread, and moved to the end of the order of use."""
        while True:
            with self._table:
                self._refuse_closed()
                entry = self._sessions.pop(key, None)
                if entry is None:
                    self._make_room(key[0])
                    entry = _Session(self._clock())
                self._sessions[key] = entry
            while not entry.busy.acquire(timeout=_POLL):
                if cancel is not None and cancel.is_set():
                    raise TutorError("cancelled", "Waiting for the session was stopped.", "Try again.")
            with self._table:
                if self._sessions.get(key) is entry:
                    return entry
            entry.busy.release()  # it was ended while this thread waited for it

    def _refuse_closed(self) -> None:
        if self._closed:
            raise TutorError("sessions-closed", "The sandbox has been closed.", "Start again.")

    def _make_room(self, owner: str) -> None:
        """End what was used longest ago, of the owner's or of all, until one more is allowed."""
        self._keep_below(self._most, lambda key: key[0] == owner)
        self._keep_below(self._most_of_all, lambda _: True)

    def _keep_below(self, most: int, counts: Callable[[Key], bool]) -> None:
        while len(keys := [key for key in self._sessions if counts(key)]) >= most:
            if not any(self._end(key, "others needed its place") for key in keys):
                raise TutorError(
                    "too-many-sessions",
                    f"All {most} sessions are running code.",
                    "Wait for one to end, or cancel it.",
                )

    def _idle_since(self, moment: float) -> list[Key]:
        return [key for key, entry in self._sessions.items() if entry.used <= moment]

    def _end(self, key: Key, why: str) -> bool:
        """End a session that runs nothing, and remember why; whether that was so."""
        entry = self._sessions[key]
        if not entry.busy.acquire(blocking=False):
            return False
        del self._sessions[key]
        if entry.kernel is not None:
            self._ended[key] = why
            while len(self._ended) > _MOST_REMEMBERED:
                del self._ended[next(iter(self._ended))]
        _close_kernel(entry)
        entry.busy.release()
        return True

    def _end_of(self, key: Key, entry: _Session) -> str | None:
        """Why the kernel of the run before is gone, if it is and that has not been told."""
        with self._table:
            why = self._ended.pop(key, None)
        if entry.kernel is not None and not entry.kernel.is_alive():
            _close_kernel(entry)
            return "its process died while it was idle"
        return why


def _report_end(session: str, why: str) -> RunReport:
    told = RunError(
        "SessionEnded",
        f"The session `{session}` has ended: {why}. Its variables are gone and nothing was run; "
        "run the code again, and the session begins afresh.",
        None,
    )
    return RunReport(CODE, "crashed", 0.0, "cpu", "", "", False, told, (), (), current_isolation().tier)


def _close_kernel(entry: _Session) -> None:
    if entry.kernel is not None:
        entry.kernel.close()
        entry.kernel = None


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)[:40]
