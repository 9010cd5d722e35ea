"""Commands of a learner's day: ask, learn, next, progress, review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mltutor.authoring import prove_again
from mltutor.cli import catalog_of, settings_of
from mltutor.output import Json, note, plain, print_json, table, wrap
from mltutor.standing import history_lines, progress_lines
from mltutor.tools import call_tool
from tutor_error import TutorError

if TYPE_CHECKING:
    from tutor.events import Event, TurnFinished


def register(app: typer.Typer) -> None:
    app.command("ask")(ask)
    app.command("learn")(learn)
    app.command("next")(recommend)
    app.command("progress")(progress)
    app.command("note")(note_of)
    app.command("review")(review)


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="A question, in quotes.")],
    as_json: Json = False,
) -> None:
    """One grounded answer, with the places in the curriculum that it rests on."""
    if not question.strip():
        raise TutorError(
            "empty-question", "The question is empty.", 'For example: mltutor ask "what is a bias?"'
        )
    # Imported late: of all commands this one alone needs it.
    import asyncio

    done = asyncio.run(_ask(context, question))
    if as_json:
        keys = ("answer", "citations", "scope", "speaker", "moves")
        print_json({key: getattr(done, key) for key in keys})
        return
    print(wrap(plain(done.answer)))
    if done.citations:
        places = dict.fromkeys(f"{place['unit']} › {place['section']}" for place in done.citations)
        print(f"\nSources: {'; '.join(places)}")


async def _ask(context: typer.Context, question: str) -> TurnFinished:
    from tutor.agent import open_tutor
    from tutor.events import NoticeShown

    def tell(event: Event) -> None:
        if isinstance(event, NoticeShown):
            note(event.text)

    async with open_tutor(settings_of(context), vectors="wait") as tutor:
        return await tutor.ask(question, tell)


def learn(context: typer.Context, unit: Annotated[str, typer.Argument(help="A lesson or case.")]) -> None:
    """A unit's dialogue: the tutor teaches through its questions."""
    from mltutor.dialogue import open_dialogue

    prove_again(context, unit)
    catalog = catalog_of(context)
    kind = catalog.unit(unit).kind
    if kind == "project":
        raise TutorError("wrong-kind", f"`{unit}` is a project.", f"mltutor start {unit}")
    # Reading it refuses what is planned or broken before anything opens.
    _ = catalog.lesson(unit) if kind == "lesson" else catalog.case(unit)
    raise typer.Exit(open_dialogue(context, first=f"/learn {unit}"))


def recommend(
    context: typer.Context,
    programme: Annotated[str | None, typer.Option(help="Follow this programme.")] = None,
    as_json: Json = False,
) -> None:
    """What to study next, and why."""
    step = call_tool(context, "recommend_next", {"programme": programme})
    if as_json:
        print_json(step)
        return
    if step["unit"] is None:
        print(wrap(step["reason"]))
        return
    verb = "start" if step["kind"] == "project" else "learn"
    print(f"{step['title']}\n{wrap(step['reason'])}\nmltutor {verb} {step['unit']}")


def progress(
    context: typer.Context,
    unit: Annotated[str | None, typer.Argument(help="One unit, with every attempt behind it.")] = None,
    as_json: Json = False,
) -> None:
    """Mastery of each unit that you have met, with the attempts behind it; or all about one unit."""
    tool, arguments = ("explain_progress", {"unit": unit}) if unit else ("progress", {})
    found = call_tool(context, tool, arguments)
    if as_json:
        print_json(found)
        return
    print("\n".join(history_lines(found) if unit else progress_lines(found)))


def review(context: typer.Context, as_json: Json = False) -> None:
    """Questions that are due again, the likeliest to be forgotten first."""
    cards: list[dict[str, Any]] = call_tool(context, "review_due", {})["cards"]
    if as_json:
        print_json(cards)
        return
    if not cards:
        print("Nothing is due.")
        return
    rows = [[c["unit"], c["question"] or "any", f"{c['retrievability']:.0%}", c["due"]] for c in cards]
    print(table(rows, ["unit", "question", "recall", "due"]))
    print(f"mltutor learn {cards[0]['unit']}")


def note_of(
    context: typer.Context,
    unit: Annotated[str, typer.Argument(help="The id, as in `mltutor list`.")],
    out: Annotated[Path | None, typer.Option(help="Where to; by default in the state folder.")] = None,
) -> None:
    """Write a note to fill in, with your own graded experiments; again renews only their table."""
    from knowledge.unit import file_name
    from teaching.note import write_note
    from teaching.records import open_records

    settings = settings_of(context)
    path = out or settings.home / "notes" / f"{file_name(unit)}.md"
    with open_records(settings.home, settings.database) as records:
        is_new = write_note(catalog_of(context), records, settings.learner, unit, path)
    print(path)
    note("A new note." if is_new else "The experiments are up to date; the rest is as you left it.")
