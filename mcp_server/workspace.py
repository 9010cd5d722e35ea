"""A project's workspace: the folder in which a learner works, and how it names its project.

The rule owned here: what the learner wrote is never overwritten. `.mltutor.toml` in the
folder tells the project and the content that it was made from.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.page import Project
from tutor_error import TutorError

MARK = ".mltutor.toml"
_LARGEST_MARK = 65_536
_NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)*")


@dataclass(frozen=True)
class Workspace:
    """`main` is the file to edit; `created` is False when the folder was a workspace before."""

    folder: Path
    project: str
    main: Path
    created: bool = False


def make_workspace(project: Project, folder: Path, data: Mapping[str, bytes], content: str) -> Workspace:
    """Write brief, starter and public data into `folder`. Files that are there stay as they are.

    TutorError `other-workspace` when the folder belongs to another project.
    """
    created = not (folder / MARK).is_file()
    if not created and read_workspace(folder).project != project.unit.id:
        other = read_workspace(folder).project
        raise TutorError(
            "other-workspace", f"{folder} is a workspace of `{other}`.", "Choose another folder."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_missing(folder / "brief.md", project.brief.encode())
        _write_missing(folder / project.main, project.starter.read_bytes())
        for name, content_bytes in data.items():
            _write_missing(_inside(folder, name), content_bytes)
        mark = f'project = "{project.unit.id}"\nmain = "{project.main}"\ncontent = "{content}"\n'
        _write_missing(folder / MARK, mark.encode())
    except OSError as error:
        raise TutorError(
            "unwritable-workspace",
            f"{folder} cannot be written ({error.strerror}).",
            "Choose another folder.",
        ) from None
    return Workspace(folder, project.unit.id, folder / project.main, created)


def read_workspace(folder: Path) -> Workspace:
    """The workspace that a folder is. TutorError `no-workspace` otherwise."""
    path = folder / MARK
    try:
        named = tomllib.loads(_read_mark(path))
        return Workspace(folder, str(named["project"]), folder / str(named["main"]))
    except FileNotFoundError:
        raise TutorError(
            "no-workspace",
            f"{folder} is no workspace: it has no {MARK}.",
            "Name the project too, or make a workspace with `mltutor start PROJECT`.",
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise TutorError(
            "no-workspace", f"{path} cannot be read ({error}).", "Start the project anew."
        ) from None


def find_workspace(path: Path) -> Workspace | None:
    """The workspace that a folder is or that a file lies in; None when there is none."""
    for folder in (path, path.parent):
        if (folder / MARK).is_file():
            return read_workspace(folder)
    return None


def _read_mark(path: Path) -> str:
    """Its text. A link, a device or a large file is no mark of ours, and none of them is waited for."""
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(opened, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_MARK:
            raise OSError(f"{MARK} is no small regular file")
        return file.read(_LARGEST_MARK).decode("utf-8")


def _inside(folder: Path, name: str) -> Path:
    if not _NAME.fullmatch(name) or ".." in name.split("/"):
        raise TutorError("broken-content", f"The project's data names a file `{name}`.", "Use a plain name.")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _write_missing(path: Path, content: bytes) -> None:
    """A new file; what is there stays, and a link there is not followed."""
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    except FileExistsError:
        return
    with os.fdopen(opened, "wb") as file:
        file.write(content)
