"""Where evidence and transcripts lie: one SQL database, by default a SQLite file in the home folder.

It knows how to open it from many processes at once, in the version of `teaching.schema`. The rule
owned here: whatever goes wrong in the database reaches the user as one TutorError that names
the database and says what to do; its passwords are never shown.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from teaching.schema import MAX_ID, MAX_NAME, SCHEMA, about, create, migrate
from tutor_error import TutorError

FILE_NAME = "records.db"
BUSY_SECONDS = 30.0


@dataclass(frozen=True)
class Database:
    """An open database. `place` is its path, or its address without the password."""

    engine: Engine
    place: str

    @contextmanager
    def reading(self) -> Generator[Connection]:
        with told(self.place), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """One transaction. IntegrityError passes through: it tells the caller that a row is there."""
        with told(self.place), self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def open_database(home: Path, url: str | None = None) -> Database:
    """The database of a home folder, made when missing; `url` names another (SQLAlchemy's form).

    Raises TutorError: `bad-records-url`, `unreadable-records`, `newer-records`, `busy-records`.
    """
    address = _address(home, url)
    place = _place(address)
    is_file = address.get_backend_name() == "sqlite"
    try:
        if not is_file:
            return _open(address, place)
        path = Path(address.database or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two processes that turn on the write-ahead log of a new file at once can each be refused.
        with FileLock(path.with_name(path.name + ".lock"), timeout=BUSY_SECONDS):
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            return _open(address, place)
    except Timeout as error:
        raise _busy(place) from error
    except OSError as error:
        raise _unreadable(place, error.strerror or str(error)) from error


def _address(home: Path, url: str | None) -> URL:
    if not url:
        return URL.create("sqlite", database=str(home / FILE_NAME))
    remedy = "Write `sqlite:////folder/records.db` or `postgresql+psycopg://user@host/database`."
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise TutorError(
            "bad-records-url", "The address of the records is no database URL.", remedy
        ) from error
    if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
        raise TutorError("bad-records-url", "The records need a database that stays.", remedy)
    return address


def _place(address: URL) -> str:
    is_file = address.get_backend_name() == "sqlite"
    return str(address.database) if is_file else address.render_as_string(hide_password=True)


def _open(address: URL, place: str) -> Database:
    is_file = address.get_backend_name() == "sqlite"
    arguments = {"timeout": BUSY_SECONDS} if is_file else {}
    try:
        engine = create_engine(address, connect_args=arguments, hide_parameters=True)
    except (ModuleNotFoundError, ArgumentError) as error:
        remedy = (
            "Install its driver (for PostgreSQL: `pip install 'mltutor[postgresql]'`), or leave the "
            "setting empty to keep records in a file."
        )
        raise TutorError("bad-records-url", f"{place} cannot be opened: {error}.", remedy) from error
    try:
        with told(place):
            _prepare(engine, place)
    except TutorError:
        engine.dispose()
        raise
    return Database(engine, place)


def _prepare(engine: Engine, place: str) -> None:
    """Checks the version of the tables; makes them, or brings them up to this version."""
    present = set(inspect(engine).get_table_names())
    is_file = engine.dialect.name == "sqlite"
    if is_file and present and about.name not in present:
        raise _unreadable(place, "it holds the tables of something else")
    if is_file and not present:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    if about.name in present:
        with engine.connect() as connection:
            if _version(connection, place) == SCHEMA:
                return
    with engine.begin() as connection:
        _take_turns(connection)
        if about.name not in inspect(connection).get_table_names():
            create(connection, as_text(utc_now()))
            return
        version = _version(connection, place)
        if version < SCHEMA:
            _check_whole(connection, place)
        for step in range(version, SCHEMA):
            migrate(connection, step, as_text(utc_now()))


def _take_turns(connection: Connection) -> None:
    """Of two processes that make or migrate a database at once, the second waits and finds it done."""
    if connection.dialect.name == "sqlite":
        # The driver begins a transaction before it writes rows, but not before it makes tables.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7231001)"))


def _version(connection: Connection, place: str) -> int:
    version = connection.scalar(select(about.c.value).where(about.c.key == "schema"))
    if version is None or not version.isdigit() or version == "0":
        raise _unreadable(place, "they name no version")
    if int(version) > SCHEMA:
        raise TutorError(
            "newer-records",
            f"{place} was written by a newer mltutor (records version {version}, this one reads {SCHEMA}).",
            "Update mltutor, or set MLTUTOR_HOME to another folder.",
        )
    return int(version)


def _check_whole(connection: Connection, place: str) -> None:
    """A damaged file is not migrated: what can still be read of it stays as it is."""
    if connection.dialect.name != "sqlite":
        return
    found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if found != "ok":
        raise _unreadable(place, f"the file is damaged ({found})")


@contextmanager
def told(place: str) -> Generator[None]:
    """Turns a database's own errors into TutorErrors, except IntegrityError."""
    try:
        yield
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error)
        raise _busy(place) if "locked" in reason else _unreadable(place, reason) from error


def _busy(place: str) -> TutorError:
    return TutorError(
        "busy-records",
        f"{place} was held by another program for {BUSY_SECONDS:.0f} seconds.",
        "Close the program that holds it, then try again; nothing was written.",
    )


def _unreadable(place: str, reason: str) -> TutorError:
    return TutorError(
        "unreadable-records",
        f"The records in {place} cannot be used: {reason}.",
        "Check that the folder can be written and has room. If the file is damaged, restore a copy or "
        "move it aside: a new one is made.",
    )


def check_learner(name: str) -> str:
    """A learner's name as it is stored, or TutorError `bad-learner`.

    1 to 64 printable characters, no slash, no space at the ends: the name is also a folder's.
    """
    good = 0 < len(name) <= MAX_NAME and name.isprintable() and name == name.strip()
    if good and not set(name) & set("/\\") and name not in (".", ".."):
        return name
    raise TutorError(
        "bad-learner",
        f"{name[:MAX_NAME]!r} cannot be a learner's name.",
        f"Use 1 to {MAX_NAME} printable characters without slashes, such as `--learner ada`.",
    )


def check_id(what: str, text: str) -> str:
    """An id that callers choose (attempt, unit, item, thread), or TutorError `bad-id`."""
    if 0 < len(text) <= MAX_ID and text.isprintable():
        return text
    raise TutorError(
        "bad-id",
        f"{text[:40]!r} cannot be {what}.",
        f"Use 1 to {MAX_ID} printable characters, such as a UUID.",
    )


def utc_now() -> datetime:
    return datetime.now(UTC)


def as_text(moment: datetime) -> str:
    """UTC with microseconds, always of one length, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def as_moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
