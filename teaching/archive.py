"""Records as a file: written out to keep or to move, and read in beside what is there.

A file is lines of JSON: a head, an event or a turn a line, and an end with the counts. The rule
owned here: a file is checked whole before a row of it is written, and then goes in as a whole; an
attempt that is there already is not written a second time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Row, Table, insert, select
from sqlalchemy.exc import IntegrityError

from teaching.database import as_moment, as_text, check_id, check_learner
from teaching.records import KINDS, MAX_PAYLOAD, Records
from teaching.schema import events, turns
from teaching.transcript import ROLES
from tutor_error import TutorError

FORMAT = 1
_HEAD = "mltutor_records"
_COLUMNS: dict[str, tuple[Table, tuple[str, ...]]] = {
    "event": (events, ("learner", "at", "kind", "attempt", "unit", "item", "payload")),
    "turn": (turns, ("learner", "thread", "key", "role", "at", "text", "meta")),
}
_NESTED = {"event": "payload", "turn": "meta"}
_MOST_LINE = 4 * MAX_PAYLOAD
_BATCH = 500


@dataclass(frozen=True)
class Exported:
    learners: tuple[str, ...]
    events: int
    turns: int

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "learners": list(self.learners)}


@dataclass(frozen=True)
class Imported:
    """events, turns: written; known: those that were there already."""

    events: int
    turns: int
    known: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def export_records(records: Records, path: Path, learner: str | None = None) -> Exported:
    """Writes a learner's records, or everybody's, to a new file that its owner alone can read.

    Raises TutorError: `file-exists`, `unwritable-file`, and `nothing-recorded`.
    """
    try:
        with records.database.reading() as connection, path.open("x", encoding="utf-8") as file:
            path.chmod(0o600)
            learners = _learners(connection, learner)
            if not learners:
                raise TutorError(
                    "nothing-recorded", "There is nothing to export.", "`mltutor next` begins something."
                )
            file.write(_line({_HEAD: FORMAT, "at": as_text(records.clock()), "learners": learners}))
            counts = {
                what: sum(file.write(line) > 0 for line in _lines(connection, what, learner))
                for what in _COLUMNS
            }
            file.write(_line({"end": counts}))
    except FileExistsError as error:
        raise TutorError(
            "file-exists", f"{path} is there already.", "Name a new file; nothing is overwritten."
        ) from error
    except TutorError:
        path.unlink(missing_ok=True)
        raise
    except OSError as error:
        raise TutorError(
            "unwritable-file", f"{path} cannot be written: {error.strerror}.", "Name a file elsewhere."
        ) from error
    return Exported(tuple(learners), counts["event"], counts["turn"])


def import_records(records: Records, path: Path, learner: str | None = None) -> Imported:
    """Adds the records of a file to those that are there. learner: under this name instead.

    Raises TutorError `bad-import` with the line that is wrong, `attempt-reused` where an attempt of
    the same id was of something else; nothing of the file is then written.
    """
    names = {row["learner"] for _, row in read_archive(path)}
    if learner is not None and len(names) > 1:
        raise TutorError(
            "bad-import",
            f"{path} holds the records of {len(names)} learners, and they cannot become one.",
            "Leave the name out, or export one learner alone.",
        )
    written = {"event": 0, "turn": 0}
    known = 0
    with records.database.writing() as connection:
        for what, row in read_archive(path):
            values = {**row, "learner": check_learner(learner or row["learner"])}
            if _is_there(connection, what, values):
                known += 1
                continue
            try:
                with connection.begin_nested():
                    connection.execute(insert(_COLUMNS[what][0]).values(values))
                written[what] += 1
            except IntegrityError:
                # Another process wrote the same attempt since it was looked for.
                known += 1
    return Imported(written["event"], written["turn"], known)


def read_archive(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a file in its order, as ("event" or "turn", columns); the last line must be its end.

    Raises TutorError `bad-import`.
    """
    counts = {"event": 0, "turn": 0}
    ended = False
    for number, told in _documents(path):
        if number == 1:
            _check_head(told, path)
        elif ended:
            raise _bad(path, number, "stands after the end")
        elif "end" in told:
            ended = True
            if told["end"] != counts:
                raise _bad(path, number, f"counts {told['end']}, and {counts} stand above")
        else:
            what = next((name for name in _COLUMNS if name in told), None)
            if what is None:
                raise _bad(path, number, "is neither an event nor a turn")
            counts[what] += 1
            yield what, _row(what, told[what], path, number)
    if not ended:
        raise _bad(path, 0, "has no end: it was cut off, or is no export of mltutor")


def _documents(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(iter(lambda: file.readline(_MOST_LINE), ""), 1):
                told: Any = json.loads(line)
                if not isinstance(told, dict):
                    raise _bad(path, number, "is no object")
                yield number, cast("dict[str, Any]", told)
    except OSError as error:
        raise TutorError(
            "bad-import", f"{path} cannot be read: {error.strerror}.", "Name a file that `export` wrote."
        ) from error
    except (ValueError, RecursionError) as error:
        raise _bad(path, 0, f"is no text of JSON lines: {error}") from error


def _check_head(told: dict[str, Any], path: Path) -> None:
    version = told.get(_HEAD)
    if not isinstance(version, int):
        raise _bad(path, 1, "does not say that the file is an export of mltutor")
    if version > FORMAT:
        raise TutorError(
            "newer-records", f"{path} was written by a newer mltutor (format {version}).", "Update mltutor."
        )


def _row(what: str, told: Any, path: Path, number: int) -> dict[str, Any]:
    """The columns of one line, each checked as if it had just been written."""
    columns, nested = _COLUMNS[what][1], _NESTED[what]
    if not isinstance(told, dict) or set(cast("dict[str, Any]", told)) != set(columns):
        raise _bad(path, number, f"needs exactly {', '.join(columns)}")
    row = cast("dict[str, Any]", told)
    texts = [row[name] for name in columns if name not in (nested, "key")]
    if not all(isinstance(value, str) for value in texts) or not isinstance(row[nested], dict):
        raise _bad(path, number, "holds a value of the wrong type")
    if row["kind" if what == "event" else "role"] not in (KINDS if what == "event" else ROLES):
        raise _bad(path, number, "is of no known kind")
    try:
        at = as_text(as_moment(row["at"]))
        check_learner(row["learner"])
        for name in ("attempt", "unit", "item") if what == "event" else ("thread", "key"):
            if row[name] or name in ("attempt", "thread"):
                check_id("an id", row[name])
        packed = json.dumps(row[nested], allow_nan=False, separators=(",", ":"))
    except (ValueError, TypeError, TutorError) as error:
        raise _bad(path, number, f"cannot be kept: {error}") from error
    return {**row, "at": at, nested: packed}


def _is_there(connection: Connection, what: str, values: Mapping[str, Any]) -> bool:
    """Whether the attempt or turn is recorded; TutorError when something else has its id."""
    if what == "turn":
        same = [turns.c[name] == values[name] for name in ("learner", "thread", "role", "at", "text")]
        return connection.execute(select(turns.c.id).where(*same)).first() is not None
    mine = (events.c.learner == values["learner"]) & (events.c.attempt == values["attempt"])
    stored = connection.execute(select(events).where(mine)).one_or_none()
    if stored is None:
        return False
    if any(getattr(stored, name) != values[name] for name in ("kind", "unit", "item", "payload")):
        raise TutorError(
            "attempt-reused",
            f"The attempt `{values['attempt']}` of {values['learner']} is recorded with another content.",
            "Import under another name with `--as NAME`; nothing was written.",
        )
    return True


def _learners(connection: Connection, learner: str | None) -> list[str]:
    if learner is not None:
        check_learner(learner)
    found = {
        name
        for table, _ in _COLUMNS.values()
        for name in connection.scalars(select(table.c.learner).distinct())
    }
    return sorted(name for name in found if learner in (None, name))


def _lines(connection: Connection, what: str, learner: str | None) -> Iterator[str]:
    table, columns = _COLUMNS[what]
    rows = select(table).order_by(table.c.id).execution_options(yield_per=_BATCH)
    for row in connection.execute(rows if learner is None else rows.where(table.c.learner == learner)):
        yield _line({what: _told(row, columns, _NESTED[what])})


def _told(row: Row[Any], columns: tuple[str, ...], nested: str) -> dict[str, Any]:
    return {name: json.loads(row.payload if name == "payload" else row.meta) if name == nested
            else getattr(row, name) for name in columns}  # fmt: skip


def _line(document: Mapping[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":")) + "\n"


def _bad(path: Path, number: int, wrong: str) -> TutorError:
    where = f"line {number} of {path}" if number else str(path)
    return TutorError(
        "bad-import", f"{where} {wrong}.", "Nothing was imported. Name a whole file that `export` wrote."
    )
