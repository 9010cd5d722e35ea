"""Commands for authors: new and verify."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mltutor.cli import catalog_of, settings_of
from mltutor.output import Json, note, plain, print_json
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from teaching.prove import Proof
    from teaching.prove.cost import Cost


def register(app: typer.Typer) -> None:
    app.command("new")(new)
    app.command("verify")(verify)


def new(
    kind: Annotated[str, typer.Argument(help="lesson, project or case.")],
    unit: Annotated[str, typer.Argument(help="The id, as in `mltutor list`.")],
) -> None:
    """Scaffold the files of a planned unit; `verify` then points at each gap."""
    from knowledge.catalog import load_catalog, parse_kind
    from knowledge.scaffold import scaffold

    wanted = parse_kind(kind)
    if wanted == "programme":
        raise TutorError("unknown-kind", "Programmes are not scaffolded.", "Use lesson, project or case.")
    for path in scaffold(load_catalog(), wanted, unit):
        print(path)
    note(f"Fill the TODOs, then: mltutor verify {unit}")


def verify(
    context: typer.Context,
    units: Annotated[
        list[str] | None, typer.Argument(help="Units, or a pack's name; by default the whole curriculum.")
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="What changed, and a tenth of the rest.")] = False,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Proofs at the same time.")] = os.cpu_count() or 1,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Prove again what was proved on this machine.")
    ] = False,
    record: Annotated[
        bool,
        typer.Option("--record", help="Write proofs.json and the vectors that are shipped with the content."),
    ] = False,
    seeds: Annotated[
        int | None,
        typer.Option(min=3, help="On how many seeds projects are graded, usually 3; 50 for a release."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Prove content by execution: blocks run, starters fail, references pass, wrong solutions are caught."""
    from knowledge.catalog import load_catalog
    from knowledge.inventory import check_curriculum
    from knowledge.stages import check_stages
    from teaching.prove.cost import cost_of
    from teaching.prove.likeness import find_alike
    from teaching.prove.pack_proofs import prove_pack
    from teaching.prove.project_proof import SEEDS
    from teaching.prove.proofs import choose_units, prove_units, write_proofs

    catalog, home = load_catalog(), settings_of(context).home
    packs, named = _split_packs(context, units or [])
    if seeds is not None:
        _refuse_more_seeds(record, packs)
    found: list[Iterator[Proof]] = [
        prove_pack(home, root, some, jobs=jobs, use_cache=not no_cache) for root, some in packs.items()
    ]
    began = time.monotonic()
    problems: list[str] = []
    if named or not packs:
        problems += [*check_curriculum(catalog.root), *check_stages(catalog), *map(str, find_alike(catalog))]
        chosen = choose_units(catalog, named, sample=sample)
        found.append(
            prove_units(catalog, chosen, home, jobs=jobs, use_cache=not no_cache, seeds=seeds or len(SEEDS))
        )
    proofs: list[Proof] = []
    for proof in chain(*found):
        proofs.append(proof)
        if not as_json:
            tell_proof(proof)
    cost = cost_of(catalog, proofs, time.monotonic() - began, jobs)
    if record:
        write_proofs(catalog, proofs)
        _ship_vectors(context, catalog)
    _tell_outcome(proofs, problems, cost, as_json)
    if problems or not all(proof.holds for proof in proofs):
        raise typer.Exit(1)


def _tell_outcome(proofs: list[Proof], problems: list[str], cost: Cost, as_json: bool) -> None:
    failed = sum(not proof.holds for proof in proofs)
    if as_json:
        told = [proof_json(proof) for proof in proofs]
        print_json({"curriculum": problems, "units": told, "failed": failed, "cost": cost.as_json()})
        return
    for problem in problems:
        print(f"FAILED curriculum: {problem}")
    print(f"{len(proofs) - failed} units verified, {failed} failed")
    if cost.units:
        print(cost)


def _refuse_more_seeds(record: bool, packs: dict[Path, list[str]]) -> None:
    """What is put on record, here or of a pack, is proved with the usual seeds, and costs what they cost."""
    kept = "`--record`" if record else "the pack" if packs else ""
    if kept:
        message = "Proofs are put on record with the usual seeds, those of a pack always."
        raise TutorError("bad-seeds", message, f"Leave `--seeds` or {kept} out.")


def _split_packs(context: typer.Context, named: list[str]) -> tuple[dict[Path, list[str]], list[str]]:
    """The units of packs among `named` by their pack's folder, where an empty list is all; and the others."""
    packs: dict[Path, list[str]] = {}
    whole: set[Path] = set()
    others: list[str] = []
    catalog = catalog_of(context)
    for name in named:
        namespace, colon, _ = name.partition(":")
        if not colon and name not in catalog.packs:
            others.append(name)
            continue
        if namespace not in catalog.packs:
            raise _no_pack(catalog, namespace)
        root = catalog.packs[namespace].root
        packs.setdefault(root, []).append(name)
        if not colon:
            whole.add(root)
    return {root: [] if root in whole else some for root, some in packs.items()}, others


def _no_pack(catalog: Catalog, namespace: str) -> TutorError:
    """What is wrong with a pack of that name, as far as a name can be told; else that there is none."""
    for root, error in catalog.broken_packs.items():
        if namespace in (root.parent.name, root.name):
            return error
    known = ", ".join(f"`{name}`" for name in catalog.packs) or "none yet"
    return TutorError(
        "unknown-pack", f"There is no pack `{namespace}`.", f"Packs: {known}. mltutor content add PATH"
    )


def prove_again(context: typer.Context, unit_id: str) -> None:
    """Prove what changed of a pack in development, when a unit of it is asked for and not proved.

    Of a pack that was added nothing is proved here: its files do not change, and `verify` tells more.
    """
    if ":" not in unit_id:
        return
    from teaching.prove.pack_proofs import prove_pack

    settings, catalog = settings_of(context), catalog_of(context)
    one = catalog.unproved.get(unit_id)
    root = catalog.packs[one.unit.namespace].root if one else None
    if one is None or root is None or str(root) not in settings.content_paths:
        return
    waiting = [
        other.unit.id
        for other in catalog.unproved.values()
        if other.unit.namespace == one.unit.namespace and other.state in ("unproved", "stale")
    ]
    if waiting:
        note(f"proving {', '.join(waiting)}, which changed")
        for proof in prove_pack(settings.home, root, waiting):
            if not proof.holds:
                note(f"{proof.unit}: {proof.problems[0]}")


def _ship_vectors(context: typer.Context, catalog: Catalog) -> None:
    from knowledge.index import resolve_embedder, ship_vectors

    settings = settings_of(context)
    embedder = resolve_embedder(settings.embedder)
    if embedder is None:
        note("Without an embedder the vectors beside the content stay as they are.")
        return
    note(f"{ship_vectors(settings.home, catalog, embedder)} windows have their vectors beside the content.")


def tell_proof(proof: Proof) -> None:
    """One line, and one for each problem."""
    print(f"{'ok    ' if proof.holds else 'FAILED'} {proof.unit}  {proof.cpu_seconds:.1f} CPU s", flush=True)
    for problem in proof.problems:
        print(f"  {plain(str(problem))}")


def proof_json(proof: Proof) -> dict[str, Any]:
    problems = [{"where": p.where, "message": p.message, "remedy": p.remedy} for p in proof.problems]
    return {
        "unit": proof.unit,
        "verified": proof.holds,
        "cpu_seconds": proof.cpu_seconds,
        "problems": problems,
    }
