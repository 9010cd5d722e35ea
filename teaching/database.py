"""Where evidence and transcripts lie: one SQL database, by default a SQLite file in the home folder.

It knows the tables, their version and how to open them from many processes at once. The rule
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
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    insert,
    inspect,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from tutor_error import TutorError

FILE_NAME = "records.db"
SCHEMA = 1
BUSY_SECONDS = 30.0
MAX_NAME = 64
MAX_ID = 200

_BigId = BigInteger().with_variant(Integer, "sqlite")
tables = MetaData()

about = Table(
    "about_records",
    tables,
    Column("key", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

events = Table(
    "events",
    tables,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("learner", String(MAX_NAME), nullable=False),
    Column("at", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("attempt", String(MAX_ID), nullable=False),
    Column("unit", String(MAX_ID), nullable=False),
    Column("item", String(MAX_ID), nullable=False),
    Column("payload", Text, nullable=False),
    UniqueConstraint("learner", "attempt", name="an_attempt_is_recorded_once"),
    Index("events_by_unit", "learner", "unit"),
    sqlite_autoincrement=True,
)

turns = Table(
    "turns",
    tables,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("learner", String(MAX_NAME), nullable=False),
    Column("thread", String(MAX_ID), nullable=False),
    Column("key", String(MAX_ID), nullable=True),
    Column("role", String(16), nullable=False),
    Column("at", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("meta", Text, nullable=False),
    UniqueConstraint("learner", "thread", "key", name="a_turn_is_written_once"),
    Index("turns_by_thread", "learner", "thread", "id"),
    sqlite_autoincrement=True,
)

# The third trigger also stops INSERT OR REPLACE, which deletes a row without asking the second.
_APPEND_ONLY = (
    """CREATE TRIGGER IF NOT EXISTS events_are_never_changed BEFORE UPDATE ON events
       BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END""",
    """CREATE TRIGGER IF NOT EXISTS events_are_never_deleted BEFORE DELETE ON events
       BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END""",
    """CREATE TRIGGER IF NOT EXISTS events_are_never_replaced BEFORE INSERT ON events
       WHEN EXISTS (SELECT 1 FROM events
                    WHERE id = NEW.id OR (learner = NEW.learner AND attempt = NEW.attempt))
       BEGIN SELECT RAISE(ABORT, 'this attempt is recorded already'); END""",
)


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
        remedy = "Install its driver, or leave the setting empty to keep records in a file."
        raise TutorError("bad-records-url", f"{place} cannot be opened: {error}.", remedy) from error
    try:
        with told(place):
            _prepare(engine, place)
    except TutorError:
        engine.dispose()
        raise
    return Database(engine, place)


def _prepare(engine: Engine, place: str) -> None:
    """Checks the version of the tables, or makes them."""
    present = set(inspect(engine).get_table_names())
    is_file = engine.dialect.name == "sqlite"
    if about.name in present:
        with engine.connect() as connection:
            version = connection.scalar(select(about.c.value).where(about.c.key == "schema"))
        _check_version(version, place)
        return
    if is_file and present:
        raise _unreadable(place, "it holds the tables of something else")
    if is_file:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    with engine.begin() as connection:
        tables.create_all(connection)
        for trigger in _APPEND_ONLY if is_file else ():
            connection.exec_driver_sql(trigger)
        connection.execute(insert(about).values(key="schema", value=str(SCHEMA)))


def _check_version(version: str | None, place: str) -> None:
    if version is None or not version.isdigit():
        raise _unreadable(place, "they name no version")
    if int(version) > SCHEMA:
        raise TutorError(
            "newer-records",
            f"{place} was written by a newer mltutor (records version {version}, this one reads {SCHEMA}).",
            "Update mltutor, or set MLTUTOR_HOME to another folder.",
        )


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
