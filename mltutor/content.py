"""Commands about what stands beside the curriculum: the learner's own material, and packs of units."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mltutor.authoring import proof_json, tell_proof
from mltutor.cli import catalog_of, settings_of
from mltutor.output import Json, note, plain, print_json, table
from tutor_error import TutorError

if TYPE_CHECKING:
    from teaching.prove import Proof
    from tutor.settings import Settings

group = typer.Typer(
    help="Your own material, and packs of units that others wrote.", invoke_without_command=True
)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="content")


@group.callback()
def content(context: typer.Context, as_json: Json = False) -> None:
    """List the material and the packs that were added."""
    if context.invoked_subcommand is not None:
        return
    material, packs = _material_rows(context), _pack_rows(context)
    if as_json:
        print_json([*material, *packs])
        return
    for rows in (material, packs):
        if rows:
            print(table([[plain(_cell(value)) for value in row.values()] for row in rows], list(rows[0])))
    if not material and not packs:
        print(
            "Nothing yet. A folder of Markdown, notebooks, text or PDF, or a pack: mltutor content add PATH"
        )


@group.command("add")
def add(
    context: typer.Context,
    path: Annotated[
        Path, typer.Argument(help="A pack (a folder with pack.yaml), or .md, .ipynb, .txt, .rst, .pdf.")
    ],
    name: Annotated[str | None, typer.Option(help="What to call it; by default after the folder.")] = None,
    jobs: Annotated[
        int, typer.Option(min=1, max=64, help="Proofs of a pack at the same time.")
    ] = os.cpu_count() or 1,
    as_json: Json = False,
) -> None:
    """Add a folder of your own to the search, or a pack of units, which is proved before it is taught."""
    from knowledge.pack import is_pack

    folder = path.expanduser()
    if not is_pack(folder):
        _add_material(context, folder, name, as_json)
        return
    if name is not None:
        raise TutorError("usage", "A pack has a name of its own.", "Leave --name out.")
    _add_pack(context, folder, jobs, as_json)


@group.command("remove")
def remove(
    context: typer.Context, name: Annotated[str, typer.Argument(help="A name of `mltutor content`.")]
) -> None:
    """Take material out of the search, or a pack out of the catalogue. Your records stay."""
    from knowledge.material import remove_material
    from knowledge.shelf import remove_pack

    settings = settings_of(context)
    if remove_pack(settings.home, name):
        print(f"{name} is no longer in the catalogue. What you did in it stays on record.")
        return
    pack = catalog_of(context).packs.get(name)
    if pack is not None:
        raise TutorError(
            "pack-in-place", f"`{name}` is read where it lies: {pack.root}.", "mltutor config content_paths"
        )
    remove_material(settings.home, name)
    print(f"{name} is no longer searched.")


def _add_material(context: typer.Context, folder: Path, name: str | None, as_json: bool) -> None:
    """Read a folder of the learner's into the search index. It is copied once, and never run."""
    from knowledge.material import add_material, default_name
    from sandbox.pdf import read_pdf

    settings = settings_of(context)
    chosen = name or default_name(folder)
    if chosen in catalog_of(context).packs:
        raise TutorError("bad-name", f"`{chosen}` is the name of a pack.", "Use --name my-notes.")
    added = add_material(settings.home, folder, name, read_pdf)
    state = _build_index(context)
    words = sum(len(document.markdown.split()) for document in added.documents)
    told: dict[str, Any] = {
        "name": added.name,
        "documents": len(added.documents),
        "words": words,
        "skipped": list(added.skipped),
        "index": state,
    }
    if as_json:
        print_json(told)
        return
    for line in added.skipped:
        note(f"left out {line}")
    print(f"{added.name}: {len(added.documents)} documents, {words} words; the index is {state}")
    print(
        f'Found by: mltutor search --kind material "..."; taken out by: mltutor content remove {added.name}'
    )


def _add_pack(context: typer.Context, folder: Path, jobs: int, as_json: bool) -> None:
    """Copy, check, prove. Where code cannot be isolated nothing is copied."""
    from knowledge.shelf import add_pack
    from teaching.prove.pack_proofs import prove_pack, require_isolation

    settings = settings_of(context)
    require_isolation("A pack")
    pack = add_pack(settings.home, folder, settings.content_paths)
    if not as_json:
        by = plain(", ".join(pack.file.authors))
        print(f"{pack.name}: {plain(pack.file.title)}, by {by}; {len(pack.units)} units to prove", flush=True)
    proofs: list[Proof] = []
    for proof in prove_pack(settings.home, pack.root, jobs=jobs):
        proofs.append(proof)
        if not as_json:
            tell_proof(proof)
    failed = sum(not proof.holds for proof in proofs)
    state = _build_index(context)
    if as_json:
        units = [proof_json(proof) for proof in proofs]
        print_json({"name": pack.name, "units": units, "failed": failed, "index": state})
    else:
        print(f"{len(proofs) - failed} units verified, {failed} failed; the index is {state}")
        print(f"Listed by: mltutor list; taken out by: mltutor content remove {pack.name}")
    if failed:
        raise typer.Exit(1)


def _build_index(context: typer.Context) -> str:
    from knowledge.index import build_index

    settings = settings_of(context)
    status = build_index(
        settings.home, catalog_of(context), _show_windows, settings.embedder, settings.chroma_url
    )
    if status.problem:
        note(f"Found by its words alone for now: {status.problem}")
    return status.state


def _material_rows(context: typer.Context) -> list[dict[str, Any]]:
    from knowledge.material import materials

    return [
        {
            "name": one.name,
            "kind": "material",
            "documents": len(one.documents),
            "added": one.added,
            "source": one.source,
        }
        for one in materials(settings_of(context).home)
    ]


def _pack_rows(context: typer.Context) -> list[dict[str, Any]]:
    from knowledge.shelf import pack_places

    settings: Settings = settings_of(context)
    catalog = catalog_of(context)
    rows: list[dict[str, Any]] = []
    by_root = {pack.root: pack for pack in catalog.packs.values()}
    for place in pack_places(settings.home, settings.content_paths):
        pack, error = by_root.get(place.root), catalog.broken_packs.get(place.root)
        name = pack.name if pack else place.root.parent.name if place.added else place.root.name
        units = pack.units if pack else {}
        rows.append({
            "name": name,
            "kind": "pack",
            "units": len(units),
            "verified": sum(unit in catalog.units for unit in units),
            "license": pack.file.license if pack else "",
            "authors": list(pack.file.authors) if pack else [],
            "homepage": pack.file.homepage if pack else None,
            "added": place.added or "in place",
            "source": place.source,
            "problem": error.message if error else "",
        })  # fmt: skip
    return rows


def _cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _show_windows(done: int, total: int) -> None:
    if total >= 200 and (done == total or done % 320 == 0):
        note(f"reading for meaning: {done} of {total} pieces")
