"""Commands about cases of the learner's own: start one, review it by running it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mltutor.catalogue import events_of
from mltutor.cli import catalog_of, settings_of
from mltutor.output import Json, note, plain, print_json, wrap

if TYPE_CHECKING:
    from teaching.own_case.review import CaseReview

group = typer.Typer(help="Cases of your own, and the capstone: a guided brief, reviewed by running it.")
SIGNS = {"holds": "✓", "broken": "✗", "missing": "–", "told": "·"}


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="case")


@group.command("start")
def start(
    name: Annotated[str, typer.Argument(help="What to call it, such as bike-rides.")],
    capstone: Annotated[bool, typer.Option("--capstone", help="The capstone, with its own rubric.")] = False,
    title: Annotated[str | None, typer.Option(help="Its title; by default after the name.")] = None,
    folder: Annotated[Path | None, typer.Option("--dir", help="Where to; by default ./NAME.")] = None,
    as_json: Json = False,
) -> None:
    """Write a guided brief, a plan and three programs to begin with. Nothing is overwritten."""
    from teaching.own_case.folder import check_name, start_case

    place = (folder or Path(check_name(name))).expanduser().absolute()
    files = start_case(name, place, "capstone" if capstone else "case", title)
    if as_json:
        print_json({"folder": str(place), "files": [file.name for file in files]})
        return
    for file in files:
        print(file)
    note(f"Put data.csv there, fill the TODOs of case.toml, then: mltutor case review {place}")


@group.command("review")
def review(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder of a case.")],
    as_json: Json = False,
) -> None:
    """Run a case: rules tell what was seen, the rest is yours to judge. No points, no mastery."""
    from knowledge.catalog import load_catalog
    from teaching.own_case.review import review_case

    place = folder.expanduser().absolute()
    quiet = as_json or not sys.stderr.isatty()
    found = review_case(place, load_catalog(), events_of(context), (lambda text: None) if quiet else note)
    joined = _join(context, place, found) if found.finished else None
    if as_json:
        print_json({**found.as_json(), "material": joined})
    else:
        _tell(found, place, joined)
    if not found.finished:
        raise typer.Exit(1)


def _join(context: typer.Context, place: Path, found: CaseReview) -> dict[str, Any]:
    from knowledge.index import build_index
    from knowledge.page import slugify
    from teaching.own_case.review import join_material

    settings = settings_of(context)
    name = slugify(place.resolve().name)[:34].strip("-")
    material = join_material(settings.home, name, place, found)
    status = build_index(settings.home, catalog_of(context), None, settings.embedder, settings.chroma_url)
    return {"name": material.name, "unit": f"own/{material.name}/case", "index": status.state}


def _tell(found: CaseReview, place: Path, joined: dict[str, Any] | None) -> None:
    print(f"{found.title} ({found.kind})\n\nDecided by running it, or by your records:")
    for finding in found.findings:
        print(wrap(f"{SIGNS[finding.status]} {finding.rule}: {plain(finding.text)}", "  "))
    print("\nYours to judge; nobody awards points for it:")
    for part in found.self_review:
        print(f"  {part.section} ({part.words} words)")
        for ask in part.asks:
            print(wrap(f"- {ask}", "    "))
    print(f"\nThe evidence stands in {place / 'case.md'}.")
    if joined is None:
        waiting = sum(finding.stands_in_the_way for finding in found.findings)
        print(f"Not finished: {waiting} to mend, marked ✗ or –.")
        return
    print(f"Finished. Search and answers cite it as {joined['unit']}.")
