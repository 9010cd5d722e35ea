"""Where a grade was made: versions, device, and hashes of the content and of the grader.

One rule: two grades with equal hashes were judged by the same checks and the same code.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path
from platform import python_version
from typing import Any

from sandbox.lab import BASE, Lab

_PACKAGES = ("numpy", "torch", "scikit-learn")
_IGNORED = frozenset({"__pycache__", ".ipynb_checkpoints"})


def environment(project: Path, lab: Lab = BASE, device: str = "cpu", scale: str = "small") -> dict[str, Any]:
    """The `environment` of a grade report; device: what the submission computed on; scale: of
    its data, `small` or `full`."""
    return {
        "lab": lab.name,
        "python": python_version(),
        "packages": {name: _version(name, lab) for name in _PACKAGES},
        "device": device,
        "scale": scale,
        "content": content_hash(project),
        "engine": engine_hash(),
    }


def content_hash(folder: Path) -> str:
    """A hash of all files of a folder, by their names and bytes."""
    return _hash(folder, (path for path in folder.rglob("*") if path.is_file()))


@functools.lru_cache(maxsize=1)
def engine_hash() -> str:
    """A hash of this package: what judged."""
    here = Path(__file__).parent
    return _hash(here, here.rglob("*.py"))


def _hash(folder: Path, paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        if _IGNORED & set(path.parts):
            continue
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _version(package: str, lab: Lab) -> str | None:
    """The version of a package in the lab's environment, None where it is absent."""
    found = distributions(name=package, path=[str(folder) for folder in lab.site_packages()])
    return next((distribution.version for distribution in found), None)
