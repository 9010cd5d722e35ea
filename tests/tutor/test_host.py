"""The tutor's own thread: stopping, closing and failing at awkward moments."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from queue import SimpleQueue
from typing import Any

import pytest

from tutor.events import Event, TokenStreamed, TurnFailed
from tutor.host import TutorHost
from tutor_error import TutorError


class TutorThatRemembersItsThread:
    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.turns = 0

    async def turn(
        self, text: str, thread: str = "default", confidence: float | None = None
    ) -> AsyncIterator[Event]:
        self.turns += 1
        self.threads.add(threading.get_ident())
        yield TokenStreamed(text)

    def history(self, thread: str = "default") -> list[Any]:
        return []

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[TutorThatRemembersItsThread]:
        self.threads.add(threading.get_ident())
        yield self
        self.threads.add(threading.get_ident())


def drain(arrived: SimpleQueue[Event | None]) -> list[Event]:
    events: list[Event] = []
    while (event := arrived.get(timeout=20)) is not None:
        events.append(event)
    return events


def test_one_thread_opens_uses_and_closes_the_tutor():
    tutor = TutorThatRemembersItsThread()
    host = TutorHost(tutor.opened)
    host.start()
    arrived: SimpleQueue[Event | None] = SimpleQueue()
    host.turn("hello", "default", arrived.put)
    assert drain(arrived) == [TokenStreamed("hello")]
    assert host.close()
    assert len(tutor.threads) == 1
    assert threading.get_ident() not in tutor.threads


def test_a_turn_stopped_before_the_tutor_is_open_still_ends_and_never_runs():
    door = threading.Event()
    tutor = TutorThatRemembersItsThread()

    @asynccontextmanager
    async def slow() -> AsyncIterator[TutorThatRemembersItsThread]:
        assert door.wait(20)
        yield tutor

    host = TutorHost(slow)
    host.start()
    arrived: SimpleQueue[Event | None] = SimpleQueue()
    host.turn("hello", "default", arrived.put).stop()
    door.set()
    assert drain(arrived) == []
    host.turn("again", "default", arrived.put)
    assert drain(arrived) == [TokenStreamed("again")]
    assert host.close()
    assert tutor.turns == 1


def test_closing_stops_the_turn_under_way():
    class TutorThatWaits(TutorThatRemembersItsThread):
        async def turn(
            self, text: str, thread: str = "default", confidence: float | None = None
        ) -> AsyncIterator[Event]:
            import asyncio

            yield TokenStreamed("begun")
            await asyncio.Event().wait()

    host = TutorHost(TutorThatWaits().opened)
    host.start()
    arrived: SimpleQueue[Event | None] = SimpleQueue()
    host.turn("x", "default", arrived.put)
    assert arrived.get(timeout=20) == TokenStreamed("begun")
    assert host.close()
    assert arrived.get(timeout=20) is None


def test_a_tutor_that_cannot_open_fails_every_turn_with_its_remedy():
    @asynccontextmanager
    async def broken() -> AsyncIterator[TutorThatRemembersItsThread]:
        raise TutorError("no-space", "The disk is full.", "Free some space.")
        yield TutorThatRemembersItsThread()

    host = TutorHost(broken)
    host.start()
    with pytest.raises(TutorError, match="The disk is full"):
        host.ready().result(20)
    arrived: SimpleQueue[Event | None] = SimpleQueue()
    host.turn("x", "default", arrived.put)
    assert drain(arrived) == [TurnFailed("no-space", "The disk is full.", "Free some space.")]
    assert host.close()


def test_a_closed_host_says_so():
    host = TutorHost(TutorThatRemembersItsThread().opened)
    host.start()
    assert host.close()
    assert host.close()
    with pytest.raises(TutorError, match="has ended"):
        host.turn("x", "default", lambda event: None)
