"""What a proof finds: problems an author can act on, and the hashes that a proof stands for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """`where` is a file and, where known, a key or line; `remedy` says what to change."""

    where: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" + (f"\n    {self.remedy}" if self.remedy else "")


@dataclass(frozen=True)
class Proof:
    """The outcome for one unit. It holds when there are no problems."""

    unit: str
    content: str
    engine: str
    cpu_seconds: float
    problems: tuple[Problem, ...]

    @property
    def holds(self) -> bool:
        return not self.problems


def engine_hash() -> str:
    """SHA-256 over the Python files that execute and judge content."""
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for folder in ("sandbox", "teaching/prove"):
        for path in sorted((root / folder).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
