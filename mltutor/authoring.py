"""Commands for authors: new and verify."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mltutor.cli import settings_of
from mltutor.output import Json, note, print_json
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from teaching.prove import Proof


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
    units: Annotated[list[str] | None, typer.Argument(help="Units; all authored ones by default.")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="What changed, and a tenth of the rest.")] = False,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Proofs at the same time.")] = os.cpu_count() or 1,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Prove again what was proved on this machine.")
    ] = False,
    record: Annotated[
        bool,
        typer.Option("--record", help="Write proofs.json and the vectors that are shipped with the content."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Prove content by execution: blocks run, starters fail, references pass, wrong solutions are caught."""
    from knowledge.catalog import load_catalog
    from knowledge.inventory import check_curriculum
    from teaching.prove.cost import cost_of
    from teaching.prove.likeness import find_alike
    from teaching.prove.proofs import choose_units, prove_units, write_proofs

    catalog = load_catalog()
    problems = [*check_curriculum(catalog.root), *map(str, find_alike(catalog))]
    chosen = choose_units(catalog, units or [], sample=sample)
    began = time.monotonic()
    proofs: list[Proof] = []
    for proof in prove_units(catalog, chosen, settings_of(context).home, jobs=jobs, use_cache=not no_cache):
        proofs.append(proof)
        if not as_json:
            _tell(proof)
    cost = cost_of(catalog, proofs, time.monotonic() - began, jobs)
    if record:
        write_proofs(catalog, proofs)
        _ship_vectors(context, catalog)
    failed = [proof for proof in proofs if not proof.holds]
    if as_json:
        told = [_as_json(proof) for proof in proofs]
        print_json({"curriculum": problems, "units": told, "failed": len(failed), "cost": cost.as_json()})
    else:
        for problem in problems:
            print(f"FAILED curriculum: {problem}")
        print(f"{len(proofs) - len(failed)} units verified, {len(failed)} failed")
        if proofs:
            print(cost)
    if failed or problems:
        raise typer.Exit(1)


def _ship_vectors(context: typer.Context, catalog: Catalog) -> None:
    from knowledge.index import resolve_embedder, ship_vectors

    settings = settings_of(context)
    embedder = resolve_embedder(settings.embedder)
    if embedder is None:
        note("Without an embedder the vectors beside the content stay as they are.")
        return
    note(f"{ship_vectors(settings.home, catalog, embedder)} windows have their vectors beside the content.")


def _tell(proof: Proof) -> None:
    print(f"{'ok    ' if proof.holds else 'FAILED'} {proof.unit}  {proof.cpu_seconds:.1f} CPU s", flush=True)
    for problem in proof.problems:
        print(f"  {problem}")


def _as_json(proof: Proof) -> dict[str, Any]:
    problems = [{"where": p.where, "message": p.message, "remedy": p.remedy} for p in proof.problems]
    return {
        "unit": proof.unit,
        "verified": proof.holds,
        "cpu_seconds": proof.cpu_seconds,
        "problems": problems,
    }
