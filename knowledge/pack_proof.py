"""The proofs of packs' units, kept in the learner's home: what was proved, and what is not to be taught.

The rule owned here: a unit of a pack is taught while the newest proof of exactly its content holds,
and with it all units of the pack that it builds on.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from knowledge.unit import Unit
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.pack import Pack

FORMAT = 1
PACKS = "packs"
State = Literal["unproved", "failed", "stale", "blocked"]


@dataclass(frozen=True)
class PackProof:
    """The newest proof of one unit. content: the hash of what was proved. problems: none when it held."""

    content: str
    engine: str
    cpu_seconds: float
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unproved:
    """A unit of a pack that is shown and never taught, and why."""

    unit: Unit
    state: State
    reason: str

    def error(self) -> TutorError:
        message = f"`{self.unit.id}` is not taught: {self.reason}"
        return TutorError("unproved-unit", message, f"mltutor verify {self.unit.id}")


def judge_units(pack: Pack, proofs: Mapping[str, PackProof]) -> dict[str, Unproved]:
    """The units of a pack that may not be taught, by id."""
    found: dict[str, Unproved] = {}
    for unit in pack.units.values():
        fault = _fault(proofs.get(unit.id), pack.content_hash(unit.id))
        if fault is not None:
            found[unit.id] = Unproved(unit, *fault)
    while blocked := _blocked(pack, found):
        found |= blocked
    return found


def proofs_folder(home: Path, namespace: str) -> Path:
    return home / PACKS / namespace


def read_pack_proofs(home: Path, namespace: str) -> dict[str, PackProof]:
    """The proofs of a pack's units, by id; what cannot be read proves nothing."""
    try:
        record: dict[str, Any] = json.loads(_file(home, namespace).read_text(encoding="utf-8"))
        if record["format"] != FORMAT:
            return {}
        return {
            unit: PackProof(
                str(proof["content"]),
                str(proof["engine"]),
                float(proof["cpu_seconds"]),
                tuple(map(str, proof["problems"])),
            )
            for unit, proof in record["proofs"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def write_pack_proofs(home: Path, namespace: str, proofs: Iterable[tuple[str, PackProof]]) -> None:
    """Put newer proofs of units in the place of older ones; one process at a time."""
    # Heavy enough to keep off the command line's start.
    from filelock import FileLock

    path = _file(home, namespace)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        known = read_pack_proofs(home, namespace) | dict(proofs)
        record = {"format": FORMAT, "proofs": {unit: asdict(proof) for unit, proof in sorted(known.items())}}
        draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
        draft.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        draft.replace(path)


def _file(home: Path, namespace: str) -> Path:
    return proofs_folder(home, namespace) / "proofs.json"


def _fault(proof: PackProof | None, content: str) -> tuple[State, str] | None:
    if proof is None:
        return "unproved", "it came with a pack and has not been proved on this machine."
    if proof.content != content:
        return "stale", "it changed since it was proved."
    if not proof.problems:
        return None
    first, *others = proof.problems
    more = f" (and {len(others)} more)" if others else ""
    return "failed", f"its proof failed: {' '.join(first.split())[:300]}{more}"


def _blocked(pack: Pack, unproved: Mapping[str, Unproved]) -> dict[str, Unproved]:
    found: dict[str, Unproved] = {}
    for unit in pack.units.values():
        needed = next((name for name in unit.prerequisites if name in unproved), None)
        if needed is not None and unit.id not in unproved:
            found[unit.id] = Unproved(unit, "blocked", f"it builds on `{needed}`, which is not proved.")
    return found
