"""The files of a pack: which they are, and a copy of them that is nothing else.

The rule owned here: a stranger's folder is met with bounds. Regular files alone, of plain names, of
bounded number and size; no link is followed, and nothing outside the folder is opened.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.content_file import broken, read_text, read_yaml

PACK = "pack.yaml"
MISCONCEPTIONS = "misconceptions.yaml"
FOLDERS = ("lessons", "projects", "cases")
MAX_FILES, MAX_BYTES = 1_000, 30_000_000
MAX_FILE_BYTES, MAX_TEXT_BYTES, MAX_DEPTH = 2_000_000, 500_000, 6
_TEXTS = frozenset({".md", ".yaml", ".yml", ".py", ".txt", ".ipynb", ".csv", ".json", ".toml"})
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_BESIDE = re.compile(r"(?:README|LICENSE|NOTICE|CHANGELOG)(?:\.md|\.txt)?")
# Everything that moves a terminal's cursor or the order of letters, and has no place in a text.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def list_files(root: Path) -> list[str]:
    """The names, below `root`, of a pack's files, sorted; hidden ones and byte code are no part of it.

    Raises TutorError `broken-content` for a link, a pipe or device, an odd name, too much.
    """
    found: list[str] = []
    seen: dict[str, str] = {}
    total = 0
    for name, size in _walk(root, root, 0):
        twin = seen.setdefault(name.casefold(), name)
        if twin != name:
            raise broken(root / name, f"is `{twin}` too, where case does not count", "Rename one of them.")
        limit = MAX_TEXT_BYTES if Path(name).suffix in _TEXTS else MAX_FILE_BYTES
        if size > limit:
            raise broken(root / name, f"is {size:,} bytes; at most {limit:,} are read", "Make it smaller.")
        total += size
        found.append(name)
        if len(found) > MAX_FILES or total > MAX_BYTES:
            most = f"{MAX_FILES:,} files or {MAX_BYTES // 1_000_000} MB"
            raise broken(root, f"holds more than {most}", "Split it into two packs.")
    return sorted(found)


def copy_files(root: Path, names: list[str], target: Path) -> None:
    """Copy the files `names` of a pack into a new folder; none is executable there.

    Raises TutorError `broken-content` for a file that is another since it was listed.
    """
    for name in names:
        content = _read_regular(root, name)
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)


def check_texts(root: Path) -> None:
    """That what a terminal will show of a pack is text, as it lies there and as YAML spells it."""
    for name in list_files(root):
        path = root / name
        if path.suffix in _TEXTS or "." not in path.name:
            refuse_controls(read_text(path), path)
        if path.suffix in (".yaml", ".yml"):
            refuse_controls(read_yaml(path), path)


def refuse_controls(value: Any, path: Path) -> None:
    """That no text inside a YAML value moves the cursor of the terminal that will show it."""
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and (found := _CONTROLS.search(one)):
            code = f"U+{ord(found.group()):04X}"
            raise broken(path, f"holds the control character {code}", "Take it out.")
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(one, list):
            waiting += one


def _walk(root: Path, folder: Path, depth: int) -> Iterator[tuple[str, int]]:
    """(name below the root, bytes) of each file, links looked at and never followed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise broken(folder, f"cannot be read ({error.strerror})", "Check its permissions.") from None
    for entry in entries:
        if _is_left_out(entry.name, depth):
            continue
        path = Path(entry.path)
        mode = entry.stat(follow_symlinks=False)
        if stat.S_ISLNK(mode.st_mode):
            raise broken(path, "is a link; a pack holds files of its own", "Put the file itself there.")
        if not _NAME.fullmatch(entry.name):
            raise broken(path, "has a name of other than letters, digits, _ . and -", "Rename it.")
        if stat.S_ISDIR(mode.st_mode):
            if depth == MAX_DEPTH:
                raise broken(path, f"lies more than {MAX_DEPTH} folders deep", "Move it up.")
            yield from _walk(root, path, depth + 1)
        elif stat.S_ISREG(mode.st_mode):
            yield path.relative_to(root).as_posix(), mode.st_size
        else:
            raise broken(path, "is no regular file", "Take it out.")


def _is_left_out(name: str, depth: int) -> bool:
    if depth == 0:
        return name not in (PACK, MISCONCEPTIONS, *FOLDERS) and not _BESIDE.fullmatch(name)
    return name.startswith(".") or name == "__pycache__" or name.endswith(".pyc")


def _read_regular(root: Path, name: str) -> bytes:
    """A file's bytes, bounded. What became a link or a pipe since it was listed is not opened."""
    path = root / name
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise broken(path, f"cannot be read ({error.strerror})", "Add the pack again.") from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode) or path.resolve() != root.resolve() / name:
            raise broken(path, "is no file of this folder", "Add the pack again.")
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise broken(path, f"is more than {MAX_FILE_BYTES:,} bytes", "Make it smaller.")
    return content
