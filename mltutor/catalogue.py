"""Commands that read what is taught: list, show, plan, coverage, search."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mltutor.cli import catalog_of, settings_of
from mltutor.output import Json, note, plain, print_json, table, wrap
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.pack_proof import Unproved
    from knowledge.search import Hit
    from knowledge.unit import Unit
    from teaching.records import Event

STATUSES = ("planned", "authored", "verified", "unproved", "failed", "stale", "blocked")

Kind = Annotated[str | None, typer.Argument(help="lesson, project, case or programme.")]


def register(app: typer.Typer) -> None:
    app.command("list")(list_units)
    app.command("show")(show)
    app.command("plan")(plan)
    app.command("coverage")(coverage)
    app.command("search")(search)


def list_units(
    context: typer.Context,
    kind: Kind = None,
    track: Annotated[str | None, typer.Option(help="Only this track.")] = None,
    status: Annotated[
        str | None, typer.Option(help="planned, authored, verified, or why a pack's unit is not.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The catalogue: every unit with its track, level and status."""
    from knowledge.catalog import parse_kind

    catalog = catalog_of(context)
    wanted = parse_kind(kind) if kind else None
    if status is not None and status not in STATUSES:
        raise TutorError("unknown-status", f"There is no status `{status}`.", f"Use {', '.join(STATUSES)}.")
    if wanted == "programme":
        rows = [
            {"id": p.id, "kind": "programme", "title": p.title, "track": "", "level": 0, "status": "authored"}
            for p in catalog.programmes.values()
        ]
    else:
        found = catalog.find(wanted, track)
        rows = [_row(unit, unit.status) for unit in found]
        rows += [
            _row(one.unit, one.state)
            for one in catalog.unproved.values()
            if wanted in (None, one.unit.kind) and track in (None, one.unit.track)
        ]
        rows = [row for row in rows if status in (None, row["status"])]
    if as_json:
        print_json(rows)
        return
    columns = ("id", "kind", "track", "level", "status", "title")
    print(table([[str(row[column]) for column in columns] for row in rows], columns))
    note(f"{len(rows)} {'programmes' if wanted == 'programme' else 'units'}")


def _row(unit: Unit, status: str) -> dict[str, Any]:
    return {
        "id": unit.id,
        "kind": unit.kind,
        "title": unit.title,
        "track": unit.track,
        "level": unit.level,
        "status": status,
    }


def show(
    context: typer.Context,
    unit: Annotated[str, typer.Argument(help="A unit or programme.")],
    as_json: Json = False,
) -> None:
    """One unit as a learner may see it, and the passes over its topic that the learner has done."""
    from teaching.stages import MARKS, stages_of, tell, topic_of

    catalog = catalog_of(context)
    if unit in catalog.programme_ids:
        plan(context, unit, as_json)
        return
    if unit in catalog.unproved:
        _show_unproved(catalog.unproved[unit], as_json)
        return
    view = public_view(catalog, unit)
    stages = stages_of(catalog, topic_of(catalog, unit), events_of(context))
    if as_json:
        print_json({**view, "stages": [stage.as_json() for stage in stages]})
        return
    print(f"{view['title']}  ({view['kind']}, {view['track']}, level {view['level']}, {view['status']})")
    names = [f"{name} ({catalog.unit(name).status})" for name in view["prerequisites"]]
    print(f"builds on: {', '.join(names) or 'nothing'}")
    if view["status"] == "planned":
        near = ", ".join(other.id for other in catalog.nearest_authored(unit))
        print(wrap(f"It is planned and not written yet. Written and close to it: {near}."))
        return
    from knowledge.diagram import draw_fences

    if view["introduces"]:
        print(wrap(f"introduces: {', '.join(view['introduces'])}"))
    homes = [f"{home['term']} → {home['unit']}" for home in view["terms"]]
    if homes:
        print(wrap(f"terms: {', '.join(homes)}"))
    print()
    print(draw_fences(view["text"]))
    print("\nPasses over the topic, as your answers and grades show them:")
    for stage in stages:
        print(wrap(f"{MARKS[stage.state]} {stage.title}: {tell(stage)}", "  "))
    verb = {"lesson": "learn", "case_study": "learn", "project": "start"}[view["kind"]]
    note(f"Next: mltutor {verb} {unit}")


def _show_unproved(one: Unproved, as_json: bool) -> None:
    """Its head and why it is not taught; of what nobody proved, no text is shown."""
    if as_json:
        print_json({**one.unit.model_dump(mode="json"), "status": one.state, "reason": one.reason})
        return
    unit = one.unit
    print(f"{unit.title}  ({unit.kind}, {unit.track}, level {unit.level}, {one.state})")
    print(wrap(f"It is not taught: {plain(one.reason)}"))
    note(f"Next: mltutor verify {unit.id}")


def public_view(catalog: Any, unit_id: str) -> dict[str, Any]:
    """What `show` tells of a unit: its head, and the public text of what is written."""
    from knowledge.public import public_page, public_project, public_terms

    unit = catalog.unit(unit_id)
    head: dict[str, Any] = unit.model_dump(mode="json")
    if unit.status == "planned":
        return head
    head |= {"introduces": [], "terms": public_terms(catalog, unit_id)}
    if unit.kind == "project":
        project = catalog.project(unit_id)
        return {**head, **public_project(project), "text": project.brief}
    page = catalog.lesson(unit_id) if unit.kind == "lesson" else catalog.case(unit_id)
    return {**head, **public_page(page), "text": page.page.body.strip()}


def plan(
    context: typer.Context,
    programme: Annotated[str, typer.Argument(help="A programme.")],
    as_json: Json = False,
) -> None:
    """A curriculum as a study plan: parts and weeks, daily time, and the goals that your grades reached."""
    from knowledge.outline import outline, plan_text
    from teaching.achievements import achievements, tell

    catalog = catalog_of(context)
    chosen = catalog.programme(programme)
    goals = achievements(catalog, chosen, events_of(context))
    if as_json:
        print_json(outline(chosen, catalog).as_json({goal.row: goal.as_json() for goal in goals}))
        return
    print(plan_text(chosen, catalog, {goal.row: tell(goal) for goal in goals}))
    reached = sum(goal.state == "reached" for goal in goals)
    if goals:
        note(f"{reached} of {len(goals)} goals reached, by your graded attempts alone.")


def events_of(context: typer.Context) -> list[Event]:
    """What the learner in force has done and how it was judged, oldest first."""
    # The database's package costs a tenth of a second, which `list` and `search` do not pay.
    from teaching.records import open_records

    settings = settings_of(context)
    with open_records(settings.home, settings.database) as records:
        return records.events(settings.learner)


def coverage(as_json: Json = False) -> None:
    """Which lines of the five curricula are reached by written and by verified units."""
    from knowledge.catalog import load_catalog
    from knowledge.coverage import coverage as measure

    found = measure(load_catalog())
    if as_json:
        print_json(found.as_json())
        return
    rows = [
        [seed, *(str(count) for count in counts.values())] for seed, counts in found.rows_by_seed().items()
    ]
    heads = list(next(iter(found.rows_by_seed().values()), {}))
    print(table(rows, ["curriculum", *heads]))
    print()
    kinds = found.units_by_kind()
    print(
        table(
            [[k, *(str(n) for n in c.values())] for k, c in kinds.items()],
            ["units", *next(iter(kinds.values()))],
        )
    )
    print(f"\n{found.reached} of {len(found.rows)} rows are reached by verified units.")


def search(
    context: typer.Context,
    query: Annotated[str | None, typer.Argument(help="What you look for.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 5,
    kind: Annotated[str | None, typer.Option(help="lesson, project, case, or your own material.")] = None,
    track: Annotated[str | None, typer.Option(help="Only this track.")] = None,
    batch: Annotated[Path | None, typer.Option(help="A file of JSON lines {id, query}.")] = None,
    as_json: Json = False,
) -> None:
    """Passages of the curriculum, best first; nothing when nothing is relevant."""
    from knowledge.catalog import parse_kind
    from knowledge.search import open_search

    if (query is None) == (batch is None):
        raise TutorError("usage", "Give a query or --batch FILE.", 'For example: mltutor search "chain rule"')
    wanted: Any = kind if kind == "material" else parse_kind(kind) if kind else None
    if wanted == "programme":
        raise TutorError(
            "unknown-kind", "Programmes are not searched.", "Use lesson, project, case or material."
        )
    settings = settings_of(context)
    with open_search(
        settings.home,
        catalog_of(context),
        embedder=settings.embedder,
        chroma_url=settings.chroma_url,
        wait_for_vectors=True,
    ) as found:
        if batch is not None:
            for line_id, text in _read_batch(batch):
                hits = found.search(text, k=k, kind=wanted, track=track)
                print(json.dumps({"id": line_id, "hits": [_hit(hit) for hit in hits]}, ensure_ascii=False))
            return
        hits = found.search(query or "", k=k, kind=wanted, track=track)
    if as_json:
        print_json([_hit(hit) for hit in hits])
        return
    if not hits:
        print("Nothing in the curriculum is relevant to that.")
    for hit in hits:
        print(f"{hit.unit} › {hit.section}   {hit.score:.2f} {hit.ranking}")
        print(wrap(" ".join(hit.text.split())[:300], "    "))


def _hit(hit: Hit) -> dict[str, Any]:
    return {key: getattr(hit, key) for key in ("unit", "kind", "section", "score", "text", "ranking")}


def _read_batch(path: Path) -> list[tuple[Any, str]]:
    try:
        lines = (sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TutorError(
            "unreadable-file", f"{path} cannot be read: {error}.", "Give a UTF-8 file."
        ) from None
    queries: list[tuple[Any, str]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            queries.append((entry["id"], str(entry["query"])))
        except (ValueError, KeyError, TypeError):
            raise TutorError(
                "bad-batch",
                f"{path}, line {number} is no object with id and query.",
                '{"id": 1, "query": "..."}',
            ) from None
    return queries
