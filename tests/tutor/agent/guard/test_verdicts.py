"""Verdicts: none that the record does not hold, and a right answer is never disputed."""

from __future__ import annotations

from typing import Any

import pytest

from tutor.agent.guard import Blocked, Told, Watch
from tutor.agent.guard.arithmetic import disputed_sum
from tutor.agent.guard.verdict import claims

RIGHT: dict[str, Any] = {"judged": {"correct": True, "covered": ["a"]}}
WRONG: dict[str, Any] = {"judged": {"correct": False, "covered": []}}
PARTLY: dict[str, Any] = {"judged": {"correct": None, "covered": ["a"]}}


def watch(outcome: dict[str, Any], told: str = "", line: str = "", move: str = "hint") -> Watch:
    return Watch(told=(Told(move, (told,)),), line=line, outcome=outcome, in_lesson=True)


@pytest.mark.parametrize(
    ("text", "claimed"),
    [("Correct!", {"right"}), ("That's absolutely right.", {"right"}), ("Well done.", {"right"}),
     ("Your answer is correct, and here is why.", {"right"}), ("That is not right.", {"wrong"}),
     ("You aren't right.", {"wrong"}), ("That isn't correct.", {"wrong"}), ("Not quite.", {"wrong"}),
     ("No, it is the other way round.", {"wrong"}), ("You passed!", {"passed"}),
     ("All your tests are green.", {"passed"}), ("Your project did not pass.", {"failed"}),
     ("You have mastered this.", {"mastered"}), ("Unfortunately, that is wrong.", {"wrong"}),
     ("You are right about the sign, but your number is wrong.", {"right", "wrong"})],
)  # fmt: skip
def test_a_verdict_is_heard(text: str, claimed: set[str]) -> None:
    assert claims(text) == claimed


@pytest.mark.parametrize(
    "text",
    ["Is that right?", "If your answer is right, the check passes.", "The right eigenvector comes first.",
     "A false positive is a wrong alarm.", "The correct class is the label's.", "Multiply from the right.",
     "A right-skewed column has a long tail.", "Check whether that is correct.",
     "The gradient passes through zero.",
     "What would be wrong with that?", "Pass the data to the model.", "Well, think of a hill.",
     "A perfect classifier has no errors.", "The test set must not be touched."],
)  # fmt: skip
def test_talk_about_the_subject_is_no_verdict(text: str) -> None:
    assert claims(text) == set()


def test_a_claim_needs_the_record() -> None:
    assert watch({}).fault("Correct! Go on.") is not None
    assert watch(RIGHT).fault("Correct! Go on.") is None
    assert watch(WRONG).fault("Correct! Go on.") is not None
    assert watch(WRONG).fault("Not quite. Think again.") is None
    assert watch({}).fault("Not quite. Think again.") is not None
    assert watch(PARTLY).fault("Right so far. Your number is wrong.") is not None


@pytest.mark.parametrize(
    "text", ["Not quite.", "That's wrong.", "No, it is not.", "You are mistaken.", "Hm, incorrect."]
)
def test_a_right_answer_is_never_called_wrong(text: str) -> None:
    assert watch(RIGHT, "Right. It points uphill.", move="confirm").fault(text) is not None


def test_a_confirmation_that_does_not_confirm_is_blocked() -> None:
    said = watch(RIGHT, "Right. It points uphill.", move="confirm")
    for text, is_fine in (("It points uphill.", False), ("Right. It points uphill.", True)):
        stream = said.stream("confirm", lambda _: None)
        stream.write(text)
        if is_fine:
            assert said.finish(stream, "confirm") == text
        else:
            with pytest.raises(Blocked, match="plainly"):
                said.finish(stream, "confirm")


def test_a_score_that_the_record_does_not_hold_is_a_fault() -> None:
    told = "Passed: 8 of 10 points in the grade."
    said = watch({"report": {"passed": True}}, told, move="correct")
    assert said.fault("You passed with 8/10 points.") is None
    assert said.fault("You passed with 9/10 points.") is not None


SUMS = ["2+2=4", "2 + 2 = 4", "two plus two is four", "I say that 2+2 is 4", "2 plus 2 equals 4",
        "is 2+2 4?", "two and two makes four", "so 2 + 2 equals four"]  # fmt: skip


@pytest.mark.parametrize("line", SUMS)
@pytest.mark.parametrize(
    "reply",
    ["No, 2+2 is 5.", "2 + 2 = 5.", "Two plus two is five.", "2+2 is not 4.", "Wrong: 2+2=5.",
     "That's incorrect.",     "Not quite, it is five.", "2+2 isn't 4."],
)  # fmt: skip
def test_two_and_two_are_four_is_never_disputed(line: str, reply: str) -> None:
    assert Watch(line=line).fault(reply, "answer") is not None
    assert watch({}, line=line).fault(reply) is not None


@pytest.mark.parametrize("line", SUMS)
def test_two_and_two_are_four_may_be_agreed_with(line: str) -> None:
    for reply in ("Yes, 2 + 2 = 4.", "Two plus two is four.", "2 + 2 equals 4 in the integers."):
        assert Watch(line=line).fault(reply, "answer") is None


def test_a_false_sum_may_be_corrected() -> None:
    assert not disputed_sum("2+2=5", "2 + 2 = 4.")
    assert not disputed_sum("what is a sum?", "No, 2 + 2 = 5 is false.")
