from dataclasses import dataclass
from typing import Any

import pytest

from teaching.hints import check_to_hint, hints_left, next_hint
from tutor_error import TutorError

HINTS = {
    "loss-falls": ["What sign?", "Look at the update.", "Subtract, do not add."],
    "shape": ["Which axis?"],
}


@dataclass(frozen=True)
class HelpedEvent:
    payload: dict[str, Any]
    kind: str = "helped"


def test_the_ladder_climbs_one_rung_a_request_and_stays_at_the_last() -> None:
    events: list[HelpedEvent] = []
    rungs: list[int] = []
    for _ in range(5):
        hint = next_hint(HINTS, events, "loss-falls")
        rungs.append(hint.rung)
        assert hint.text == HINTS["loss-falls"][hint.rung - 1]
        events.append(HelpedEvent({"check": "loss-falls", "rung": hint.rung}))
    assert rungs == [1, 2, 3, 3, 3]
    assert hint.is_last and hint.of == 3


def test_help_for_another_check_does_not_climb_this_ladder() -> None:
    events = [HelpedEvent({"check": "shape", "rung": 1}), HelpedEvent({"question": "q1", "rung": 2})]
    events.append(HelpedEvent({"check": "loss-falls", "rung": 2}, kind="graded"))
    assert next_hint(HINTS, events, "loss-falls").rung == 1


def test_an_unknown_check_names_the_nearest() -> None:
    with pytest.raises(TutorError) as caught:
        next_hint(HINTS, [], "los-falls")
    assert caught.value.code == "no-hint"
    assert "loss-falls" in caught.value.remedy


def test_a_bare_hint_is_about_the_first_failed_check_that_has_a_rung_left() -> None:
    events: list[HelpedEvent] = []
    given: list[tuple[str, int]] = []
    for left in (4, 3, 2, 1, 0):
        assert hints_left(HINTS, events, ["unhinted", "loss-falls", "shape"]) == left
        check = check_to_hint(HINTS, events, ["unhinted", "loss-falls", "shape"]) or ""
        given.append((check, next_hint(HINTS, events, check).rung))
        events.append(HelpedEvent({"check": check, "rung": given[-1][1]}))
    assert given == [("loss-falls", 1), ("loss-falls", 2), ("loss-falls", 3), ("shape", 1), ("loss-falls", 3)]


def test_where_nothing_that_failed_has_hints_a_bare_hint_is_about_nothing() -> None:
    assert check_to_hint(HINTS, [], ["unhinted"]) is None
    assert hints_left(HINTS, [], ["unhinted"]) == 0
