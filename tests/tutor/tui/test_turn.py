"""Tokens are joined before they are written, and nothing changes its place."""

from __future__ import annotations

import asyncio

import pytest

from tutor.events import Event, MoveChosen, TokenStreamed, TurnFinished
from tutor.tui.turn import batch_tokens

pytestmark = pytest.mark.anyio


async def batched(*events: Event, seconds: float = 30.0) -> list[Event]:
    arrived: asyncio.Queue[Event | None] = asyncio.Queue()
    for event in (*events, None):
        arrived.put_nowait(event)
    return [event async for event in batch_tokens(arrived, seconds)]


async def test_tokens_in_a_row_become_one_and_other_events_keep_their_place():
    finished = TurnFinished("abcd", [], "covered", "embedded", [])
    tokens = [TokenStreamed(letter) for letter in "abcd"]
    given = [*tokens[:2], MoveChosen("teach"), *tokens[2:], finished]
    assert await batched(*given) == [
        TokenStreamed("ab"),
        MoveChosen("teach"),
        TokenStreamed("cd"),
        finished,
    ]


async def test_a_stream_that_ends_in_tokens_loses_none():
    assert await batched(TokenStreamed("a"), TokenStreamed("b")) == [TokenStreamed("ab")]
    assert await batched() == []


async def test_a_pause_lets_go_of_what_is_there():
    arrived: asyncio.Queue[Event | None] = asyncio.Queue()
    arrived.put_nowait(TokenStreamed("a"))
    stream = batch_tokens(arrived, 0.01)
    assert await anext(stream) == TokenStreamed("a")
    arrived.put_nowait(TokenStreamed("b"))
    arrived.put_nowait(None)
    assert [event async for event in stream] == [TokenStreamed("b")]
