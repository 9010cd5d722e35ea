"""The folders of the index: made aside, put in place by replacing one pointer file.

The one rule owned here: a folder that the pointer names is whole and is never written
again, so any number of processes may read while one builds.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
_POINTER = "current.json"


def index_folder(home: Path) -> Path:
    return home / "index"


def read_pointer(home: Path) -> dict[str, Any]:
    """What is in place, by part; empty where nothing is."""
    return read_json(index_folder(home) / _POINTER)


def current_folder(home: Path, part: str, key: str) -> Path | None:
    """The part's folder when it is whole and was made from what `key` hashes."""
    folder = index_folder(home) / str(read_pointer(home).get(part))
    return folder if read_json(folder / MANIFEST).get("key") == key else None


@contextmanager
def new_folder(home: Path, part: str, key: str) -> Generator[tuple[Path, dict[str, Any]]]:
    """A fresh folder and its manifest; put in place when the block ends, removed when it fails."""
    folder = index_folder(home) / f"{part}-{key}-{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    manifest: dict[str, Any] = {"key": key}
    try:
        yield folder, manifest
        _write_json(folder / MANIFEST, manifest)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    before = put_in_place(home, part, folder.name)
    # The folder before this one stays: a process may still be reading it. All others are old or
    # abandoned, since builds of one part wait for each other.
    for old in index_folder(home).glob(f"{part}-*"):
        if old.name not in (folder.name, before):
            shutil.rmtree(old, ignore_errors=True)


def put_in_place(home: Path, part: str, value: Any) -> Any:
    """Let the pointer say `value` of a part, and return what it said before."""
    with locked(home, "pointer"):
        pointer = read_pointer(home)
        _write_json(index_folder(home) / _POINTER, pointer | {part: value})
    return pointer.get(part)


def locked(home: Path, name: str) -> AbstractContextManager[object]:
    # Heavy enough to keep off the command line's start.
    from filelock import FileLock

    index_folder(home).mkdir(parents=True, exist_ok=True)
    return FileLock(index_folder(home) / f"{name}.lock")


def read_json(path: Path) -> dict[str, Any]:
    """A small file of ours; an unreadable one counts as absent, since all here can be rebuilt."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_json(path: Path, value: dict[str, Any]) -> None:
    """Replaced in one step, so that no reader sees half of it."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    draft.write_text(json.dumps(value, indent=1), encoding="utf-8")
    draft.replace(path)
