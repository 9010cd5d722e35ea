"""A bundle (MCPB) that puts this machine's tutor into a desktop host with a double click.

    python -m mltutor.bundle FOLDER

The rule owned here: a bundle holds no code of the tutor. It names the installed command by its whole
path, which the host's settings can change, so that a new version needs no new bundle.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mltutor import __version__
from mltutor.hosts import NAME, in_shell, running_command
from mltutor.output import note
from tutor_error import TutorError

MANIFEST_VERSION = "0.4"
LAUNCHER = "server/mltutor"
_WRITTEN = (2026, 1, 1, 0, 0, 0)
"""The same bundle for the same command, byte by byte."""


def manifest(command: Sequence[str]) -> dict[str, Any]:
    """What the host reads. command: the installed command, absolute."""
    return {
        "manifest_version": MANIFEST_VERSION,
        "name": NAME,
        "display_name": "mltutor",
        "version": __version__,
        "description": "A tutor for machine learning that runs and grades what you build.",
        "long_description": "Teaches by dialogue, runs your code in an isolated sandbox, and grades projects "
        "with checks that nothing talks into a point. It works on your machine alone.",
        "author": {"name": "mltutor's contributors"},
        "license": "Apache-2.0",
        "keywords": ["machine-learning", "education", "tutor"],
        "server": {
            "type": "binary",
            "entry_point": LAUNCHER,
            "mcp_config": {"command": "${user_config.command}", "args": [*command[1:], "mcp"], "env": {}},
        },
        "user_config": {
            "command": {
                "type": "file",
                "title": "The tutor's command",
                "description": "The installed mltutor, which this bundle starts.",
                "required": False,
                "default": command[0],
            }
        },
        "tools_generated": True,
        "prompts_generated": True,
        "compatibility": {"platforms": ["linux", "darwin"]},
    }


def write_bundle(folder: Path, command: Sequence[str]) -> Path:
    """Write `mltutor-VERSION.mcpb` into `folder` and tell its path.

    TutorError `no-command` when the command is not there to be started.
    """
    if not Path(command[0]).is_file():
        raise TutorError(
            "no-command", f"{command[0]} is not there.", "Type `make setup`, then `make bundle`."
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{NAME}-{__version__}.mcpb"
    start = f'#!/bin/sh\nexec {in_shell([*command, "mcp"], windows=False)} "$@"\n'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        _put(bundle, "manifest.json", json.dumps(manifest(command), indent=2) + "\n", 0o644)
        _put(bundle, LAUNCHER, start, 0o755)
    return path


def _put(bundle: zipfile.ZipFile, name: str, text: str, mode: int) -> None:
    entry = zipfile.ZipInfo(name, _WRITTEN)
    entry.external_attr = (0o100000 | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    bundle.writestr(entry, text)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "dist")
    # Beside this Python lies the script that the environment installed; a host should start that.
    script = Path(sys.executable).with_name(NAME)
    command = [str(script)] if script.is_file() else running_command()
    try:
        print(write_bundle(folder, command))
    except TutorError as error:
        note(f"{error.message} {error.remedy}")
        sys.exit(2)


if __name__ == "__main__":
    main()
