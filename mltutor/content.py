"""Commands about what is searched beside the curriculum: the learner's own material."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mltutor.cli import settings_of
from mltutor.output import Json, note, print_json, table

group = typer.Typer(
    help="Your own material, searched and cited beside the curriculum.", invoke_without_command=True
)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="content")


@group.callback()
def content(context: typer.Context, as_json: Json = False) -> None:
    """List the material that was added."""
    if context.invoked_subcommand is not None:
        return
    from knowledge.material import materials

    rows = [
        {"name": one.name, "documents": len(one.documents), "added": one.added, "source": one.source}
        for one in materials(settings_of(context).home)
    ]
    if as_json:
        print_json(rows)
    elif rows:
        print(table([[str(value) for value in row.values()] for row in rows], list(rows[0])))
    else:
        print("Nothing yet. A folder of Markdown, notebooks, text or PDF: mltutor content add PATH")


@group.command("add")
def add(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A folder or file: .md, .ipynb, .txt, .rst, .pdf.")],
    name: Annotated[str | None, typer.Option(help="What to call it; by default after the folder.")] = None,
    as_json: Json = False,
) -> None:
    """Read a folder of your own into the search index. It is copied once, and never run."""
    from knowledge.catalog import load_catalog
    from knowledge.index import build_index
    from knowledge.material import add_material
    from sandbox.pdf import read_pdf

    settings = settings_of(context)
    added = add_material(settings.home, path.expanduser(), name, read_pdf)
    status = build_index(settings.home, load_catalog(), _show_windows, settings.embedder, settings.chroma_url)
    words = sum(len(document.markdown.split()) for document in added.documents)
    told: dict[str, Any] = {
        "name": added.name,
        "documents": len(added.documents),
        "words": words,
        "skipped": list(added.skipped),
        "index": status.state,
    }
    if as_json:
        print_json(told)
        return
    for line in added.skipped:
        note(f"left out {line}")
    if status.problem:
        note(f"Found by its words alone for now: {status.problem}")
    print(f"{added.name}: {len(added.documents)} documents, {words} words; the index is {status.state}")
    print(
        f'Found by: mltutor search --kind material "..."; taken out by: mltutor content remove {added.name}'
    )


@group.command("remove")
def remove(
    context: typer.Context, name: Annotated[str, typer.Argument(help="A name of `mltutor content`.")]
) -> None:
    """Take material out of the search. The folder that it came from stays."""
    from knowledge.material import remove_material

    remove_material(settings_of(context).home, name)
    print(f"{name} is no longer searched.")


def _show_windows(done: int, total: int) -> None:
    if total >= 200 and (done == total or done % 320 == 0):
        note(f"reading for meaning: {done} of {total} pieces")
