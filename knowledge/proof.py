"""Proofs on record: which content was proved to work, known by its hash.

`content/proofs.json` is written by `mltutor verify --record` alone. The rule owned here:
one hash stands for all files of a unit with their names, wherever the content lies.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from knowledge.content_file import broken, read_text
from knowledge.unit import Unit

PROOFS = "proofs.json"
FORMAT = 1


def content_hash(files: Iterable[str | Path], root: Path) -> str:
    """SHA-256 over files and their names below `root`, in the order of the names.

    Lengths are hashed too, so that moving bytes from one file to the next changes the hash.
    Raises ValueError for a file that does not lie below `root`.
    """
    # Strings, not Path methods: a start of the catalogue hashes thousands of files.
    above = f"{root}{os.sep}"
    digest = hashlib.sha256()
    for path in sorted((str(file) for file in files), key=lambda name: name.replace(os.sep, "/")):
        if not path.startswith(above):
            raise ValueError(f"{path} does not lie below {root}")
        with open(path, "rb") as handle:  # noqa: PTH123
            content = handle.read()
        name = path[len(above) :].replace(os.sep, "/")
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def files_below(folder: Path) -> list[str]:
    """The files of a folder, without hidden ones and Python's byte code; none where it is absent."""
    found: list[str] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
        shown = (name for name in names if not name.startswith(".") and not name.endswith(".pyc"))
        found += [f"{parent}{os.sep}{name}" for name in shown]
    return found


def unit_path(root: Path, unit: Unit) -> Path:
    """Where a unit's content lies below a root, or would: a Markdown file, or a project's folder."""
    if unit.kind == "project":
        return root / "projects" / unit.name
    folder = f"lessons/{unit.track}" if unit.kind == "lesson" else "cases"
    return root / folder / f"{unit.name}.md"


def unit_files(root: Path, unit: Unit) -> list[str]:
    """The files that make a unit: its page with the folder beside it, or its project folder."""
    path = unit_path(root, unit)
    below = files_below(path if unit.kind == "project" else path.with_suffix(""))
    return [str(path), *below] if path.is_file() else below


def read_proofs(content: Path) -> dict[str, str]:
    """The proved content hash of each unit; empty where nothing was proved."""
    path = content / PROOFS
    if not path.exists():
        return {}
    try:
        record: dict[str, Any] = json.loads(read_text(path))
        if record["format"] != FORMAT:
            raise broken(path, f"format {record['format']} is not known", "Update mltutor.")
        return {unit: str(proof["content"]) for unit, proof in record["proofs"].items()}
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise broken(path, "is no record of proofs", "Write it with `mltutor verify --record`.") from None
