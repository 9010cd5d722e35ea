"""Where a client's paths may lead: below the allowed folders, and nowhere else.

The rule owned here: a path is resolved through its links before it is judged, and opened again from the
allowed folder without following any link, so that what is read is what was judged. The tutor's own
content and state are closed even inside an allowed folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from mcp_server.context import ServerContext
from tutor_error import TutorError

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def default_roots(given: Iterable[str | Path], cwd: Path, user_home: Path) -> tuple[Path, ...]:
    """The folders that were named, and the working directory unless it is somebody's whole home or more.

    TutorError `bad-root` for one that is no folder.
    """
    roots: list[Path] = []
    for one in given:
        folder = Path(one).expanduser()
        if not folder.is_dir():
            raise TutorError(
                "bad-root", f"{folder} is no folder.", "Name a folder with --root, or make it first."
            )
        roots.append(folder.resolve())
    here = cwd.resolve()
    if here != here.parent and not user_home.resolve().is_relative_to(here):
        roots.append(here)
    return tuple(dict.fromkeys(roots))


def allowed_roots(context: ServerContext) -> tuple[Path, ...]:
    """The workspaces and the folders of `context.roots`, resolved."""
    return tuple(dict.fromkeys(root.resolve() for root in (context.workspaces, *(context.roots or ()))))


def allowed_path(context: ServerContext, path: str) -> Path:
    """A path that a client names, resolved; for a front end of ours, as the learner typed it.

    TutorError `outside-roots`, `closed-path`, `bad-path`.
    """
    try:
        # A learner elsewhere names what start_project told them, below their own workspaces.
        own = context.mine.root
        typed = Path(path).expanduser().absolute() if own is None else own / path
        place = typed if context.roots is None else typed.resolve()
        place.exists()  # raises for a name that no file can have
    except (OSError, RuntimeError, ValueError) as error:
        raise TutorError(
            "bad-path", f"`{path[:200]}` cannot be followed ({_reason(error)}).", "Check the path."
        ) from None
    if context.roots is not None and root_of(context, place) is None:
        raise outside(context, place)
    return place


def root_of(context: ServerContext, place: Path) -> Path | None:
    """The allowed folder that a resolved path lies in; None where it may not be read."""
    root = next((root for root in allowed_roots(context) if place.is_relative_to(root)), None)
    return None if root is None or is_closed(context, place) else root


def is_closed(context: ServerContext, place: Path) -> bool:
    """In the tutor's content, which holds the references, or in its state outside the workspaces."""
    catalog = context.catalog
    content = [catalog.root, *(pack.root for pack in catalog.packs.values())]
    content += [Path(folder) for folder in context.content_paths]
    if any(place.is_relative_to(folder.resolve()) for folder in content):
        return True
    return place.is_relative_to(context.home.resolve()) and not place.is_relative_to(
        context.workspaces.resolve()
    )


def outside(context: ServerContext, place: Path) -> TutorError:
    if is_closed(context, place):
        return TutorError(
            "closed-path",
            f"`{place}` belongs to the tutor's own content or state, which no tool reads by path.",
            "Read a unit with read_unit; keep your work in a folder of your own.",
        )
    roots = ", ".join(str(root) for root in allowed_roots(context))
    return TutorError(
        "outside-roots",
        f"`{str(place)[:300]}` lies outside the folders that may be read: {roots}.",
        "Send the text instead, work below one of them, or start the server with `mltutor mcp --root DIR`.",
    )


def open_below(context: ServerContext, place: Path) -> int:
    """A descriptor of a resolved path, reached from its allowed folder without following a link.

    TutorError `missing-file`, `unreadable-file`, `outside-roots`. The caller closes it.
    """
    root = root_of(context, place)
    if root is None:
        raise outside(context, place)
    try:
        return _descend(root, place.relative_to(root).parts)
    except FileNotFoundError:
        raise TutorError("missing-file", f"There is no {place}.", "Check the path.") from None
    except OSError as error:
        raise TutorError(
            "unreadable-file",
            f"{place} cannot be read ({_reason(error)}).",
            "Check its permissions and links.",
        ) from None


def read_regular(folder: int, name: str, most: int) -> bytes | None:
    """At most `most` bytes of a regular file in an open folder; None for anything else, a link too."""
    try:
        opened = os.open(name, _FLAGS, dir_fd=folder)
    except OSError:
        return None
    with os.fdopen(opened, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            return None
        content = file.read(most + 1)
    return content if len(content) <= most else None


def _descend(start: Path, parts: Sequence[str]) -> int:
    here = os.open(start, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in parts:
        try:
            there = os.open(part, _FLAGS, dir_fd=here)
        finally:
            os.close(here)
        here = there
    return here


def _reason(error: Exception) -> str:
    return (error.strerror or "") if isinstance(error, OSError) else "a loop of links, or no such home"
