"""The relay between a kernel's sockets and ours: whole bytes, bounded, no link followed, nothing left."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.relay import CHUNK, LONG_HEADER, Relay

ROOM = 1_000_000
WAIT = 30.0


class Ends:
    """A relay with one socket on each side of it, joined by number 1."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(folder / "k-1"))
        self.listener.listen()
        self.relay = Relay(str(folder / "k"), ROOM)
        self.ours, self.theirs = self.join()

    def join(self) -> tuple[socket.socket, socket.socket]:
        ours = socket.socket(socket.AF_UNIX)
        with self.relay.doors([1]) as path:
            ours.connect(f"{path}-1")
        theirs = self.listener.accept()[0]
        for end in (ours, theirs):
            end.settimeout(WAIT)
        return ours, theirs

    def close(self) -> None:
        self.relay.close()
        for end in (self.listener, self.ours, self.theirs):
            end.close()


@pytest.fixture
def ends() -> Iterator[Ends]:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are too long for a socket's path
        made = Ends(Path(folder))
        yield made
        made.close()


def receive(end: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = end.recv(count - len(data))
        assert part, f"it ended after {len(data)} bytes"
        data += part
    return data


def sending(end: socket.socket, data: bytes) -> threading.Thread:
    thread = threading.Thread(target=end.sendall, args=(data,))
    thread.start()
    return thread


def until(true: Callable[[], bool]) -> bool:
    done = threading.Event()
    return any(true() or done.wait(0.01) for _ in range(int(WAIT * 100))) and true()


def test_bytes_come_through_whole_in_both_directions(ends: Ends) -> None:
    there, back = os.urandom(700_000), os.urandom(3_000_000)
    threads = [sending(ends.theirs, there), sending(ends.ours, back)]
    assert receive(ends.ours, len(there)) == there
    assert receive(ends.theirs, len(back)) == back
    for thread in threads:
        thread.join()


def test_a_sender_waits_when_the_room_is_full_and_goes_on_when_there_is_some(ends: Ends) -> None:
    data = os.urandom(4 * ROOM)
    thread = sending(ends.theirs, data)
    got = b""

    def is_stuck() -> bool:
        """Whether no more comes, though all that came has been taken from the socket."""
        nonlocal got
        with contextlib.suppress(TimeoutError):
            got += ends.ours.recv(ROOM)
        return ends.relay.stuck_for(1) > 0.05

    ends.ours.settimeout(0.01)
    assert until(is_stuck)
    ends.ours.settimeout(WAIT)
    assert ROOM <= len(got) < ROOM + CHUNK, "no more than a chunk lies beyond the room"
    while len(got) < len(data):
        ends.relay.read(1, [bytes(ROOM - LONG_HEADER)])
        got += ends.ours.recv(ROOM)
    thread.join()
    assert got == data
    ends.relay.read(1, [data])
    assert until(lambda: ends.relay.stuck_for(1) == 0.0)


def test_the_end_of_one_side_comes_after_its_last_bytes_and_ends_the_other(ends: Ends) -> None:
    last = os.urandom(300_000)
    thread = sending(ends.theirs, last)
    thread.join()
    ends.theirs.close()
    assert receive(ends.ours, len(last)) == last
    assert ends.ours.recv(1) == b""


def test_our_end_gone_ends_theirs_and_a_new_one_is_joined_in_its_place(ends: Ends) -> None:
    ends.ours.close()
    assert ends.theirs.recv(1) == b""
    ends.theirs.close()
    ends.ours, ends.theirs = ends.join()
    ends.theirs.sendall(b"again")
    assert receive(ends.ours, 5) == b"again"


@pytest.mark.parametrize("put", ["link", "file", "nothing"])
def test_only_a_socket_itself_is_connected_to(ends: Ends, put: str) -> None:
    place, service = ends.folder / "k-1", ends.folder / "service"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(service))
        other.listen()
        other.settimeout(0.3)
        place.unlink()
        if put == "link":
            place.symlink_to(service)
        elif put == "file":
            place.write_text("")
        with socket.socket(socket.AF_UNIX) as ours, ends.relay.doors([1]) as path:
            ours.connect(f"{path}-1")
        with pytest.raises(TimeoutError):
            other.accept()


def test_a_folder_put_in_the_place_of_the_sockets_is_not_looked_into(ends: Ends) -> None:
    moved = ends.folder / "moved"
    moved.mkdir()
    ends.folder.rename(ends.folder.with_name(f"{ends.folder.name}-moved"))
    real = ends.folder.with_name(f"{ends.folder.name}-moved")
    try:
        ends.folder.mkdir()
        with socket.socket(socket.AF_UNIX) as impostor:
            impostor.bind(str(ends.folder / "k-1"))
            impostor.listen()
            impostor.settimeout(0.3)
            ours, theirs = ends.join()
            theirs.sendall(b"real")
            assert receive(ours, 4) == b"real"
            with pytest.raises(TimeoutError):
                impostor.accept()
            ours.close()
            theirs.close()
    finally:
        for path in ends.folder.iterdir():
            path.unlink()
        ends.folder.rmdir()
        real.rename(ends.folder)


def test_closing_leaves_no_thread_and_no_descriptor(ends: Ends) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    with tempfile.TemporaryDirectory() as folder:
        another = Ends(Path(folder))
        another.close()
        another.relay.close()
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
    assert [thread.name for thread in threading.enumerate()].count("mltutor-relay") == 1
