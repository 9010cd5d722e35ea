"""A placement and one unit's history in the conversation."""

from __future__ import annotations

import pytest

from tests.tutor.conftest import Open
from tutor.events import TurnFailed, TurnFinished

pytestmark = pytest.mark.anyio


async def say(tutor, line: str) -> str:
    async for event in tutor.turn(line):
        if isinstance(event, TurnFailed):
            return f"! {event.message}"
        if isinstance(event, TurnFinished):
            return event.answer
    raise AssertionError("the turn did not end")


async def test_a_placement_asks_to_its_end_tells_no_verdict_and_then_what_follows(opened: Open):
    async with opened() as tutor:
        answer = await say(tutor, "/place math")
        assert "no verdicts until the end" in answer
        turns = 0
        while "of at most" in answer:
            assert "Right" not in answer
            answer = await say(tutor, "I don't know")
            turns += 1
        assert turns <= 12
        assert "0 of" in answer
        assert "/learn" in answer


async def test_a_placement_is_left_by_a_command_and_what_was_answered_is_kept(opened: Open):
    async with opened() as tutor:
        await say(tutor, "/place math")
        await say(tutor, "don't know")
        assert "Until next time" in await say(tutor, "/stop")
        told = await say(tutor, "/progress")
        assert "1 attempt" in told


async def test_an_unknown_scope_is_told_with_the_nearest(opened: Open):
    async with opened() as tutor:
        assert "no programme and no track" in await say(tutor, "/place mathh")


async def test_a_confidence_said_with_an_answer_is_kept_and_shown_in_progress(opened: Open):
    async with opened() as tutor:
        assert "`, sure`" in await say(tutor, "/learn perceptron")
        await say(tutor, "1, guess")
        assert "Brier score" in await say(tutor, "/progress")
        assert "`perceptron/" in await say(tutor, "/progress perceptron")


async def test_where_the_learner_switched_it_off_confidence_is_neither_invited_nor_read(opened: Open):
    async with opened(ask_confidence=False) as tutor:
        assert "`, sure`" not in await say(tutor, "/learn perceptron")
        await say(tutor, "1, guess")
        assert "Brier score" not in await say(tutor, "/progress")
