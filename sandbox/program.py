"""A file that the user wants to run, and what lies beside it.

It owns one rule: what cannot be run is told before anything starts, with what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tutor_error import TutorError, did_you_mean

MAX_PROGRAM = 2 * 1024 * 1024
MAX_BESIDE = 200
MAX_BESIDE_BYTES = 32 * 1024 * 1024
WORKSPACE_MARK = ".mltutor.toml"
_SUFFIXES = (".py", ".ipynb")


@dataclass(frozen=True)
class Program:
    """name: the file to run; files: it and its companions, by their path in the workspace."""

    name: str
    files: dict[str, bytes]


def read_program(path: Path) -> Program:
    """The program at `path` with the files beside it, which it may import or open.

    Beside it: regular files of the same folder, in a workspace of ours also of its subfolders,
    hidden ones and links left out, up to 200 files and 32 MB. Raises TutorError `missing-file`,
    `unrunnable-file`, `unreadable-file`, `huge-file`, `binary-file` or `empty-file`.
    """
    content = _read_source(path)
    files = {path.name: content}
    room = MAX_BESIDE_BYTES
    for companion in _companions(path):
        if len(files) > MAX_BESIDE:
            break
        if companion.stat().st_size <= room:
            files[companion.relative_to(path.parent).as_posix()] = companion.read_bytes()
            room -= companion.stat().st_size
    return Program(path.name, files)


def _read_source(path: Path) -> bytes:
    if path.is_dir():
        raise TutorError("unrunnable-file", f"{path} is a folder.", "Name the .py or .ipynb file in it.")
    if not path.exists():
        beside = [found.name for found in path.parent.glob("*")] if path.parent.is_dir() else []
        raise TutorError("missing-file", f"There is no file {path}.", did_you_mean(path.name, beside))
    if path.suffix not in _SUFFIXES:
        raise TutorError(
            "unrunnable-file", f"{path.name} is neither .py nor .ipynb.", "Rename it, or convert it."
        )
    if not path.is_file():
        raise TutorError("unreadable-file", f"{path} is no regular file.", "Name a .py or .ipynb file.")
    if path.stat().st_size > MAX_PROGRAM:
        raise TutorError("huge-file", f"{path.name} is larger than 2 MB.", "Clear its outputs, or split it.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TutorError(
            "unreadable-file", f"{path} cannot be read: {error.strerror}.", f"ls -l {path} shows why."
        ) from None
    return _check_text(path, content)


def _check_text(path: Path, content: bytes) -> bytes:
    if b"\0" in content:
        raise TutorError("binary-file", f"{path.name} is not text.", "Name a .py or .ipynb file.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TutorError(
            "binary-file", f"{path.name} is not UTF-8 text (byte {error.start}).", "Save it as UTF-8."
        ) from None
    if not text.strip():
        raise TutorError("empty-file", f"{path.name} is empty.", "Write something in it, then run it again.")
    return content


def _companions(path: Path) -> Iterator[Path]:
    folder = path.parent
    found = folder.rglob("*") if (folder / WORKSPACE_MARK).exists() else folder.glob("*")
    for companion in sorted(found):
        parts = companion.relative_to(folder).parts
        hidden = any(part.startswith((".", "__")) for part in parts)
        if companion != path and not hidden and not companion.is_symlink() and companion.is_file():
            yield companion
