"""Which units are proved, in parallel, and where proofs are kept.

`proofs.json` in the content is the shared record and is written by `--record` alone; a file in
the home folder spares this machine a second proof of the same content by the same engine.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from knowledge.catalog import Catalog, load_catalog
from sandbox.pool import PACKAGES, shared_pool
from teaching.prove.problem import Problem, Proof, engine_hash
from teaching.prove.project_proof import SEEDS
from teaching.prove.unit_proof import prove_unit
from tutor_error import TutorError

SAMPLE_SHARE = 10
PROOFS = "proofs.json"


def choose_units(catalog: Catalog, named: list[str], sample: bool = False) -> list[str]:
    """The units to prove: those named, else all written ones; of these, with `sample`, what
    differs from proofs.json and a tenth chosen by the commit's hash."""
    if named:
        for unit in named:
            found = catalog.unit(unit)
            if found.status == "planned":
                raise TutorError(
                    "planned-unit",
                    f"`{unit}` is planned and not written.",
                    f"mltutor new {found.kind} {unit}",
                )
        return list(dict.fromkeys(named))
    written = [unit.id for unit in catalog.units.values() if unit.status != "planned"]
    if not sample:
        return written
    salt = _commit(catalog.root)
    return [
        unit
        for unit in written
        if catalog.units[unit].status != "verified" or _lot(salt, unit) % SAMPLE_SHARE == 0
    ]


def prove_units(
    catalog: Catalog,
    units: Iterable[str],
    home: Path,
    *,
    jobs: int = 1,
    use_cache: bool = True,
    seeds: int = len(SEEDS),
) -> Iterator[Proof]:
    """The proofs, as they are done, in `jobs` processes, of which each proves one at a time.

    seeds: on how many projects are graded; of another number than the usual nothing is kept.
    """
    engine, is_usual = engine_hash(), seeds == len(SEEDS)
    known = _read(home / PROOFS) if use_cache and is_usual else {}
    waiting: list[str] = []
    for unit in units:
        entry = known.get(unit)
        if entry and entry["content"] == catalog.content_hash(unit) and entry["engine"] == engine:
            yield Proof(unit, entry["content"], engine, entry["cpu_seconds"], ())
        else:
            waiting.append(unit)
    if not waiting:
        return
    # Processes, not threads: the CPU seconds of a unit are those of the process that proves it.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_import_ahead) as pool:
        packs = tuple(pack.root for pack in catalog.packs.values())
        running = [pool.submit(_prove, catalog.root, packs, unit, home, seeds) for unit in waiting]
        for done in as_completed(running):
            proof = done.result()
            if is_usual:
                _remember(home / PROOFS, proof)
            yield proof


def write_proofs(catalog: Catalog, proofs: list[Proof]) -> Path:
    """Record in `proofs.json` the proofs that hold, and drop units whose proof failed."""
    path = catalog.root / PROOFS
    entries = _read(path)
    for proof in proofs:
        entries.pop(proof.unit, None)
        if proof.holds:
            entries[proof.unit] = _entry(proof)
    _write(path, {unit: entries[unit] for unit in sorted(entries) if unit in catalog.units})
    return path


def _import_ahead() -> None:
    """Once a process, before any unit's clock runs."""
    shared_pool().prepare(PACKAGES)


def _prove(root: Path, packs: tuple[Path, ...], unit: str, home: Path, seeds: int) -> Proof:
    catalog = _catalog(root, packs)
    try:
        return prove_unit(catalog, unit, home, seeds)
    except Exception as error:
        if not packs:
            raise
        # A stranger's file that trips the checker has proved nothing; the others shall be proved.
        told = Problem(unit, f"the checker met {type(error).__name__}: {error}", "Tell the pack's authors.")
        return Proof(unit, catalog.content_hash(unit), engine_hash(), 0.0, (told,))


@cache
def _catalog(root: Path, packs: tuple[Path, ...]) -> Catalog:
    return Catalog(root, [(pack, None) for pack in packs]) if packs else load_catalog(root)


def _remember(path: Path, proof: Proof) -> None:
    entries = _read(path)
    entries.pop(proof.unit, None)
    if proof.holds:
        entries[proof.unit] = _entry(proof)
    _write(path, entries)


def _entry(proof: Proof) -> dict[str, Any]:
    return {"content": proof.content, "engine": proof.engine, "cpu_seconds": proof.cpu_seconds}


def _read(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    return json.loads(path.read_text(encoding="utf-8")).get("proofs", {})


def _write(path: Path, entries: dict[str, dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"format": 1, "proofs": entries}, indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)


def _lot(salt: str, unit: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{salt}/{unit}".encode()).digest()[:8], "big")


def _commit(folder: Path) -> str:
    """The hash of the commit that is checked out, or an empty text outside a repository."""
    try:
        told = subprocess.run(
            ["git", "-C", str(folder), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""  # no git on this machine: the sample is then the same each time
    return told.stdout.strip()
