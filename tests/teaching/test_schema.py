"""Older databases are brought up to this version, damaged ones are left alone, and PostgreSQL works."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from teaching.database import FILE_NAME
from teaching.forgetting import forget, tombstones
from teaching.records import open_records
from teaching.schema import SCHEMA
from tutor_error import TutorError

OLDEST = """
CREATE TABLE about_records ("key" VARCHAR(32) NOT NULL, value TEXT NOT NULL, PRIMARY KEY ("key"));
CREATE TABLE events (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, learner VARCHAR(64) NOT NULL, at VARCHAR(32) NOT NULL,
    kind VARCHAR(16) NOT NULL, attempt VARCHAR(200) NOT NULL, unit VARCHAR(200) NOT NULL,
    item VARCHAR(200) NOT NULL, payload TEXT NOT NULL,
    CONSTRAINT an_attempt_is_recorded_once UNIQUE (learner, attempt));
CREATE INDEX events_by_unit ON events (learner, unit);
CREATE TABLE turns (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, learner VARCHAR(64) NOT NULL,
    thread VARCHAR(200) NOT NULL, "key" VARCHAR(200), role VARCHAR(16) NOT NULL, at VARCHAR(32) NOT NULL,
    text TEXT NOT NULL, meta TEXT NOT NULL,
    CONSTRAINT a_turn_is_written_once UNIQUE (learner, thread, "key"));
CREATE INDEX turns_by_thread ON turns (learner, thread, id);
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER events_are_never_replaced BEFORE INSERT ON events
    WHEN EXISTS (SELECT 1 FROM events
                 WHERE id = NEW.id OR (learner = NEW.learner AND attempt = NEW.attempt))
    BEGIN SELECT RAISE(ABORT, 'this attempt is recorded already'); END;
INSERT INTO about_records VALUES ('schema', '1');
INSERT INTO events (learner, at, kind, attempt, unit, item, payload) VALUES
    ('ada', '2024-03-01T09:00:00.000000+00:00', 'answered', 'a-1', 'perceptron', 'perceptron/q1',
     '{"correct":true}');
INSERT INTO turns (learner, thread, role, at, text, meta) VALUES
    ('ada', 'default', 'learner', '2024-03-01T09:00:00.000000+00:00', 'hello', '{}');
"""


@pytest.fixture
def oldest(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(OLDEST)
    return tmp_path


def versions(home: Path) -> tuple[str, list[int]]:
    with closing(sqlite3.connect(home / FILE_NAME)) as connection:
        about = connection.execute("SELECT value FROM about_records").fetchone()[0]
        steps = connection.execute("SELECT version FROM migrations ORDER BY version").fetchall()
    return about, [step for (step,) in steps]


def test_a_database_of_the_oldest_version_is_migrated_and_keeps_what_it_holds(oldest: Path):
    with open_records(oldest) as records:
        (event,) = records.events("ada")
        assert (event.attempt, event.payload) == ("a-1", {"correct": True})
        _, is_new = records.append("ada", "answered", "a-1", "perceptron", "perceptron/q1", {})
        assert not is_new
        forget(records, "ada", "perceptron")
        assert len(tombstones(records)) == 1
    assert versions(oldest) == (str(SCHEMA), [2])


def test_a_migrated_database_has_the_tables_and_guards_of_a_new_one(oldest: Path, tmp_path: Path):
    open_records(oldest).close()
    open_records(tmp_path / "new").close()
    shapes: list[set[tuple[str, str]]] = []
    for home in (oldest, tmp_path / "new"):
        with closing(sqlite3.connect(home / FILE_NAME)) as connection:
            shapes.append(set(connection.execute("SELECT type, name FROM sqlite_master")))
    assert shapes[0] == shapes[1]


def test_of_many_that_open_an_old_database_at_once_one_migrates_it(oldest: Path):
    ready, seen = threading.Barrier(4), list[int]()

    def use() -> None:
        ready.wait(timeout=10)
        with open_records(oldest) as records:
            seen.append(len(records.events("ada")))

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert seen == [1, 1, 1, 1]
    assert versions(oldest) == (str(SCHEMA), [2])


def test_a_migration_that_breaks_off_leaves_the_old_version_whole(
    oldest: Path, monkeypatch: pytest.MonkeyPatch
):
    def fails(_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr("teaching.schema._guard", fails)
    with pytest.raises(RuntimeError):
        open_records(oldest)
    monkeypatch.undo()
    with closing(sqlite3.connect(oldest / FILE_NAME)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert "events_are_never_deleted" in names
    assert "forgotten" not in names
    with open_records(oldest) as records:
        assert len(records.events("ada")) == 1


def test_a_damaged_older_database_is_refused_and_left_as_it_is(oldest: Path):
    path = oldest / FILE_NAME
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damaged = path.read_bytes()[:4096] + os.urandom(8192) + path.read_bytes()[12288:]
    path.write_bytes(damaged)
    with pytest.raises(TutorError) as raised:
        open_records(oldest)
    assert raised.value.code == "unreadable-records"
    assert str(path) in raised.value.message
    assert path.read_bytes() == damaged


def test_an_event_that_was_damaged_is_told_as_such(tmp_path: Path):
    open_records(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection, connection:
        connection.execute(
            "INSERT INTO events (learner, at, kind, attempt, unit, item, payload) "
            "VALUES ('ada', '2024-03-01T09:00:00+00:00', 'answered', 'a-1', 'u', 'q', '{\"corr')"
        )
    with open_records(tmp_path) as records, pytest.raises(TutorError) as raised:
        records.events("ada")
    assert raised.value.code == "unreadable-records"


def test_the_same_records_work_in_postgresql(tmp_path: Path, postgresql: str):
    url, learner = postgresql, "ada"
    with open_records(tmp_path, url) as records, open_records(tmp_path, url) as second:
        first, is_new = records.append(learner, "answered", "a-1", "u", "u/q", {"correct": True, "x": "∇"})
        again, was_new = second.append(learner, "answered", "a-1", "u", "u/q", {"correct": False})
        assert (is_new, was_new, again) == (True, False, first)
        assert forget(second, learner, "u").events == 1
        assert records.events(learner) == []
        assert [stone.events for stone in tombstones(records, learner)] == [1]
