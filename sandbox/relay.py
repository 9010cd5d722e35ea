"""Carries bytes between a kernel's sockets and ours, and only so many ahead of what we have read.

It owns one rule: whatever a kernel sends, at most `room` bytes of each of its sockets lie unread in
this process. ZeroMQ bounds the parts of a message and not their number, and keeps a message until
its last part came; so what it is given is bounded here.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from pathlib import Path

CHUNK = 256 * 1024
CONNECT_SECONDS = 5.0
SHORT_FRAME, SHORT_HEADER, LONG_HEADER = 255, 2, 9  # of ZMTP 3.1, section 4.1 (rfc.zeromq.org/spec/37)


class Relay:
    """One thread between both ends of some sockets; `sockets` is the path that the kernel's begin with."""

    def __init__(self, sockets: str, room: int) -> None:
        self._path = path = Path(sockets)
        # Held from before any code of a learner's runs: a link put in its place later leads nowhere.
        self._folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._room = room
        self._links: dict[int, _Link] = {}
        self._changing = threading.Lock()
        self._wakes, self._wake = socket.socketpair()
        self._wakes.setblocking(False)
        self._wake.setblocking(False)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="mltutor-relay", daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def doors(self, numbers: Sequence[int]) -> Generator[str]:
        """A path to which the socket of each number may be connected, once, before the block ends."""
        with tempfile.TemporaryDirectory(prefix="mltutor-") as folder, contextlib.ExitStack() as open_doors:
            doors: dict[int, socket.socket] = {}
            for number in numbers:
                door = doors[number] = open_doors.enter_context(socket.socket(socket.AF_UNIX))
                door.bind(f"{folder}/k-{number}")
                door.listen(1)
                door.settimeout(CONNECT_SECONDS)
            yield f"{folder}/k"
            for number, door in doors.items():
                self._join(number, door.accept()[0])

    def read(self, number: int, frames: Sequence[bytes]) -> None:
        """Say that a message of these parts has been taken out of the socket of that number."""
        sizes = (len(frame) for frame in frames)
        taken = sum(size + (SHORT_HEADER if size <= SHORT_FRAME else LONG_HEADER) for size in sizes)
        with self._changing:
            link = self._links.get(number)
            if link is None:
                return
            was_full = link.ahead >= self._room
            link.ahead -= taken
        if was_full:
            self._rouse()

    def stuck_for(self, number: int) -> float:
        """Seconds since a message filled the room and did not end; 0 when there is room."""
        link = self._links.get(number)
        return time.monotonic() - link.full_since if link is not None and link.full_since is not None else 0.0

    def close(self) -> None:
        """End it; may be called again."""
        self._closed = True
        self._rouse()
        if self._thread.is_alive():
            self._thread.join()

    def _join(self, number: int, ours: socket.socket) -> None:
        theirs = self._connect(number)
        if theirs is None:
            ours.close()
            return
        ours.setblocking(False)
        theirs.setblocking(False)
        with self._changing:
            if (before := self._links.get(number)) is not None:
                before.close()
            self._links[number] = _Link(ours, theirs)
        self._rouse()

    def _connect(self, number: int) -> socket.socket | None:
        """The kernel's socket itself, no link in its place; None when there is none."""
        theirs = socket.socket(socket.AF_UNIX)
        theirs.settimeout(CONNECT_SECONDS)
        found = -1
        try:
            if sys.platform != "linux":
                theirs.connect(f"{self._path}-{number}")
                return theirs
            found = os.open(f"{self._path.name}-{number}", os.O_PATH | os.O_NOFOLLOW, dir_fd=self._folder)
            if not stat.S_ISSOCK(os.fstat(found).st_mode):
                raise FileNotFoundError(number)
            theirs.connect(f"/proc/self/fd/{found}")
        except OSError:
            theirs.close()
            return None
        finally:
            if found >= 0:
                os.close(found)
        return theirs

    def _rouse(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            self._wake.send(b"x")

    def _run(self) -> None:
        try:
            while not self._closed:
                self._step()
        finally:
            for link in self._links.values():
                link.close()
            self._wakes.close()
            self._wake.close()
            os.close(self._folder)

    def _step(self) -> None:
        with self._changing:
            links = list(self._links.values())
            watched = {self._wakes.fileno(): select.POLLIN}
            for link in links:
                watched |= link.wanted(self._room)
        poll = select.poll()
        for descriptor, events in watched.items():
            if events:  # with none, the end of a socket that must wait would be told again and again
                poll.register(descriptor, events)
        ready = dict(poll.poll())
        if self._wakes.fileno() in ready:
            with contextlib.suppress(BlockingIOError):
                self._wakes.recv(CHUNK)
        for link in links:
            with self._changing:
                link.move(ready)


class _Link:
    """Two connected sockets. ahead: bytes given to ours that are not known to have been read."""

    def __init__(self, ours: socket.socket, theirs: socket.socket) -> None:
        self.ahead = 0
        self.full_since: float | None = None
        self._ours, self._theirs = ours, theirs
        self._to_us, self._to_them = b"", b""
        self._is_open = True

    def wanted(self, room: int) -> dict[int, int]:
        """What to poll for."""
        if not self._is_open:
            return {}
        may_read = not self._to_us and self.ahead < room
        if self.ahead >= room and not self._to_us:
            self.full_since = self.full_since or time.monotonic()
        else:
            self.full_since = None
        ours = (0 if self._to_them else select.POLLIN) | (select.POLLOUT if self._to_us else 0)
        theirs = (select.POLLIN if may_read else 0) | (select.POLLOUT if self._to_them else 0)
        return {self._ours.fileno(): ours, self._theirs.fileno(): theirs}

    def move(self, ready: dict[int, int]) -> None:
        """Pass on what can be, and let both go when one of them has ended."""
        if not self._is_open:
            return
        ours, theirs = (ready.get(end.fileno(), 0) for end in (self._ours, self._theirs))
        try:
            if theirs & select.POLLIN:
                self._to_us = self._take(self._theirs)
            if ours & select.POLLIN:
                self._to_them = self._take(self._ours)
            if self._to_us:
                sent = self._give(self._ours, self._to_us)
                self.ahead, self._to_us = self.ahead + sent, self._to_us[sent:]
            if self._to_them:
                self._to_them = self._to_them[self._give(self._theirs, self._to_them) :]
            if ours & select.POLLHUP or (ours | theirs) & select.POLLERR or self._has_ended(theirs):
                self.close()
        except OSError:  # an end that was reset, or is closed for good
            self.close()

    def close(self) -> None:
        self._is_open = False
        self._ours.close()
        self._theirs.close()

    def _has_ended(self, theirs: int) -> bool:
        """Hung up, with nothing left of what it had sent."""
        return bool(theirs & select.POLLHUP) and not theirs & select.POLLIN and not self._to_us

    @staticmethod
    def _take(end: socket.socket) -> bytes:
        data = end.recv(CHUNK)
        if not data:
            raise ConnectionResetError
        return data

    @staticmethod
    def _give(end: socket.socket, data: bytes) -> int:
        try:
            return end.send(data)
        except BlockingIOError:
            return 0
