"""The example of docs/community.md as a folder of a test's own, to be changed and broken."""

from __future__ import annotations

import shutil
from pathlib import Path

from knowledge.pack import read_pack
from knowledge.pack_proof import PackProof, write_pack_proofs

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "robust-lines"
LESSON, PROJECT = "robust:theil-sen", "robust:theil-sen-line"
PAGE = "lessons/classical-ml/theil-sen.md"
PROJECT_FILE = "projects/theil-sen-line/project.yaml"


def copy_example(target: Path) -> Path:
    return shutil.copytree(EXAMPLE, target, ignore=shutil.ignore_patterns("__pycache__"))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def record_proof(home: Path, root: Path, *units: str, problems: tuple[str, ...] = ()) -> None:
    """As if the units' present content had been proved."""
    pack = read_pack(root)
    proofs = [(unit, PackProof(pack.content_hash(unit), "engine", 1.0, problems)) for unit in units]
    write_pack_proofs(home, pack.name, proofs)
