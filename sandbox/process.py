"""The operating system's side of a sandbox: starting a process, its family, its certain end.

It owns one rule: what was started here is gone when its owner says so, or when the owner is.
Every sandbox is spawned from one thread that lives as long as the program, because Linux sends
the parent-death signal when the spawning *thread* ends.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import Any

MAX_FAMILY = 4096
MAX_ROUNDS = 20
_Order = tuple[Future[subprocess.Popen[bytes]], Sequence[str], dict[str, Any]]
_orders: SimpleQueue[_Order] = SimpleQueue()
_start_spawner = threading.Lock()
_TICKS = os.sysconf("SC_CLK_TCK")
_count = threading.Lock()
_spent = 0.0
_spawner: threading.Thread | None = None


def launch(
    command: Sequence[str],
    *,
    variables: Mapping[str, str],
    pass_fds: tuple[int, ...] = (),
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` with three pipes, a session of its own and no environment but `variables`."""
    global _spawner
    with _start_spawner:
        if _spawner is None or not _spawner.is_alive():
            _spawner = threading.Thread(target=_spawn_orders, name="mltutor-spawner", daemon=True)
            _spawner.start()
    future: Future[subprocess.Popen[bytes]] = Future()
    options = {"env": dict(variables), "pass_fds": pass_fds, "cwd": folder}
    _orders.put((future, list(command), options))
    return future.result()


def _spawn_orders() -> None:
    pipe = subprocess.PIPE
    while True:
        future, command, options = _orders.get()
        try:
            future.set_result(
                subprocess.Popen[bytes](
                    command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True, **options
                )
            )
        except BaseException as error:
            future.set_exception(error)


def children_of(pid: int) -> list[int]:
    """The direct children of all threads of `pid`; empty when it is gone."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            with contextlib.suppress(OSError):
                found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text("ascii").split())
    except OSError:
        return []
    return found


def family_of(pid: int, most: int = MAX_FAMILY) -> list[int]:
    """`pid` and its descendants, parents first; of a crowd, the first ones, a little more than `most`."""
    family = [pid]
    for member in family:
        family += children_of(member)
        if len(family) > most:
            break
    return family


def session_of(pid: int) -> list[int]:
    """The processes of the session that `pid` leads, also those that lost their parents."""
    members: list[int] = []
    for name in os.listdir("/proc"):  # noqa: PTH208
        with contextlib.suppress(OSError, IndexError):
            # After the command's closing parenthesis: state, parent, group, session.
            if name.isdigit() and int(_stat_fields(name)[3]) == pid:
                members.append(int(name))
    return members


def _stat_fields(pid: str) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()


def last_of_chain(pid: int) -> int:
    """Follow only children down from `pid`: bubblewrap's own processes, then the one it runs."""
    while len(children := children_of(pid)) == 1:
        pid = children[0]
    return pid


def signal_all(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def end(process: subprocess.Popen[bytes], seconds: float = 5.0) -> bool:
    """Kill `process`, its family and its session; true when none is left within `seconds`.

    In namespaces the first kill takes all. Without them a member may fork while it is being
    counted, so all are stopped first and counted again until no new one appears.
    """
    watched: dict[int, int | None] = {}
    for _ in range(MAX_ROUNDS):
        family = _all_of(process)
        grown = [pid for pid in family if pid not in watched]
        if not grown:
            break
        watched |= {pid: _open_pidfd(pid) for pid in grown}
        signal_all(grown, signal.SIGSTOP)
    # The process itself is waited for below, so that `getrusage` counts it.
    count_cpu_seconds([pid for pid in watched if pid != process.pid])
    signal_all(list(watched), signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    gone = _await_all([fd for fd in watched.values() if fd is not None], seconds)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()
    return gone and process.returncode is not None


def _all_of(process: subprocess.Popen[bytes]) -> set[int]:
    session = session_of(process.pid)
    if process.poll() is None:
        return {*family_of(process.pid), *session}
    # Once it has been waited for, its number may be a stranger's, and then leads a session again.
    return set() if process.pid in session else set(session)


def cpu_seconds() -> float:
    """CPU time of this process and of all sandboxes that it has ended, killed ones included."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return _spent + sum(usage.ru_utime + usage.ru_stime for usage in used)


def count_cpu_seconds(pids: Sequence[int]) -> None:
    """Add the time of processes about to be killed, and of their children that ended before them."""
    global _spent
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):  # it is gone, and its parent has its time
            # The name in brackets may hold spaces; user, system and both of waited children follow it.
            fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    with _count:
        _spent += ticks / _TICKS


def _open_pidfd(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def _await_all(pidfds: list[int], seconds: float) -> bool:
    gone = True
    for pidfd in pidfds:
        ready = select.select([pidfd], [], [], seconds)[0]
        gone = gone and bool(ready)
        os.close(pidfd)
    return gone
