"""Whether this machine lets us make control groups that hold, found by holding a process in one.

It owns one rule: a controller counts only after a small process was seen to be held by it. Which
folders exist says little: version 2 may be mounted with no controller, version 1 be read-only.
Sources: the Linux kernel's admin-guide/cgroup-v2.rst and admin-guide/cgroup-v1/.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sandbox.kernel_group import Controller, KernelGroup, Slot, read, remove_stale

CONTROLLERS: tuple[Controller, ...] = ("memory", "pids", "cpu", "cpuacct")
PROBE_MB = 16
PROBE_SECONDS = 20.0
_PROBE = f"""
import os, sys
sys.stdin.read(1)
try:
    child = os.fork()
    if child == 0: os._exit(0)
    os.waitpid(child, 0)
except OSError:
    print("held", flush=True)
if "memory" in sys.argv: b"x" * {4 * PROBE_MB * 2**20}
"""
_finding = threading.Lock()
_found: Cgroups | None = None


@dataclass(frozen=True)
class Cgroups:
    """What holds here. slots: each controller that does; missing: why each other does not."""

    slots: Mapping[Controller, Slot]
    missing: Mapping[Controller, str]


def find_cgroups() -> Cgroups:
    """The controllers that hold on this machine, probed once a process; what dead hosts left is removed."""
    global _found
    with _finding:
        if _found is None:
            own, mounts = (read(Path("/proc/self", name)) for name in ("cgroup", "mountinfo"))
            _found = probe_candidates(find_candidates(own, mounts))
        return _found


def open_group() -> KernelGroup | None:
    """A new group of all controllers that hold; None where none does, or no more can be made."""
    slots = find_cgroups().slots
    if not slots:
        return None
    try:
        return KernelGroup(slots)
    except OSError:
        return None  # the caller's own counting is what holds then


def find_candidates(own: str, mounts: str) -> list[dict[Controller, Slot]]:
    """Where groups might be made, best first: version 2 below us or beside us, then version 1.

    own, mounts: what /proc/self/cgroup and /proc/self/mountinfo say.
    """
    fields = [line.split(":", 2) for line in own.splitlines()]
    paths = {name: path for _, names, path in fields for name in names.split(",")}
    second: list[dict[Controller, Slot]] = []
    first: dict[Controller, Slot] = {}
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        root, point = before.split()[3:5]
        kind, _, options = after.split()[:3]
        if kind == "cgroup2" and (folder := _below(Path(point), root, paths.get("", "/"))):
            second.append(_controllers_of(folder))
            if folder != Path(point):
                # The groups beside ours have their controllers where systemd handed them to this user.
                second.append(_controllers_of(folder.parent, may_enable=False))
        elif kind == "cgroup":
            for name in set(CONTROLLERS) & set(options.split(",")):
                if folder := _below(Path(point), root, paths.get(name, "/")):
                    first.setdefault(name, Slot(1, folder))
    return [*second, first]


def probe_candidates(candidates: Sequence[Mapping[Controller, Slot]]) -> Cgroups:
    """Of each controller the first that holds."""
    slots: dict[Controller, Slot] = {}
    missing: dict[Controller, str] = dict.fromkeys(CONTROLLERS, "this machine offers no such controller")
    for offered in candidates:
        wanted: dict[Controller, Slot] = {name: slot for name, slot in offered.items() if name not in slots}
        remove_stale(slot.folder for slot in wanted.values())
        failures = _probe(wanted)
        slots.update((name, slot) for name, slot in wanted.items() if name not in failures)
        missing |= failures
    return Cgroups(slots, {name: why for name, why in missing.items() if name not in slots})


def _below(point: Path, root: str, path: str) -> Path | None:
    """The folder of group `path` in a hierarchy whose group `root` is mounted at `point`."""
    inside = PurePosixPath(path)
    if ".." in inside.parts or not inside.is_relative_to(root):
        return None  # what is mounted is another part of the hierarchy than ours
    return point / inside.relative_to(root)


def _controllers_of(folder: Path, *, may_enable: bool = True) -> dict[Controller, Slot]:
    """The version 2 controllers that groups made in `folder` have."""
    offered = read(folder / "cgroup.controllers").split()
    for name in offered if may_enable else []:
        if name in CONTROLLERS and name not in read(folder / "cgroup.subtree_control").split():
            with contextlib.suppress(OSError):  # it stays without, as for any group with processes of its own
                (folder / "cgroup.subtree_control").write_text(f"+{name}", encoding="ascii")
    enabled = read(folder / "cgroup.subtree_control").split()
    found: dict[Controller, Slot] = {name: Slot(2, folder) for name in CONTROLLERS if name in enabled}
    if found:
        found["cpuacct"] = Slot(2, folder)  # counted in every group, also without a controller for it
    return found


def _probe(wanted: Mapping[Controller, Slot]) -> dict[Controller, str]:
    """Hold a small process in a group; why each controller failed to, nothing for those that held."""
    failures: dict[Controller, str] = {}
    for name, slot in wanted.items():
        try:
            KernelGroup({name: slot}).close()
        except OSError as error:
            failures[name] = f"{slot.folder}: {error.strerror}"
    usable: dict[Controller, Slot] = {name: slot for name, slot in wanted.items() if name not in failures}
    if not usable:
        return failures
    group = KernelGroup(usable)
    try:
        return failures | _see_it_hold(group, list(usable))
    except OSError as error:
        return failures | dict.fromkeys(usable, f"{error.filename}: {error.strerror}")
    finally:
        group.close()


def _see_it_hold(group: KernelGroup, names: list[Controller]) -> dict[Controller, str]:
    """Let a process in `group` fork and then take memory, neither of which the limits allow."""
    failures: dict[Controller, str] = {}
    group.set(memory_mb=PROBE_MB, tasks=1, cores=0.5)
    if "cpu" in names and group.cores() != 0.5:
        failures["cpu"] = "the quota that was set reads otherwise"
    command = [sys.executable, "-I", "-S", "-c", _PROBE, *names]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as probe:
        try:
            group.add(probe.pid)
            said, _ = probe.communicate(b"1", timeout=PROBE_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            probe.kill()
            return dict.fromkeys(names, f"a process could not be held in it: {error}")
    if "pids" in names and said.strip() != b"held":
        failures["pids"] = "a process in a group for one was able to fork"
    if "memory" in names and not (probe.returncode == -signal.SIGKILL and group.oom_killed()):
        failures["memory"] = "a process took more memory than its group may"
    if "cpuacct" in names and group.cpu_seconds() <= 0:
        failures["cpuacct"] = "the time of a process was not counted"
    return failures
