"""The event log against a real SQLite file, and against processes that write at the same time."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from teaching.database import FILE_NAME
from teaching.records import MAX_PAYLOAD, Records, evidence_row, open_records
from teaching.schema import SCHEMA
from tutor_error import TutorError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def records(tmp_path: Path):
    with open_records(tmp_path) as opened:
        yield opened


def code_of(raised: pytest.ExceptionInfo[TutorError]) -> str:
    assert raised.value.remedy, "a user's error says what to do next"
    return raised.value.code


def raw(home: Path) -> sqlite3.Connection:
    return sqlite3.connect(home / FILE_NAME)


def test_an_event_comes_back_as_it_was_written(records: Records):
    payload = {
        "grade": {"passed": True, "score": 0.1 + 0.2, "seen": "naïve \ud800 \x00 ∇", "big": 2**70},
        "evidence": [evidence_row("k-means", "inertia-falls", correct=True, assisted=True, weight=0.5)],
    }
    written, is_new = records.append("ada", "graded", "a-1", "ml-03", "ml-03", payload)
    assert is_new
    assert written.payload == payload
    assert records.attempt("ada", "a-1") == written
    assert records.events("ada") == [written]
    assert written.at.utcoffset().total_seconds() == 0


def test_the_same_attempt_again_returns_the_stored_event_and_writes_nothing(records: Records):
    first, _ = records.append("ada", "answered", "a-1", "perceptron", "q1", {"correct": False})
    again, is_new = records.append("ada", "answered", "a-1", "perceptron", "q1", {"correct": True})
    assert (again, is_new) == (first, False)
    assert again.payload == {"correct": False}
    assert len(records.events("ada")) == 1


def test_two_learners_may_use_the_same_attempt_id(records: Records):
    records.append("ada", "answered", "a-1", "perceptron", "q1", {})
    _, is_new = records.append("bob", "answered", "a-1", "perceptron", "q1", {})
    assert is_new
    assert records.learners() == ["ada", "bob"]


def test_an_attempt_id_of_something_else_is_refused(records: Records):
    records.append("ada", "answered", "a-1", "perceptron", "q1", {})
    with pytest.raises(TutorError) as raised:
        records.append("ada", "answered", "a-1", "perceptron", "q2", {})
    assert code_of(raised) == "attempt-reused"
    with pytest.raises(TutorError) as raised:
        records.attempt("ada", "a-1", kind="graded")
    assert code_of(raised) == "attempt-reused"


def test_events_are_filtered_and_stand_in_the_order_of_writing(records: Records):
    for number, (kind, unit) in enumerate([("answered", "b"), ("graded", "a"), ("answered", "a")]):
        records.append("ada", kind, f"a-{number}", unit, "q1", {})
    assert [event.attempt for event in records.events("ada")] == ["a-0", "a-1", "a-2"]
    assert [event.attempt for event in records.events("ada", kind="answered")] == ["a-0", "a-2"]
    assert [event.attempt for event in records.events("ada", kind="answered", unit="a")] == ["a-2"]
    assert records.events("ada", item="q2") == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET payload = '{}'",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events (learner, at, kind, attempt, unit, item, payload) "
        "VALUES ('ada', '2024', 'graded', 'a-1', 'u', 'i', '{}')",
        "REPLACE INTO events (id, learner, at, kind, attempt, unit, item, payload) "
        "VALUES (1, 'eve', '2024', 'graded', 'a-9', 'u', 'i', '{}')",
    ],
)
def test_the_database_itself_refuses_to_rewrite_history(records: Records, tmp_path: Path, statement: str):
    before, _ = records.append("ada", "answered", "a-1", "perceptron", "q1", {"correct": True})
    with closing(raw(tmp_path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
    assert records.events("ada") == [before]


@pytest.mark.parametrize("name", ["ada", "Ada Lovelace", "李雷", "x" * 64, "..a"])
def test_ordinary_names_are_learners(records: Records, name: str):
    assert records.events(name) == []


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", "..", ".", " ada", "a\nb", "a\x00", "x" * 65])
def test_a_name_that_could_be_a_path_is_refused(records: Records, name: str):
    with pytest.raises(TutorError) as raised:
        records.append(name, "answered", "a-1", "u", "q", {})
    assert code_of(raised) == "bad-learner"


@pytest.mark.parametrize(
    "payload", [{"p": float("nan")}, {"p": {1: 2}}, {"p": object()}, {"p": "x" * MAX_PAYLOAD}]
)
def test_what_json_cannot_keep_exactly_is_refused_and_not_written(records: Records, payload: dict):
    with pytest.raises(TutorError) as raised:
        records.append("ada", "graded", "a-1", "u", "u", payload)
    assert code_of(raised) == "unstorable-payload"
    assert records.events("ada") == []


def test_threads_that_share_one_log_write_an_attempt_once(records: Records):
    ready = threading.Barrier(4)
    outcomes: list[bool] = []

    def write() -> None:
        ready.wait(timeout=10)
        outcomes.extend(records.append("ada", "answered", f"a-{n}", "u", "q", {})[1] for n in range(20))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert (len(outcomes), sum(outcomes), len(records.events("ada"))) == (80, 20, 20)


WRITER = """
import sys
from pathlib import Path
from teaching.records import open_records
print("ready", flush=True)
sys.stdin.readline()
with open_records(Path(sys.argv[1])) as records:
    print(sum(records.append("ada", "graded", f"a-{n}", "u", "u", {"by": sys.argv[2]})[1] for n in range(40)))
"""


def test_processes_that_send_the_same_attempts_to_a_new_home_write_each_once(tmp_path: Path):
    home = tmp_path / "not" / "there" / "yet"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(home), name],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )
        for name in ("one", "two")
    ]  # fmt: skip
    try:
        assert [writer.stdout.readline() for writer in writers] == ["ready\n", "ready\n"]
        for writer in writers:
            writer.stdin.write("go\n")
            writer.stdin.flush()
        written = [int(writer.communicate(timeout=60)[0]) for writer in writers]
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()
    assert sum(written) == 40
    with open_records(home) as records:
        by = [event.payload["by"] for event in records.events("ada")]
    assert (by.count("one"), by.count("two")) == tuple(written)


def test_the_file_is_readable_by_its_owner_alone_and_survives_reopening(tmp_path: Path):
    for number in range(2):
        with open_records(tmp_path) as records:
            records.append("ada", "answered", f"a-{number}", "u", "q", {})
            assert len(records.events("ada")) == number + 1
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    with closing(raw(tmp_path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path):
    (tmp_path / FILE_NAME).write_bytes(b"my diary " * 500)
    with pytest.raises(TutorError) as raised:
        open_records(tmp_path)
    assert code_of(raised) == "unreadable-records"
    assert str(tmp_path / FILE_NAME) in raised.value.message
    assert (tmp_path / FILE_NAME).read_bytes() == b"my diary " * 500


def test_a_database_of_something_else_is_left_alone(tmp_path: Path):
    with closing(raw(tmp_path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(TutorError) as raised:
        open_records(tmp_path)
    assert code_of(raised) == "unreadable-records"


def test_records_of_a_newer_version_are_refused(tmp_path: Path):
    open_records(tmp_path).close()
    with closing(raw(tmp_path)) as connection, connection:
        connection.execute("UPDATE about_records SET value = ?", (str(SCHEMA + 1),))
    with pytest.raises(TutorError) as raised:
        open_records(tmp_path)
    assert code_of(raised) == "newer-records"


def test_a_home_that_is_a_file_is_a_clear_error(tmp_path: Path):
    (tmp_path / "home").write_text("", encoding="utf-8")
    with pytest.raises(TutorError) as raised:
        open_records(tmp_path / "home")
    assert code_of(raised) == "unreadable-records"


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "nosuch://host/records"])
def test_an_address_that_cannot_be_used_is_a_clear_error(tmp_path: Path, url: str):
    with pytest.raises(TutorError) as raised:
        open_records(tmp_path, url)
    assert code_of(raised) == "bad-records-url"


def test_the_address_of_a_file_elsewhere_is_used(tmp_path: Path):
    elsewhere = tmp_path / "elsewhere" / "log.db"
    with open_records(tmp_path / "home", f"sqlite:///{elsewhere}") as records:
        records.append("ada", "helped", "a-1", "u", "c", {"check": "c", "rung": 1})
    assert elsewhere.exists()
    assert not (tmp_path / "home").exists()


def test_a_password_in_the_address_is_never_shown(tmp_path: Path):
    with pytest.raises(TutorError) as raised:
        open_records(tmp_path, "nosuch://me:hunter2@host/records")
    assert "hunter2" not in str(raised.value)
