"""Watches kernels from outside: what their processes use, in a control group or counted one by one.

It owns one rule: a limit that a process could slip past from inside (memory shared between
processes, a crowd of them) is measured on the host, and breaking it ends the whole sandbox.
Where control groups hold, the operating system enforces the same limits a little higher up, in
the moment between two looks; where there are none, the looks are all there is.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox.cgroup import open_group
from sandbox.kernel_group import KernelGroup
from sandbox.limits import Limits, Outcome, usable_cores
from sandbox.measure import cpu_seconds_of, held_bytes, proportional_bytes, share_of, size_of_folder
from sandbox.process import family_of
from tutor_error import TutorError

INTERVAL = 0.05
IDLE_INTERVAL = 0.25
MEMORY_FILES_EVERY = 4  # looks: to list descriptors costs more than all the rest
FOLDER_EVERY = 10
JOIN_SECONDS = 60.0
MAX_MOVES = 5
NICENESS = 10
_MEGABYTE = 1024 * 1024
_log = logging.getLogger(__name__)


class Supervisor:
    """Measures the family of `pid` and calls `end` once, in a thread, when it is over a limit.

    folder: a folder of this machine that stands for the kernel's writable places; None where those
    are of a fixed size. inherited_mb: memory that it shares with its zygote. The family joins its
    control group soon after, and before `is_busy` is set: nothing of a learner may run earlier.
    """

    def __init__(
        self,
        pid: int,
        limits: Limits,
        end: Callable[[], object],
        *,
        folder: Path | None = None,
        inherited_mb: int = 0,
    ) -> None:
        self._pid = pid
        self._limits = limits
        self._end = end
        self._folder = folder
        self._inherited_mb = inherited_mb
        self._group: KernelGroup | None = None
        self._cpu_before = 0.0
        self._looks = self._peak_bytes = 0
        self._is_busy = True
        self._verdict: Outcome | None = None
        self._looking = threading.Lock()
        self._has_joined = threading.Event()
        self._ender: threading.Thread | None = None
        self._stopped = False
        _watch.add(self)

    @property
    def is_busy(self) -> bool:
        return self._is_busy

    @is_busy.setter
    def is_busy(self, busy: bool) -> None:
        """Whether an execution is running; one that begins has its CPU time counted from here."""
        if busy:
            if not self._has_joined.wait(JOIN_SECONDS):
                raise TutorError("kernel-failed", "The sandbox's limits could not be set.", "Try again.")
            self._cpu_before = self._cpu_seconds() if self._limits.cpu_seconds is not None else 0.0
        self._is_busy = busy
        if busy:
            _watch.hurry(self)

    @property
    def verdict(self) -> Outcome | None:
        """The limit that was broken. A kernel that was killed for its memory is known at once."""
        with self._looking:
            if self._verdict is None and self._group is not None and self._group.oom_killed():
                self._break_off("processes" if self._is_crowd(self._group.members()) else "memory")
            return self._verdict

    def peak_memory_mb(self) -> float:
        """The most memory in use at a time: of a control group exactly, else as far as looks saw it."""
        exact = self._group.peak_bytes() if self._group is not None else 0
        seen = self._peak_bytes - self._inherited_mb * _MEGABYTE
        return round(max(0, exact or seen) / _MEGABYTE, 1)

    @property
    def interval(self) -> float:
        return INTERVAL if self._is_busy else IDLE_INTERVAL

    def stop(self) -> None:
        """Look no more, and remove the group with whatever is left in it. May be called again."""
        _watch.remove(self)
        with self._looking:
            self._stopped = True
            self._has_joined.set()
        if self._ender is not None:
            self._ender.join(timeout=10)
        if self._group is not None:
            self._group.close()

    def look(self) -> None:
        with self._looking:
            if self._stopped or self._verdict is not None:
                return
            if not self._has_joined.is_set():
                self._join()
            elif verdict := self._judge():
                self._break_off(verdict)

    def give_up(self) -> None:
        """End a family that could not be looked at: what is not measured must not run on."""
        with self._looking:
            if not self._stopped and self._verdict is None:
                self._break_off("crashed")
                self._has_joined.set()

    def _break_off(self, verdict: Outcome) -> None:
        self._verdict = verdict
        # It may take a while, and others are waiting for their look.
        self._ender = threading.Thread(target=self._end, name="mltutor-ender", daemon=True)
        self._ender.start()

    def _join(self) -> None:
        self._group = open_group()
        if self._group is not None and not self._fill(self._group):
            self._break_off("crashed")  # half in a group it is held by nothing
        elif self._group is None or not self._group.holds("cpu"):
            self._stand_back()
        self._has_joined.set()

    def _stand_back(self) -> None:
        """Where each of a crowd counts like one of us, whoever shall end it must come first."""
        for pid in family_of(self._pid):
            with contextlib.suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, pid, NICENESS)

    def _fill(self, group: KernelGroup) -> bool:
        """Limit the group and move the family in; false where this machine refuses to."""
        limits = self._limits
        # Files in memory are charged too, and a heap at its limit shall meet a MemoryError first.
        room = limits.memory_mb + limits.disk_mb
        try:
            group.set(memory_mb=room, tasks=limits.threads, cores=min(limits.cores, usable_cores()))
            for _ in range(MAX_MOVES):
                outside = set(family_of(self._pid)) - set(group.members())
                for pid in outside:
                    group.add(pid)
                if not outside:
                    return True
        except OSError:
            return False
        return not Path("/proc", str(self._pid)).exists()

    def _judge(self) -> Outcome | None:
        self._looks += 1
        limits, group = self._limits, self._group
        family = group.members() if group is not None else family_of(self._pid, limits.processes)
        if self._is_crowd(family):  # first, for a crowd fills memory and uses time as well
            return "processes"
        if group is not None and group.oom_killed():
            return "memory"
        if self._is_busy and self._is_out_of_time():
            return "timeout"
        if self._folder is not None and self._looks % FOLDER_EVERY == 0:
            files, size = size_of_folder(self._folder, limits.files, limits.disk_mb * _MEGABYTE)
            if files > limits.files or size > limits.disk_mb * _MEGABYTE:
                return "disk"
        if group is not None and self._is_clearly_within(group):
            return None
        return self._judge_family(family)

    def _is_crowd(self, family: Sequence[int]) -> bool:
        return len(family) > self._limits.processes

    def _is_out_of_time(self) -> bool:
        limit = self._limits.cpu_seconds
        return limit is not None and self._cpu_seconds() - self._cpu_before > limit

    def _is_clearly_within(self, group: KernelGroup) -> bool:
        """Whether the group's own counts, which cost little to read, show that no sum can be too high."""
        limits = self._limits
        few = group.holds("pids") and group.tasks() <= limits.processes
        return few and group.holds("memory") and group.memory_bytes() <= limits.memory_mb * _MEGABYTE

    def _judge_family(self, family: Sequence[int]) -> Outcome | None:
        shares = [share_of(pid) for pid in family]
        if sum(share.threads for share in shares) > self._limits.threads:
            return "processes"
        memory = self._limits.memory_mb * _MEGABYTE
        with_inherited = memory + self._inherited_mb * _MEGABYTE
        resident = sum(share.resident_bytes for share in shares)
        self._peak_bytes = max(self._peak_bytes, resident)
        # What is shared counts once for each who holds it: too high a sum says that a closer look is due.
        if resident > with_inherited and sum(map(proportional_bytes, family)) > with_inherited:
            return "memory"
        if self._looks % MEMORY_FILES_EVERY == 0 and sum(map(held_bytes, family)) > memory:
            return "memory"
        return None

    def _cpu_seconds(self) -> float:
        if self._group is not None and self._group.holds("cpuacct"):
            return self._group.cpu_seconds()
        return cpu_seconds_of(family_of(self._pid))


class Watch:
    """One thread that looks at all kernels of this process, each in its time; none without kernels."""

    def __init__(self) -> None:
        self._next_look: dict[Supervisor, float] = {}
        self._changing = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, supervisor: Supervisor) -> None:
        with self._changing:
            self._next_look[supervisor] = 0.0
            # Also where this process is a fork of the one in which the thread ran.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="mltutor-supervisor", daemon=True)
                self._thread.start()
        self._wake.set()

    def hurry(self, supervisor: Supervisor) -> None:
        """Look within the interval of a busy kernel: an idle one becomes busy."""
        soon = time.monotonic() + INTERVAL
        with self._changing:
            if self._next_look.get(supervisor, 0.0) <= soon:
                return  # gone, or looked at soon enough: short executions in a row must not wake us each time
            self._next_look[supervisor] = soon
        self._wake.set()

    def remove(self, supervisor: Supervisor) -> None:
        with self._changing:
            self._next_look.pop(supervisor, None)
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.clear()
            with self._changing:
                now = time.monotonic()
                due = [supervisor for supervisor, when in self._next_look.items() if when <= now]
            for supervisor in due:
                try:
                    supervisor.look()
                except Exception:  # whatever it was, the others must still be looked at
                    _log.exception("A kernel could not be measured and is ended.")
                    supervisor.give_up()
            with self._changing:
                now = time.monotonic()
                for supervisor in due:
                    if supervisor in self._next_look:
                        self._next_look[supervisor] = now + supervisor.interval
                if not self._next_look:
                    self._thread = None
                    return
                delay = min(self._next_look.values()) - now
            self._wake.wait(max(0.0, delay))


_watch = Watch()
