"""Lines before an open question that are about something else, and what goes with an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from teaching.forgetting import forget
from tutor.agent import Tutor
from tutor.events import ConfidenceInvited, Event, TurnFinished

pytestmark = pytest.mark.anyio
Open = Callable[..., Any]


async def events_of(tutor: Tutor, line: str, confidence: float | None = None) -> list[Event]:
    return [event async for event in tutor.turn(line, confidence=confidence)]


async def say(tutor: Tutor, *lines: str) -> list[TurnFinished]:
    said: list[TurnFinished] = []
    for line in lines:
        last = (await events_of(tutor, line))[-1]
        assert isinstance(last, TurnFinished), (line, last)
        said.append(last)
    return said


def judged(tutor: Tutor) -> list[Any]:
    return tutor._context.records.events("default", kind="answered")  # pyright: ignore[reportPrivateUsage]


async def invited(tutor: Tutor, line: str, confidence: float | None = None) -> str | None:
    events = await events_of(tutor, line, confidence)
    return next((event.question for event in events if isinstance(event, ConfidenceInvited)), None)


@pytest.mark.parametrize(
    "line",
    [
        "compare perceptron and naive Bayes",
        "What is the difference between k-nearest neighbors and naive Bayes?",
        "compare gradient descent and sgd and momentum",
    ],
)
async def test_a_comparison_is_made_while_a_number_is_asked_for(opened: Open, line: str) -> None:
    async with opened() as tutor:
        await say(tutor, "/learn gradient-descent")
        (told,) = await say(tutor, line)
        assert told.moves[0] == "compare" and told.moves[-1] == "ask" and "two steps" in told.answer
        assert judged(tutor) == []


@pytest.mark.parametrize(
    "line", ["compare bias and variance", "explain the learning rate", "define overfitting"]
)
async def test_an_order_to_explain_is_a_question_where_no_words_are_asked_for(
    opened: Open, line: str
) -> None:
    async with opened() as tutor:
        await say(tutor, "/learn gradient-descent")
        (told,) = await say(tutor, line)
        assert told.moves[0] in ("answer", "decline") and told.moves[-1] == "ask" and judged(tutor) == []


async def test_the_blank_is_of_the_example_shown_last_until_the_lesson_goes_on(opened: Open) -> None:
    async with opened() as tutor:
        await say(tutor, "/learn gradient-descent", "/example sgd-and-momentum")
        faded, _, again = await say(tutor, "/fade", "skip", "/example")
        assert "Stochastic gradient descent" in faded.answer and "example 2" in again.answer
        await say(tutor, "5.5")
        (own,) = await say(tutor, "/fade")
        assert "Gradient descent from scratch" in own.answer


async def test_confidence_is_invited_before_an_answer_that_nobody_helped_with(opened: Open) -> None:
    async with opened() as tutor:
        first = await invited(tutor, "/learn gradient-descent")
        asked_back = await invited(tutor, "what is a slope?")
        helped = await invited(tutor, "hint")
        assert first == asked_back == "gradient-descent/q1" and helped is None
    async with opened(ask_confidence=False) as tutor:
        assert await invited(tutor, "/learn perceptron") is None


async def test_the_choice_beside_the_line_counts_unless_the_answer_says_otherwise(opened: Open) -> None:
    async with opened() as tutor:
        await say(tutor, "/learn gradient-descent")
        await events_of(tutor, "what is a slope?", 0.4)
        assert await invited(tutor, "5.5", 0.95) == "gradient-descent/q2"
        await events_of(tutor, "2, not sure", 0.95)
        assert [event.payload["confidence"] for event in judged(tutor)] == [0.95, 0.4]
        assert [event.payload["correct"] for event in judged(tutor)] == [True, True]


async def test_a_placement_reads_the_confidence_of_its_answers(opened: Open) -> None:
    async with opened() as tutor:
        assert await invited(tutor, "/place") is not None
        await events_of(tutor, "1, think so")
        await events_of(tutor, "1", 0.95)
        assert judged(tutor)[0].payload["confidence"] == 0.75


async def test_forgetting_a_unit_takes_the_lesson_and_leaves_the_rest(opened: Open) -> None:
    async with opened() as tutor:
        await say(
            tutor, "/learn gradient-descent", "hello", "5.5", "compare gradient descent and naive Bayes"
        )
        await say(tutor, "/stop", "/learn perceptron", "hint", "thanks")
        records = tutor._context.records  # pyright: ignore[reportPrivateUsage]
        forget(records, "default", "gradient-descent")
        left = [said.text for said in tutor.history()]
    assert not any(line in left for line in ("hello", "5.5", "/learn gradient-descent"))
    assert left[-6::2] == ["/learn perceptron", "hint", "thanks"]
    assert not any("gradient-descent" in text for text in left[:4])


def helps(tutor: Tutor) -> list[Any]:
    return tutor._context.records.events("default", kind="helped")  # pyright: ignore[reportPrivateUsage]


async def test_words_before_a_code_question_are_not_run_and_cost_nothing(opened: Open) -> None:
    async with opened() as tutor:
        await say(tutor, "/learn gradient-descent", "5.5", "2")
        words, number = await say(tutor, "you step against the slope until it is flat", "2")
        assert words.moves == ["remark"] and "no program" in words.answer and "/grade" in number.answer
        assert [event.payload["correct"] for event in judged(tutor)] == [True, True, None, None]
        (tried,) = await say(tutor, "def descend(gradient, start, rate, steps): return start")
        assert "Not quite" in tried.answer and judged(tutor)[-1].payload["correct"] is False


async def test_how_to_put_an_answer_is_no_help_with_it(opened: Open) -> None:
    async with opened() as tutor:
        await say(tutor, "/learn gradient-descent")
        (unread,) = await say(tutor, "bananas")
        assert unread.moves == ["remark"] and helps(tutor) == []
        assert await invited(tutor, "still bananas") == "gradient-descent/q1"


async def test_a_bare_choice_loses_an_option_and_the_right_one_is_named_in_the_end(opened: Open) -> None:
    async with opened() as tutor:
        await say(tutor, "/learn gradient-descent", "5.5")
        fewer, told = await say(
            tutor,
            "hint",
            "no idea",
        )
        assert "Leave option" in fewer.answer and "option 2" not in fewer.answer
        assert "Right is option 2." in f"{fewer.answer} {told.answer}" or told.moves == ["hint"]
        assert [event.payload["check"] for event in helps(tutor)][:1] == ["q2"]


async def test_courtesy_is_answered_in_kind_and_the_question_stays(opened: Open) -> None:
    async with opened() as tutor:
        await say(tutor, "/learn gradient-descent")
        thanks, heard, next_one = await say(tutor, "thanks!", "ok", "what's next?")
        assert thanks.answer.startswith(("You are welcome", "Gladly")) and "Hello" not in heard.answer
        assert next_one.moves == ["recommend", "ask"] and "First the rest of" in next_one.answer
        assert all("two steps" in one.answer for one in (thanks, heard, next_one)) and judged(tutor) == []


@pytest.mark.parametrize("line", ["what do you mean?", "can you say it more simply?", "I'm confused"])
async def test_who_does_not_follow_in_a_lesson_gets_the_next_hint(opened: Open, line: str) -> None:
    async with opened() as tutor:
        await say(tutor, "/learn gradient-descent")
        (helped,) = await say(tutor, line)
        assert helped.moves == ["hint"]


async def test_skip_passes_over_a_question_leaves_a_blank_and_is_told_when_nothing_is_open(
    opened: Open,
) -> None:
    async with opened() as tutor:
        nothing, *_, blank, passed = await say(
            tutor, "/skip", "/learn gradient-descent", "/fade", "/skip", "/skip"
        )
        assert "Nothing is open" in nothing.answer and blank.answer.startswith("Left it is")
        assert "two steps" in blank.answer and "From step to step" in passed.answer


@pytest.mark.parametrize(
    "line", ["I give up", "how do I start?", "why is my code wrong?", "I'm stuck", "help me"]
)
async def test_who_is_stuck_in_a_project_gets_its_next_hint(opened: Open, line: str) -> None:
    async with opened() as tutor:
        await say(tutor, "/start iris-knn-classifier")
        (helped,) = await say(tutor, line)
        assert helped.moves == ["hint"] and "Hint 1 of" in helped.answer


@pytest.mark.parametrize(
    ("line", "move"),
    [("give me the solution", "remark"), ("yes", "remark"), ("what time is it?", "decline"),
     ("who won the world cup?", "decline"), ("which movies does a recommender show?", "answer")],
)  # fmt: skip
async def test_outside_of_a_lesson_a_line_gets_what_fits_it(opened: Open, line: str, move: str) -> None:
    async with opened() as tutor:
        (told,) = await say(tutor, line)
        assert told.moves == [move], told.answer
