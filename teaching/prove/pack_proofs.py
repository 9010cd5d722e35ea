"""The proof of a pack: the rules of the curriculum's own units, where code is isolated and nowhere else.

The rule owned here: a stranger's content is proved against the curriculum and its own pack alone, and
every outcome is put on record, the bad ones too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from knowledge.catalog import Catalog
from knowledge.pack import Pack
from knowledge.pack_files import check_texts
from knowledge.pack_proof import PackProof, write_pack_proofs
from knowledge.shelf import proving_catalog
from sandbox.isolation import current_isolation
from teaching.prove.likeness import find_alike
from teaching.prove.problem import Problem, Proof
from teaching.prove.proofs import prove_units
from tutor_error import TutorError


def require_isolation(what: str) -> None:
    """TutorError `unisolated` where code cannot be confined. The learner's consent does not reach so far."""
    isolation = current_isolation()
    if isolation.tier == "none":
        message = f"{what} is not run without isolation: {isolation.reason}"
        raise TutorError("unisolated", message, isolation.remedy or "mltutor doctor")


def prove_pack(
    home: Path, root: Path, units: Iterable[str] = (), *, jobs: int = 1, use_cache: bool = True
) -> Iterator[Proof]:
    """Prove units of the pack in `root`, all by default, and record each outcome in `home`.

    Raises TutorError `unisolated`, or `broken-content` when the pack as a whole is wrong.
    """
    require_isolation("A pack")
    check_texts(root)
    catalog = proving_catalog(root)
    pack = next(iter(catalog.packs.values()))
    _refuse_taken_beliefs(catalog, pack)
    copied = copied_units(catalog, pack)
    chosen = [catalog.unit(unit).id for unit in units] or list(pack.units)
    for proof in prove_units(catalog, chosen, home, jobs=jobs, use_cache=use_cache):
        whole = replace(proof, problems=(*proof.problems, *copied.get(proof.unit, ())))
        write_pack_proofs(home, pack.name, [(proof.unit, _as_record(whole))])
        yield whole


def _as_record(proof: Proof) -> PackProof:
    problems = tuple(f"{one.where}: {one.message}" for one in proof.problems)
    return PackProof(proof.content, proof.engine, proof.cpu_seconds, problems)


def _refuse_taken_beliefs(catalog: Catalog, pack: Pack) -> None:
    for name in pack.misconceptions:
        if name in catalog.misconceptions:
            raise TutorError(
                "broken-content",
                f"{pack.root}: `{name}` is a misconception of the curriculum.",
                "Name the curriculum's where you mean it, and yours otherwise.",
            )


def copied_units(catalog: Catalog, pack: Pack) -> dict[str, list[Problem]]:
    """Units that are a thin copy of another one."""
    found: dict[str, list[Problem]] = {}
    for pair in find_alike(catalog):
        for unit in {pair.first, pair.second} & set(pack.units):
            found.setdefault(unit, []).append(Problem(unit, str(pair)))
    return found
