"""Commands on the records themselves: write them out, read them in, have them forgotten."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mltutor.cli import settings_of
from mltutor.output import Json, note, print_json, table
from tutor_error import TutorError

if TYPE_CHECKING:
    from teaching.records import Records

group = typer.Typer(help="Your records: export, import, forget.", invoke_without_command=True)
As = Annotated[str | None, typer.Option("--as", help="Import under this learner's name.")]
Everyone = Annotated[bool, typer.Option("--all", help="Every learner on this machine.")]


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="records")


@group.callback()
def records(context: typer.Context, as_json: Json = False) -> None:
    """Who has records here, and how many."""
    if context.invoked_subcommand is not None:
        return
    from teaching.forgetting import tombstones, would_forget

    with closing(_open(context)) as opened:
        rows = [would_forget(opened, name).as_json() for name in opened.learners()]
        gone = [vars(stone) for stone in tombstones(opened)]
    if as_json:
        print_json({"learners": rows, "forgotten": gone})
        return
    print(table([[r["learner"], r["events"], r["turns"]] for r in rows], ["learner", "events", "turns"]))
    for stone in gone:
        of = f" of {stone['learner']}, {stone['unit']}" if stone["learner"] else ""
        print(f"forgotten on {stone['at'][:10]}: {stone['events']} events, {stone['turns']} turns{of}")


@group.command("export")
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A new file.")],
    everyone: Everyone = False,
    as_json: Json = False,
) -> None:
    """Write your events and conversations to a file, one JSON object a line."""
    from teaching.archive import export_records

    learner = None if everyone else str(settings_of(context).learner)
    with closing(_open(context)) as opened:
        told = export_records(opened, file, learner)
    if as_json:
        print_json({"file": str(file), **told.as_json()})
    else:
        print(f"{file}: {told.events} events and {told.turns} turns of {', '.join(told.learners)}")


@group.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What `export` wrote.")],
    name: As = None,
    as_json: Json = False,
) -> None:
    """Add the records of a file to yours; what is there already is not counted twice."""
    from teaching.archive import import_records

    with closing(_open(context)) as opened:
        told = import_records(opened, file, name)
    if as_json:
        print_json(told.as_json())
    else:
        print(f"{told.events} events and {told.turns} turns added; {told.known} were there already.")


@group.command("forget")
def forget(
    context: typer.Context,
    learner: Annotated[str | None, typer.Option(help="Whose; by default yours.")] = None,
    unit: Annotated[str | None, typer.Option(help="The events and the talk of this unit alone.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete records for good, after telling what will go. Files in your folders stay."""
    from teaching.forgetting import forget as forget_records
    from teaching.forgetting import would_forget

    name = learner or str(settings_of(context).learner)
    with closing(_open(context)) as opened:
        found = would_forget(opened, name, unit)
        _ask(_what_goes(found.as_json()), yes)
        gone = forget_records(opened, name, unit)
    threads = _forget_conversations(context, name, unit, gone.threads)
    if as_json:
        print_json({**gone.as_json(), "conversations": threads})
    else:
        print(f"Forgotten: {gone.events} events, {gone.turns} turns of talk, {threads} open conversations.")


def _what_goes(found: dict[str, Any]) -> str:
    of = f" of the unit {found['unit']}" if found["unit"] else ""
    open_ones = "the open conversations" + (" that speak of it" if of else "")
    return (
        f"This deletes {found['events']} events{of}, {found['turns']} turns of talk, and {open_ones}, of "
        f"`{found['learner']}` for good. Mastery and reviews are computed without them. "
        "`mltutor records export FILE` keeps a copy."
    )


def _ask(question: str, yes: bool) -> None:
    note(question)
    if yes:
        return
    if not sys.stdin.isatty():
        raise TutorError("needs-consent", "Nothing was deleted: nobody could be asked.", "Add `--yes`.")
    if not typer.confirm("Delete?", default=False, err=True):
        raise TutorError("needs-consent", "Nothing was deleted.", "Answer `y` to delete.")


def _forget_conversations(
    context: typer.Context, learner: str, unit: str | None, threads: tuple[str, ...]
) -> int:
    """The places in conversations hold the last messages, so they go as well: all, or those of a unit."""
    path = settings_of(context).home / "checkpoints.db"
    if not path.exists():
        return 0
    # Imported late: langgraph is slow to import.
    from langgraph.checkpoint.sqlite import SqliteSaver

    with SqliteSaver.from_conn_string(str(path)) as saver:
        saver.setup()
        rows = saver.conn.execute("SELECT DISTINCT thread_id FROM checkpoints").fetchall()
        mine = [str(thread) for (thread,) in rows if str(thread).startswith(f"{learner}/")]
        spoken = {f"{learner}/{thread}" for thread in threads}
        gone = [thread for thread in mine if not unit or thread in spoken or _speaks_of(saver, thread, unit)]
        for thread in gone:
            saver.delete_thread(thread)
        return len(gone)


def _speaks_of(saver: Any, thread: str, unit: str) -> bool:
    """Whether the kept place of a conversation names the unit anywhere."""
    kept = saver.get_tuple({"configurable": {"thread_id": thread}})
    values = kept.checkpoint["channel_values"] if kept is not None else {}
    return unit in json.dumps(values, ensure_ascii=False, default=str)


def _open(context: typer.Context) -> Records:
    from teaching.records import open_records

    settings = settings_of(context)
    return open_records(settings.home, settings.database)
