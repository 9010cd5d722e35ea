"""The command `glossary`: the terms of the field, each with the lesson that introduces it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mltutor.cli import catalog_of
from mltutor.output import Json, note, print_json, table, wrap

if TYPE_CHECKING:
    from knowledge.catalog import Catalog

MOST_UNITS = 8


def register(app: typer.Typer) -> None:
    app.command("glossary")(glossary)


def glossary(
    context: typer.Context,
    term: Annotated[
        list[str] | None, typer.Argument(help="A term, such as margin or sgd; all without.")
    ] = None,
    track: Annotated[str | None, typer.Option(help="Only this track.")] = None,
    as_json: Json = False,
) -> None:
    """The terms of the curriculum, or one with its lesson's own definition and where else it is used."""
    from knowledge.definition import glossary_of

    catalog = catalog_of(context)
    known = glossary_of(catalog, track)
    if term:
        _tell_term(catalog, _view(catalog, known.find(" ".join(term))), as_json)
        return
    rows = [
        {"term": one.term, "unit": one.unit, "title": catalog.unit(one.unit).title}
        for one in sorted(known.terms, key=lambda one: one.term.casefold())
    ]
    if as_json:
        print_json(rows)
        return
    columns = ("term", "unit", "title")
    print(table([[row[column] for column in columns] for row in rows], columns))
    note(f"{len(rows)} terms; `mltutor glossary TERM` tells what one means")


def _view(catalog: Catalog, term: Any) -> dict[str, Any]:
    from knowledge.definition import define, units_using

    return {**define(catalog, term).as_json(), "used_in": units_using(catalog, term)}


def _tell_term(catalog: Catalog, view: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(view)
        return
    from knowledge.passage import plain

    short = f" ({', '.join(view['abbreviations'])})" if view["abbreviations"] else ""
    print(f"{view['term']}{short}")
    print(wrap(plain(view["text"]) or "Its lesson uses it without a sentence of its own.", "    "))
    print(f"introduced in: {view['unit']} › {view['section']} ({view['title']})")
    used: list[str] = view["used_in"]
    if used:
        more = f" and {len(used) - MOST_UNITS} more" if len(used) > MOST_UNITS else ""
        print(wrap(f"also used in: {', '.join(used[:MOST_UNITS])}{more}"))
    note(f"Next: mltutor learn {view['unit']}")
