"""Conversations in a real SQLite file."""

from __future__ import annotations

from pathlib import Path

import pytest

from teaching.records import open_records
from teaching.transcript import (
    MAX_TEXT,
    Transcript,
    append_turn,
    last_thread,
    last_turns,
    list_threads,
    open_transcript,
)
from tutor_error import TutorError


@pytest.fixture
def store(tmp_path: Path):
    opened = open_transcript(tmp_path)
    yield opened
    opened.close()


def talk(store: Transcript, thread: str, *texts: str) -> None:
    for number, text in enumerate(texts):
        append_turn(store, "ada", thread, "tutor" if number % 2 else "learner", text)


def texts(turns: list) -> list[str]:
    return [turn.text for turn in turns]


def test_a_turn_comes_back_with_its_notes(store: Transcript):
    written = append_turn(store, "ada", "t1", "tutor", "Was ist ∇f?", meta={"move": "ask"})
    assert last_turns(store, "ada", "t1") == [written]
    assert (written.role, written.meta) == ("tutor", {"move": "ask"})


def test_the_last_turns_stand_oldest_first(store: Transcript):
    talk(store, "t1", *"abcdef")
    assert texts(last_turns(store, "ada", "t1", limit=3)) == ["d", "e", "f"]


def test_without_a_thread_the_one_last_spoken_in_is_resumed(store: Transcript):
    talk(store, "old", "a")
    talk(store, "new", "b")
    talk(store, "old", "c")
    assert last_thread(store, "ada") == "old"
    assert texts(last_turns(store, "ada")) == ["a", "c"]


def test_a_learner_without_turns_has_no_thread(store: Transcript):
    talk(store, "t1", "a")
    assert last_thread(store, "bob") is None
    assert last_turns(store, "bob") == []
    assert last_turns(store, "bob", "t1") == []


def test_threads_are_listed_with_the_latest_first(store: Transcript):
    talk(store, "t1", "How does k-means start?", "x", "y")
    talk(store, "t2", "z" * 200)
    talk(store, "t1", "w")
    listed = list_threads(store, "ada")
    assert [(thread.id, thread.turns) for thread in listed] == [("t1", 4), ("t2", 1)]
    assert listed[0].opening == "How does k-means start?"
    assert len(listed[1].opening) == 80
    assert listed[0].began <= listed[0].last
    assert list_threads(store, "ada", limit=1) == listed[:1]


def test_a_read_stays_within_its_characters(store: Transcript):
    talk(store, "t1", "a" * 60, "b" * 60, "c" * 30)
    assert texts(last_turns(store, "ada", "t1", characters=100)) == ["b" * 60, "c" * 30]
    (cut,) = last_turns(store, "ada", "t1", characters=20)
    assert len(cut.text) == 20
    assert cut.text.startswith("ccc")


def test_a_huge_turn_is_cut_when_it_is_written(store: Transcript):
    written = append_turn(store, "ada", "t1", "tool", "x" * (MAX_TEXT + 1))
    assert len(written.text) == MAX_TEXT
    assert written.text.endswith("…")


def test_a_turn_with_the_same_key_is_written_once(store: Transcript):
    first = append_turn(store, "ada", "t1", "learner", "hello", key="turn-1")
    again = append_turn(store, "ada", "t1", "learner", "hello again", key="turn-1")
    assert again == first
    assert append_turn(store, "ada", "t2", "learner", "hello", key="turn-1").id != first.id
    assert len(last_turns(store, "ada", "t1")) == 1


def test_text_that_no_encoding_holds_is_still_kept(store: Transcript):
    written = append_turn(store, "ada", "t1", "learner", "a\ud800b\0c")
    assert last_turns(store, "ada", "t1") == [written]
    assert written.text.startswith("a")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("a/b", "t1", "learner", "x"), "bad-learner"),
        (("ada", "", "learner", "x"), "bad-id"),
        (("ada", "t1", "assistant", "x"), "bad-turn"),
    ],
)
def test_what_is_no_turn_is_refused(store: Transcript, arguments: tuple, code: str):
    with pytest.raises(TutorError) as raised:
        append_turn(store, *arguments)
    assert raised.value.code == code
    assert raised.value.remedy


def test_notes_that_are_no_json_are_refused(store: Transcript):
    with pytest.raises(TutorError):
        append_turn(store, "ada", "t1", "learner", "x", meta={"when": object()})


def test_the_event_log_takes_turns_too_and_they_are_no_events(tmp_path: Path):
    with open_records(tmp_path) as records:
        append_turn(records, "ada", "t1", "learner", "hello")
        assert records.events("ada") == []
        assert texts(last_turns(records, "ada")) == ["hello"]
