"""Watches one sandbox from outside: how much memory its processes hold, and how many they are.

It owns one rule: a limit that the process could slip past from inside (memory shared between
processes, a crowd of them) is measured on the host, and breaking it ends the whole sandbox.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.limits import Limits, Outcome
from sandbox.process import family_of

INTERVAL = 0.05
IDLE_INTERVAL = 0.25
MEMORY_FILES_EVERY = 4  # looks: to list descriptors costs more than all the rest
THREADS_EACH = 16
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Share:
    """One process: its threads, and its anonymous and shared memory (too high where it is shared)."""

    threads: int
    resident_bytes: int


class Supervisor:
    """A thread that measures the family of `pid` and calls `end` once when it is over a limit."""

    def __init__(self, pid: int, limits: Limits, end: Callable[[], object]) -> None:
        self.verdict: Outcome | None = None
        self.is_busy = True
        self._looks = 0
        self._pid = pid
        self._limits = limits
        self._end = end
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="mltutor-supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=10)

    def _watch(self) -> None:
        while not self._stop.wait(INTERVAL if self.is_busy else IDLE_INTERVAL):
            self.verdict = self._judge()
            if self.verdict is not None:
                self._end()
                return

    def _judge(self) -> Outcome | None:
        self._looks += 1
        family = family_of(self._pid)
        shares = [share_of(pid) for pid in family]
        crowd = self._limits.processes
        if len(family) > crowd or sum(share.threads for share in shares) > crowd * THREADS_EACH:
            return "processes"
        memory = self._limits.memory_mb * _MEGABYTE
        if sum(share.resident_bytes for share in shares) > memory:
            return "memory" if sum(map(proportional_bytes, family)) > memory else None
        if self._looks % MEMORY_FILES_EVERY == 0 and sum(map(memory_file_bytes, family)) > memory:
            return "memory"
        return None


def share_of(pid: int) -> Share:
    fields = _fields(f"/proc/{pid}/status")
    resident = sum(_kilobytes(fields.get(name, "0")) for name in ("RssAnon", "RssShmem"))
    return Share(int(fields.get("Threads", "0")), resident)


def proportional_bytes(pid: int) -> int:
    """Its memory with each shared page divided among its holders, where the kernel tells."""
    fields = _fields(f"/proc/{pid}/smaps_rollup")
    if "Pss_Anon" not in fields:
        return share_of(pid).resident_bytes
    return sum(_kilobytes(fields.get(name, "0")) for name in ("Pss_Anon", "Pss_Shmem"))


def memory_file_bytes(pid: int) -> int:
    """Memory files (memfd) that a process holds open: they need not be mapped to fill memory."""
    total = 0
    folder = Path(f"/proc/{pid}/fd")
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208
            with contextlib.suppress(OSError):
                if str((folder / name).readlink()).startswith("/memfd:"):
                    total += (folder / name).stat().st_blocks * 512
    return total


def _fields(path: str) -> dict[str, str]:
    try:
        text = Path(path).read_text("ascii", errors="replace")
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}


def _kilobytes(text: str) -> int:
    return int(text.split()[0]) * 1024
