"""The project at hand, as the tools' events tell it: which folder, and which file to edit."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tutor.events import Event, ToolFinished, ToolStarted
from tutor_error import TutorError


@dataclass(frozen=True)
class Workspace:
    """A folder, or a single file, that the learner works on."""

    path: Path

    def main_file(self) -> Path | None:
        """The file to edit: the one itself, the one that the workspace names, else the first there is."""
        if not self.path.is_dir():
            return self.path if self.path.exists() else None
        # Imported late: it reads projects, and most dialogues open none.
        from mcp_server.workspace import find_workspace

        marked = find_workspace(self.path)
        if marked is not None and marked.main.is_file():
            return marked.main
        return next((file for kind in ("*.py", "*.ipynb") for file in sorted(self.path.glob(kind))), None)


class SaveWatch:
    """Tells when a file was saved; some editors write it anew, so it may be gone for a moment."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._seen = self._stamp()

    def was_saved(self) -> bool:
        """Whether the file is another than at the last look."""
        stamp = self._stamp()
        if stamp is None or stamp == self._seen:
            return False
        self._seen = stamp
        return True

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self.file.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size


def workspace_of(event: Event) -> Workspace | None:
    """The workspace that a tool made or was asked about; None when the event tells of none."""
    path: object = None
    if isinstance(event, ToolFinished) and event.tool == "start_project":
        path = event.outcome.get("folder")
    elif isinstance(event, ToolStarted) and event.tool in ("check_project", "grade_project"):
        path = event.arguments.get("path")
    return Workspace(Path(path).expanduser().absolute()) if isinstance(path, str) and path else None


def edit(file: Path) -> bool:
    """Run the learner's editor on the file; whether the file changed.

    Raises TutorError when no editor is there.
    """
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    watch = SaveWatch(file)
    try:
        # Descriptor 2 leads to a log while the screen is up; an editor needs the terminal.
        subprocess.run([*command, str(file)], check=False, stderr=sys.__stderr__)
    except OSError as error:
        message = f"The editor `{command[0]}` does not start: {error.strerror}."
        raise TutorError("no-editor", message, "Set EDITOR to the editor that you use.") from error
    return watch.was_saved()
