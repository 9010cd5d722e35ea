"""Claims on something scarce: files in a folder that all processes of the user share.

It owns one rule: a claim counts while the file lock on it is held, and the kernel lets go of a lock
when its holder ends in whatever way. So nothing has to be swept up after a crash; and the number in
a claim's name says who came first.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import threading
import time
from collections.abc import Generator
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tutor_error import TutorError

_TABLE = "table.lock"
_TABLE_SECONDS = 5.0
_TABLE_POLL = 0.01
_LONGEST = 64 * 1024


class Claim(BaseModel):
    """What a claim's file tells. wants: UUIDs it would take; holds: UUID to MiB, None for all of it.

    since: when it got what it holds, or else when it came. `holds` is empty while it waits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pid: int
    host: str
    purpose: str
    since: datetime
    wants: tuple[str, ...]
    holds: dict[str, int | None] = {}

    def __str__(self) -> str:
        where = "" if self.host == socket.gethostname() else f" on {self.host}"
        return f"process {self.pid}{where} since {self.since:%H:%M} UTC ({self.purpose})"


@contextlib.contextmanager
def table(folder: Path, code: str = "gpu-busy") -> Generator[None]:
    """Alone with the claims: held for the moment of reading and writing them.

    Raises TutorError `code` when another process does not let go of them.
    """
    descriptor = os.open(folder / _TABLE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + _TABLE_SECONDS
        pause = threading.Event()
        while not _may_lock(descriptor):
            if time.monotonic() > deadline:
                raise TutorError(
                    code,
                    f"Another process keeps {folder / _TABLE} locked; it may have been halted.",
                    f"`lsof {folder / _TABLE}` names it.",
                )
            pause.wait(_TABLE_POLL)
        yield
    finally:
        os.close(descriptor)


def enqueue(folder: Path, claim: Claim, code: str = "gpu-busy") -> tuple[Path, int]:
    """A file behind all others, locked by this process before anyone can take it for a dead one's.

    Raises TutorError `code` as `table` does.
    """
    with table(folder, code):
        last = max((int(path.stem) for path in folder.glob("*.claim")), default=0)
        path = folder / f"{last + 1:012d}.claim"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            write(descriptor, claim)
        except BaseException:
            drop(path, descriptor)
            raise
    return path, descriptor


def living(folder: Path, own: Path | None = None) -> dict[Path, Claim]:
    """All claims but one's `own` whose holders live, in order; the files of the dead are removed."""
    claims: dict[Path, Claim] = {}
    for path in sorted(folder.glob("*.claim")):
        if path == own:
            continue
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:  # given back this moment
            continue
        try:
            if _may_lock(descriptor):
                path.unlink(missing_ok=True)
            else:
                claims[path] = _read(path, descriptor)
        finally:
            os.close(descriptor)
    return claims


def _may_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write(descriptor: int, claim: Claim) -> None:
    """Let one's own claim say something else; only with the `table`."""
    content = claim.model_dump_json().encode()
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, content, 0)


def _read(path: Path, descriptor: int) -> Claim:
    try:
        return Claim.model_validate_json(os.pread(descriptor, _LONGEST, 0))
    except ValidationError:
        raise TutorError(
            "broken-lease",
            f"{path} is held by a living process and cannot be read as a lease.",
            f"`lsof {path}` names the process; end it if it is a tutor of another version.",
        ) from None


def drop(path: Path, descriptor: int) -> None:
    """Give up one's own claim."""
    path.unlink(missing_ok=True)
    os.close(descriptor)
