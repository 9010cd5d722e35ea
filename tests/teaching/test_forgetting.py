"""Forgetting a unit: its evidence and the talk about it, and nothing of anything else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from teaching.forgetting import forget, tombstones, would_forget
from teaching.records import Records, open_records
from teaching.transcript import append_turn, last_turns
from tutor_error import TutorError


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with open_records(tmp_path) as opened:
        yield opened


def exchange(records: Records, thread: str, number: int, said: str, answer: str, *units: str) -> None:
    key = f"t-{number:016x}"
    append_turn(records, "ada", thread, "learner", said, key=f"{key}-l", meta={"units": list(units)})
    append_turn(records, "ada", thread, "tutor", answer, key=f"{key}-t")


def said(records: Records, thread: str) -> list[str]:
    return [turn.text for turn in last_turns(records, "ada", thread, limit=50)]


def test_the_talk_about_a_unit_goes_whole_and_other_talk_stays(records: Records) -> None:
    exchange(records, "one", 1, "what is it?", "a slope", "gradient-descent", "perceptron")
    exchange(records, "one", 2, "and this?", "a vote", "k-nearest-neighbors")
    exchange(records, "two", 3, "again", "a step", "gradient-descent")
    exchange(records, "two", 4, "hello", "hello")
    append_turn(records, "bob", "one", "learner", "mine", meta={"units": ["gradient-descent"]})
    found = would_forget(records, "ada", "gradient-descent")
    assert (found.events, found.turns, set(found.threads)) == (0, 4, {"one", "two"})
    gone = forget(records, "ada", "gradient-descent")
    assert gone.turns == 4 and "threads" not in gone.as_json()
    assert said(records, "one") == ["and this?", "a vote"] and said(records, "two") == ["hello", "hello"]
    assert [turn.text for turn in last_turns(records, "bob", "one")] == ["mine"]
    assert [(stone.unit, stone.turns) for stone in tombstones(records, "ada")] == [("gradient-descent", 4)]


def test_a_unit_is_not_taken_for_another_whose_name_holds_it(records: Records) -> None:
    exchange(records, "one", 1, "a", "b", "perceptron-lab")
    with pytest.raises(TutorError) as raised:
        would_forget(records, "ada", "perceptron")
    assert raised.value.code == "nothing-recorded"


def test_what_was_asked_and_agreed_to_in_the_midst_of_a_turn_goes_with_it(records: Records) -> None:
    exchange(records, "one", 1, "/solution", "here", "xor-network")
    append_turn(records, "ada", "one", "learner", "yes", key="t-0000000000000001-abc-a")
    append_turn(records, "ada", "one", "tutor", "Shall I?", key="t-0000000000000001-abc-q")
    forget(records, "ada", "xor-network")
    assert said(records, "one") == []
