"""A copy of what a client named by path, taken once: what is judged or run is what was checked.

The rule owned here: for a client that is no front end of ours, nothing downstream opens the client's own
path; it reads a private copy of the regular files there, within bounds.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from mcp_server.context import ServerContext
from mcp_server.roots import is_closed, open_below, outside, read_regular, root_of
from mcp_server.workspace import MARK
from tutor_error import TutorError

MOST_FILES, MOST_BYTES, DEEPEST = 400, 32 * 1024 * 1024, 12
LARGEST = 8 * 1024 * 1024
_SKIPPED = frozenset({"__pycache__", "node_modules", "venv", "site-packages"})


@contextmanager
def snapshot(context: ServerContext, place: Path, *, beside: bool = False) -> Generator[Path]:
    """`place` as it may be read for the length of the block: itself for a front end of ours, else a copy.

    beside: with the files of its folder, and in a workspace of those below. Errors name the path that the
    client gave. TutorError `missing-file`, `unreadable-file`, `huge-file`, `outside-roots`.
    """
    if context.roots is None:
        yield place
        return
    with tempfile.TemporaryDirectory(prefix="mltutor-") as folder:
        top = Path(folder).resolve()
        copy = top / (place.name or "root")
        try:
            _copy(context, place, copy, beside)
            yield copy
        except TutorError as error:
            true = [text.replace(str(copy), str(place)).replace(str(top), str(place.parent)) for text in
                    (error.message, error.remedy)]  # fmt: skip
            raise TutorError(error.code, *true) from error.__cause__


def _copy(context: ServerContext, place: Path, copy: Path, beside: bool) -> None:
    opened = open_below(context, place)
    try:
        status = os.fstat(opened)
        if stat.S_ISDIR(status.st_mode):
            _Copier(context).take_folder(opened, place, copy, below=True)
            return
        if not stat.S_ISREG(status.st_mode):
            raise TutorError("unreadable-file", f"{place} is no regular file.", "Name a .py or .ipynb file.")
        if status.st_size > LARGEST:
            raise TutorError("huge-file", f"{place} is larger than {LARGEST // 2**20} MB.", "Split it.")
        copy.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.dup(opened), "rb") as file:
            copy.write_bytes(file.read(LARGEST + 1))
    finally:
        os.close(opened)
    if beside:
        _copy_beside(context, place, copy)


def _copy_beside(context: ServerContext, place: Path, copy: Path) -> None:
    if root_of(context, place.parent) is None:
        raise outside(context, place)
    folder = open_below(context, place.parent)
    try:
        below = read_regular(folder, MARK, 65_536) is not None
        _Copier(context).take_folder(folder, place.parent, copy.parent, below)
    finally:
        os.close(folder)


class _Copier:
    """Copies regular files out of open folders; what does not fit is left, as a run leaves it."""

    def __init__(self, context: ServerContext) -> None:
        self._context = context
        self._files, self._room = 0, MOST_BYTES

    def take_folder(self, folder: int, place: Path, target: Path, below: bool, depth: int = 0) -> None:
        target.mkdir(parents=True, exist_ok=True)
        for name in sorted(os.listdir(folder)):
            if self._files >= MOST_FILES or (name.startswith(".") and name != MARK):
                continue
            kind = _kind(folder, name)
            if stat.S_ISREG(kind) and not (target / name).exists():
                self._take_file(folder, name, target)
            elif stat.S_ISDIR(kind) and below and depth < DEEPEST and self._is_open(place / name):
                self._take_inner(folder, name, place / name, target / name, depth + 1)

    def _is_open(self, place: Path) -> bool:
        return place.name not in _SKIPPED and not is_closed(self._context, place)

    def _take_inner(self, folder: int, name: str, place: Path, target: Path, depth: int) -> None:
        try:
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        except OSError:  # it may not be read, or is no folder any more: left, as a link is
            return
        try:
            self.take_folder(inner, place, target, True, depth)
        finally:
            os.close(inner)

    def _take_file(self, folder: int, name: str, target: Path) -> None:
        content = read_regular(folder, name, min(LARGEST, self._room))
        if content is not None:
            (target / name).write_bytes(content)
            self._files += 1
            self._room -= len(content)


def _kind(folder: int, name: str) -> int:
    """What a name stands for, links not followed; 0 for one that is gone by now."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return 0
