"""A process that a zygote forked, seen from the host: its number, its folders, its certain end.

It owns one rule: the host holds the process by a pidfd that came from the process itself, so no
signal meets a stranger; and its end takes its whole PID namespace with it.
"""

from __future__ import annotations

import array
import contextlib
import json
import os
import select
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from sandbox.process import count_cpu_seconds, family_of
from tutor_error import TutorError

LINE_BYTES = 64 * 1024
MAX_COUNTED = 64  # processes: to count a crowd's time would let it go on
_DESCRIPTORS = 4


class BrokenFork(TutorError):
    """The fork ended or failed before it was ready."""

    def __init__(self, why: str) -> None:
        self.why = why
        remedy = "`mltutor doctor` shows what this machine can isolate."
        super().__init__("kernel-failed", f"The sandbox did not start: {why}.", remedy)


class Fork:
    """The first process of its own PID namespace, and what the host holds of it.

    home, workspace: descriptors of its folders. pid: its number on this machine.
    """

    def __init__(self, order: socket.socket, seconds: float) -> None:
        """Await its birth on the socket `order`, which this object then owns."""
        self._order = order
        self._read = b""
        self._pidfd = -1
        self.returncode: int | None = None
        self.home = self.workspace = -1
        try:
            self._await_line("born", time.monotonic() + seconds)
        except BaseException:
            self.close()
            raise

    def await_ready(self, seconds: float) -> None:
        self._await_line("ready", time.monotonic() + seconds)

    def arm(
        self,
        order: Mapping[str, Any],
        files: Mapping[str, bytes],
        descriptors: Sequence[int],
        seconds: float,
    ) -> None:
        """Hand over the one order that makes it work, with the contents of `files`."""
        line = json.dumps({**order, "files": [(name, len(body)) for name, body in files.items()]})
        self._order.settimeout(seconds)
        try:
            socket.send_fds(self._order, [line.encode("ascii") + b"\n"], list(descriptors))
            for body in files.values():
                self._order.sendall(body)
        except (OSError, TimeoutError):
            with contextlib.suppress(BrokenFork):
                self.await_ready(1.0)  # its last words say more than a broken pipe
            raise
        self.await_ready(seconds)

    def poll(self) -> int | None:
        """How the kernel's process ended (negative: by that signal), None while it lives."""
        if self.returncode is None and self._order.fileno() >= 0:
            said = self._read_now()
            if type(said.get("exit")) is int:
                self.returncode = said["exit"]
            elif self._is_gone(0.0):
                self.returncode = -int(signal.SIGKILL)
        return self.returncode

    def end(self, seconds: float = 5.0) -> bool:
        """Kill the namespace; true when nothing of it is left within `seconds`."""
        if self._pidfd < 0:
            return True
        count_cpu_seconds(family_of(self.pid, MAX_COUNTED))
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        gone = self._is_gone(seconds)
        if self.returncode is None:
            self.returncode = -int(signal.SIGKILL)
        return gone

    def close(self) -> None:
        """End it and let go of all that is held of it. May be called again."""
        self.end()
        self._order.close()
        for name in ("_pidfd", "home", "workspace"):
            if getattr(self, name) >= 0:
                os.close(getattr(self, name))
                setattr(self, name, -1)

    def _is_gone(self, seconds: float) -> bool:
        return bool(select.select([self._pidfd], [], [], seconds)[0])

    def _await_line(self, word: str, deadline: float) -> None:
        while b"\n" not in self._read:
            self._order.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                data = self._receive()
            except TimeoutError:
                raise BrokenFork("it did not answer in time") from None
            except ConnectionError:
                data = b""
            if not data or len(self._read) > LINE_BYTES:
                raise BrokenFork("its process ended before it was ready")
            self._read += data
        line, _, self._read = self._read.partition(b"\n")
        said = _parse(line)
        if word not in said or self._pidfd < 0:
            told = str(said.get("failed", "")).strip().splitlines()
            raise BrokenFork(told[-1] if told else "it spoke out of turn")

    def _receive(self) -> bytes:
        """Some bytes; descriptors that came with them are those told at birth."""
        size = array.array("i").itemsize
        data, ancillary, *_ = self._order.recvmsg(
            LINE_BYTES, socket.CMSG_SPACE(_DESCRIPTORS * size), socket.MSG_CMSG_CLOEXEC
        )
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                told = array.array("i", content[: len(content) - len(content) % size])
                if len(told) != 3 or self._pidfd >= 0:
                    for descriptor in told:
                        os.close(descriptor)
                    raise BrokenFork("it spoke out of turn")
                self._pidfd, self.home, self.workspace = told
                self.pid = _pid_of(self._pidfd)
        return data

    def _read_now(self) -> dict[str, Any]:
        self._order.setblocking(False)
        with contextlib.suppress(BlockingIOError, ConnectionError):
            self._read += self._order.recv(LINE_BYTES)
        line, newline, _ = self._read.partition(b"\n")
        return _parse(line) if newline else {}


def _parse(line: bytes) -> dict[str, Any]:
    """The object of a line; an empty one when it is no object."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", said) if type(said) is dict else {}


def _pid_of(pidfd: int) -> int:
    """The number, on this machine, of the process that a pidfd from another namespace refers to."""
    lines = Path(f"/proc/self/fdinfo/{pidfd}").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("Pid:")).split()[1])
