"""A control group for one kernel, in version 2 or 1: limits that no process of it can leave.

It owns one rule: a group that is closed is gone, and so is every process that was left in it.
Sources: the Linux kernel's admin-guide/cgroup-v2.rst and admin-guide/cgroup-v1/.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import select
import signal
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Controller = Literal["memory", "pids", "cpu", "cpuacct"]
PERIOD = 100_000  # microseconds, the kernel's default
CLOSE_ROUNDS = 200
STALE_ROUNDS = 10  # a group may be another machine's view of ours, and in use
_MEGABYTE = 1024 * 1024
_NAME = re.compile(r"mltutor-(\d+)-\d+")
_numbers = itertools.count()
_pause = threading.Event()  # never set


@dataclass(frozen=True)
class Slot:
    """Where groups of a controller can be made: a folder of a hierarchy, and its version."""

    version: Literal[1, 2]
    folder: Path


class KernelGroup:
    """A group of processes, one folder in each hierarchy. Raises OSError when it cannot be made."""

    def __init__(self, slots: Mapping[Controller, Slot]) -> None:
        self.name = ""
        parents = list(dict.fromkeys(slot.folder for slot in slots.values()))
        while not self._make(parents, f"mltutor-{os.getpid()}-{next(_numbers)}"):
            pass
        self._slots = {name: Slot(slot.version, slot.folder / self.name) for name, slot in slots.items()}
        self._folders = [folder / self.name for folder in parents]

    def _make(self, parents: Sequence[Path], name: str) -> bool:
        """False where an earlier process with our number left a group of that name."""
        made: list[Path] = []
        try:
            for parent in parents:
                (parent / name).mkdir()
                made.append(parent / name)
        except OSError as error:
            for folder in made:
                folder.rmdir()
            if isinstance(error, FileExistsError):
                return False
            raise
        self.name = name
        return True

    def holds(self, controller: Controller) -> bool:
        return controller in self._slots

    def set(
        self, *, memory_mb: int | None = None, tasks: int | None = None, cores: float | None = None
    ) -> None:
        """Set limits, each where its controller is there. tasks: threads, over all its processes."""
        if memory_mb is not None and (slot := self._slots.get("memory")):
            _set_memory(slot, memory_mb * _MEGABYTE)
        if tasks is not None and (slot := self._slots.get("pids")):
            _write(slot.folder / "pids.max", str(tasks))
        if cores is not None and (slot := self._slots.get("cpu")):
            _set_quota(slot, round(cores * PERIOD))

    def cores(self) -> float | None:
        """The limit of processors that holds, None without one."""
        slot = self._slots.get("cpu")
        if slot is None:
            return None
        if slot.version == 2:
            quota, period = read(slot.folder / "cpu.max").split()
        else:
            quota, period = (read(slot.folder / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
        return None if quota.strip() in ("max", "-1") else int(quota) / int(period)

    def add(self, pid: int) -> None:
        """Move a process, with all its threads, into the group; nothing for one that has ended."""
        for folder in self._folders:
            with contextlib.suppress(ProcessLookupError):
                _write(folder / "cgroup.procs", str(pid))

    def members(self) -> list[int]:
        found: set[int] = set()
        for folder in self._folders:
            found.update(map(int, read(folder / "cgroup.procs").split()))
        return sorted(found - {0})  # zero stands for a process that this namespace cannot name

    def memory_bytes(self) -> int:
        """All that is charged to it: memory, files in memory, the page cache. 0 when unknown."""
        slot = self._slots.get("memory")
        if slot is None:
            return 0
        return int(
            read(slot.folder / ("memory.usage_in_bytes" if slot.version == 1 else "memory.current")) or 0
        )

    def peak_bytes(self) -> int:
        """The most that was charged to it at a time; 0 when unknown."""
        slot = self._slots.get("memory")
        if slot is None:
            return 0
        name = "memory.max_usage_in_bytes" if slot.version == 1 else "memory.peak"
        return int(read(slot.folder / name) or 0)

    def tasks(self) -> int:
        """Threads of all its processes; 0 when unknown."""
        slot = self._slots.get("pids")
        return int(read(slot.folder / "pids.current") or 0) if slot else 0

    def cpu_seconds(self) -> float:
        """CPU time of all members since they joined, also of those that ended; 0 when unknown."""
        slot = self._slots.get("cpuacct")
        if slot is None:
            return 0.0
        if slot.version == 2:
            return _fields(slot.folder / "cpu.stat").get("usage_usec", 0) / 1e6
        return int(read(slot.folder / "cpuacct.usage") or 0) / 1e9

    def oom_killed(self) -> bool:
        """Whether the kernel killed a member because the group was over its memory."""
        slot = self._slots.get("memory")
        if slot is None:
            return False
        name = "memory.oom_control" if slot.version == 1 else "memory.events"
        return _fields(slot.folder / name).get("oom_kill", 0) > 0

    def close(self) -> bool:
        """Kill what is left in it and remove it; true when it is gone. May be called again."""
        return _remove(self._folders, CLOSE_ROUNDS)


def remove_stale(parents: Iterable[Path]) -> None:
    """Remove the groups of hosts that have ended, with what is left in them."""
    for parent in set(parents):
        with contextlib.suppress(OSError):  # gone meanwhile, or not ours to read
            for folder in list(parent.iterdir()):
                owner = _NAME.fullmatch(folder.name)
                if owner and not Path("/proc", owner[1]).exists():
                    _remove([folder], STALE_ROUNDS)


def _remove(folders: list[Path], rounds: int) -> bool:
    left = list(folders)
    for _ in range(rounds):
        for folder in list(left):
            _kill_members(folder)
            try:
                folder.rmdir()
            except FileNotFoundError:
                left.remove(folder)
            except OSError:
                continue  # a member is on its way out
            else:
                left.remove(folder)
        if not left:
            return True
        _pause.wait(0.01)  # the kernel tells of a process's end a moment before it leaves its group
    return False


def _kill_members(folder: Path) -> None:
    listed = read(folder / "cgroup.procs").split()
    opened: dict[str, int] = {}
    for pid in set(listed) - {"0"}:
        with contextlib.suppress(OSError):
            opened[pid] = os.pidfd_open(int(pid))
    if not opened:
        return
    # Read again: what is still a member was one when its descriptor was opened, and no stranger.
    members = set(read(folder / "cgroup.procs").split())
    for pid, descriptor in opened.items():
        with contextlib.suppress(ProcessLookupError):
            if pid in members:
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    for pid, descriptor in opened.items():
        if pid in members:
            select.select([descriptor], [], [], 1.0)
        os.close(descriptor)


def _set_memory(slot: Slot, size: int) -> None:
    if slot.version == 2:
        _write(slot.folder / "memory.max", str(size))
        _write_if_there(slot.folder / "memory.swap.max", "0")
        _write_if_there(slot.folder / "memory.oom.group", "1")
        return
    _write(slot.folder / "memory.limit_in_bytes", str(size))
    _write_if_there(slot.folder / "memory.memsw.limit_in_bytes", str(size))


def _set_quota(slot: Slot, microseconds: int) -> None:
    if slot.version == 2:
        _write(slot.folder / "cpu.max", f"{microseconds} {PERIOD}")
        return
    _write(slot.folder / "cpu.cfs_period_us", str(PERIOD))
    _write(slot.folder / "cpu.cfs_quota_us", str(microseconds))


def _write_if_there(path: Path, text: str) -> None:
    """A kernel built or started without swap accounting lacks the file."""
    if path.exists():
        _write(path, text)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="ascii")


def read(path: Path) -> str:
    """The file's content; nothing where the group has gone."""
    try:
        return path.read_text(encoding="ascii")
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENODEV):
            return ""
        raise


def _fields(path: Path) -> dict[str, int]:
    return {name: int(number) for name, number in (line.split() for line in read(path).splitlines())}
