"""How many kernels of a home work at once, over all its processes, and who has to wait.

It owns one rule: nobody starves. A place is a locked file, so that the end of a process frees it in
whatever way it ends; processes are served as they come, and in a process its learners take turns.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sandbox.claims import Claim, drop, enqueue, living, table, write
from sandbox.limits import usable_cores
from sandbox.turns import Ticket, Turns
from tutor_error import TutorError

FOLDER = "kernels"
FEWEST = 4
WAIT_SECONDS = 120.0
MOST_WAITING = 64
_POLL = 0.1  # another process tells nobody that it has let go of a lock
Use = Literal["call", "run"]
"""Work that somebody waits for, and work that goes on by itself: that leaves one place to the other."""
OnWait = Callable[[int], None]


def default_places() -> int:
    """A kernel for each core that this process may use, and a few where there are few cores."""
    return max(FEWEST, usable_cores())


class _Line:
    """One use's tickets in this process, and the claim of the first of them among the processes."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.claim: tuple[Path, int, Claim] | None = None
        self.claiming = threading.Lock()


class KernelBudget:
    """The places of a home. Its methods may be called from any thread.

    places: how many kernels work at once; None for `default_places`.
    """

    def __init__(
        self, home: Path, places: int | None = None, *, seconds_to_wait: float = WAIT_SECONDS
    ) -> None:
        self.places = places or default_places()
        self._folder = home / FOLDER
        self._seconds = seconds_to_wait
        self._lock = threading.Lock()
        self._lines: dict[Use, _Line] = {"call": _Line(), "run": _Line()}

    @contextlib.contextmanager
    def place(
        self,
        owner: str = "",
        *,
        use: Use = "call",
        cancel: threading.Event | None = None,
        on_wait: OnWait | None = None,
    ) -> Generator[None]:
        """A place for as long as the `with` lasts, waited for in its turn.

        owner: whose work it is; owners take turns. on_wait: told how many come first, at the start of
        waiting and whenever that changes. Raises TutorError `busy` when there was no place in time or
        too many wait already, `cancelled`.
        """
        path, descriptor = self._await_place(owner, use, cancel or threading.Event(), on_wait)
        try:
            yield
        finally:
            drop(path, descriptor)
            for line in self._lines.values():
                self._wake_first(line)

    def taken(self) -> int:
        """How many places are taken now, by all processes of the home."""
        if not self._folder.is_dir():
            return 0
        with table(self._folder, "busy"):
            return sum(bool(claim.holds) for claim in living(self._folder).values())

    def _await_place(
        self, owner: str, use: Use, cancel: threading.Event, on_wait: OnWait | None
    ) -> tuple[Path, int]:
        line, ticket, told = self._lines[use], self._join(owner, use), -1
        deadline = time.monotonic() + self._seconds
        try:
            while True:
                with self._lock:
                    ahead = line.turns.ahead_of(ticket)
                if ahead == 0 and (won := self._claim(line, use)) is not None:
                    return won
                if cancel.is_set():
                    raise TutorError("cancelled", "Waiting for a kernel was stopped.", "Try again.")
                # Work that goes on by itself is waited for by nobody; its turn comes when it comes.
                if use == "call" and time.monotonic() >= deadline:
                    raise self._busy(f"and none became free in {self._seconds:g} s; {ahead} came before you")
                if on_wait is not None and ahead != told:
                    on_wait(told := ahead)
                ticket.moved.wait(_POLL)
                ticket.moved.clear()
        finally:
            self._leave(line, ticket)

    def _join(self, owner: str, use: Use) -> Ticket:
        turns, ticket = self._lines[use].turns, Ticket(owner)
        with self._lock:
            if turns.count(owner) >= MOST_WAITING:
                raise self._busy(f"and {MOST_WAITING} calls of yours wait for one already")
            turns.add(ticket)
        return ticket

    def _leave(self, line: _Line, ticket: Ticket) -> None:
        """Out of the line, served or not; a claim that was not served goes with the first."""
        with line.claiming:
            with self._lock:
                was_first = line.turns.first is ticket
                line.turns.remove(ticket)
            if was_first and line.claim is not None:
                path, descriptor, _ = line.claim
                line.claim = None
                drop(path, descriptor)
        self._wake_first(line)

    def _claim(self, line: _Line, use: Use) -> tuple[Path, int] | None:
        """A place for the first of a line; None while others hold or come before it."""
        with line.claiming:
            if line.claim is None:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                fresh = Claim(
                    pid=os.getpid(),
                    host=socket.gethostname(),
                    purpose=use,
                    since=datetime.now(UTC),
                    wants=(use,),
                )
                line.claim = (*enqueue(self._folder, fresh, "busy"), fresh)
            path, descriptor, claim = line.claim
            with table(self._folder, "busy"):
                others = living(self._folder, path)
                if not self._may_take(use, path, others):
                    return None
                write(descriptor, claim.model_copy(update={"holds": {"kernel": None}}))
            line.claim = None
            return path, descriptor

    def _may_take(self, use: Use, own: Path, others: dict[Path, Claim]) -> bool:
        most = self.places if use == "call" else max(self.places - 1, 1)
        taken = sum(bool(other.holds) for other in others.values())
        return taken < most and not any(
            path < own and not other.holds and use in other.wants for path, other in others.items()
        )

    def _wake_first(self, line: _Line) -> None:
        with self._lock:
            if (first := line.turns.first) is not None:
                first.moved.set()

    def _busy(self, why: str) -> TutorError:
        return TutorError(
            "busy",
            f"All {self.places} kernels of this machine are at work, {why}.",
            "Try again in a minute. `mltutor config kernels N` lets more of them work at once.",
        )
