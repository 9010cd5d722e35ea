"""A sandbox's own folder, seen from the host through a descriptor that outlives the sandbox.

It owns one rule: what the learner's process left there is read as a stranger's. Only regular
files below the folder are copied out, no link is followed, and sizes are capped.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import PurePosixPath

MAX_KEPT = 50
MAX_KEPT_BYTES = 32 * 1024 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def open_folder(path: str) -> int:
    """A descriptor of `path`, which must be a folder and no link."""
    return os.open(path, _FOLDER)


def read_kept(folder: int, names: Iterable[str]) -> dict[str, bytes]:
    """The named files that exist below the descriptor `folder`, by name.

    Left out: links, devices and pipes, what is missing, and what goes over the caps.
    """
    kept: dict[str, bytes] = {}
    room = MAX_KEPT_BYTES
    for name in list(names)[:MAX_KEPT]:
        content = _read_regular(folder, PurePosixPath(name).parts, room)
        if content is not None:
            kept[name] = content
            room -= len(content)
    return kept


def _read_regular(folder: int, parts: tuple[str, ...], room: int) -> bytes | None:
    if not parts or any(part in ("/", "..") for part in parts):
        return None
    opened: list[int] = []
    try:
        for part in parts[:-1]:
            opened.append(os.open(part, _FOLDER, dir_fd=opened[-1] if opened else folder))
        opened.append(os.open(parts[-1], _FILE, dir_fd=opened[-1] if opened else folder))
        found = os.fstat(opened[-1])
        if not stat.S_ISREG(found.st_mode) or found.st_size > room:
            return None
        return _read_bounded(opened[-1], room)
    except OSError:
        return None
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _read_bounded(descriptor: int, room: int) -> bytes | None:
    """All of a file that may still be growing; None once it is over `room`."""
    pieces: list[bytes] = []
    while piece := os.read(descriptor, 1024 * 1024):
        room -= len(piece)
        if room < 0:
            return None
        pieces.append(piece)
    return b"".join(pieces)
