"""The tables of the records, their version, and the way from an older version to this one.

The rule owned here: a version is reached step by step, each step in one transaction and noted in
`migrations`, so that a database is whole before and after it, whoever is interrupted.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    update,
)

SCHEMA = 2
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

migrations = Table(
    "migrations",
    tables,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
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

# learner: empty when all of somebody was forgotten, name and all. unit: empty for every unit.
# is_open: 1 only within the transaction that deletes.
forgotten = Table(
    "forgotten",
    tables,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("learner", String(MAX_NAME), nullable=False),
    Column("unit", String(MAX_ID), nullable=False),
    Column("at", String(32), nullable=False),
    Column("events", Integer, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("is_open", Integer, nullable=False),
    sqlite_autoincrement=True,
)

# The third trigger also stops INSERT OR REPLACE, which deletes a row without asking the second.
_APPEND_ONLY = (
    """CREATE TRIGGER IF NOT EXISTS events_are_never_changed BEFORE UPDATE ON events
       BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END""",
    """CREATE TRIGGER IF NOT EXISTS events_go_only_when_forgotten BEFORE DELETE ON events
       WHEN NOT EXISTS (SELECT 1 FROM forgotten WHERE is_open = 1)
       BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END""",
    """CREATE TRIGGER IF NOT EXISTS events_are_never_replaced BEFORE INSERT ON events
       WHEN EXISTS (SELECT 1 FROM events
                    WHERE id = NEW.id OR (learner = NEW.learner AND attempt = NEW.attempt))
       BEGIN SELECT RAISE(ABORT, 'this attempt is recorded already'); END""",
)


def create(connection: Connection, at: str) -> None:
    """All tables of the present version in an empty database. at: UTC, as text."""
    tables.create_all(connection)
    _guard(connection)
    connection.execute(insert(about).values(key="schema", value=str(SCHEMA)))
    connection.execute(insert(migrations).values(version=SCHEMA, at=at))


def migrate(connection: Connection, version: int, at: str) -> None:
    """Takes one step up from `version`, within the caller's transaction."""
    connection.execute(update(about).where(about.c.key == "schema").values(value=str(version + 1)))
    _STEPS[version](connection)
    connection.execute(insert(migrations).values(version=version + 1, at=at))


def _to_2(connection: Connection) -> None:
    """Forgetting leaves a line behind, and is the one way in which events go."""
    tables.create_all(connection, tables=[migrations, forgotten])
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS events_are_never_deleted")
    _guard(connection)


def _guard(connection: Connection) -> None:
    for trigger in _APPEND_ONLY if connection.dialect.name == "sqlite" else ():
        connection.exec_driver_sql(trigger)


_STEPS: dict[int, Callable[[Connection], None]] = {1: _to_2}
