"""A scripted tutor behind the real screen, and the few things that its tests do again and again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tutor.events import Event, TokenStreamed
from tutor.tui.app import TutorApp
from tutor.turns import Said


class ScriptedTutor:
    """Answers a known message with its events, any other by saying it back.

    `said_before` is the thread's history. A turn on "forever" says half an answer and waits.
    """

    def __init__(self, **script: list[Event]) -> None:
        self.script = script
        self.said_before: list[Said] = []
        self.heard: list[str] = []
        self.sure: list[float | None] = []
        self.was_stopped = False
        self.is_closed = False

    async def turn(
        self, text: str, thread: str = "default", confidence: float | None = None
    ) -> AsyncIterator[Event]:
        self.heard.append(text)
        self.sure.append(confidence)
        if text == "forever":
            yield TokenStreamed("half an answer")
            try:
                await asyncio.Event().wait()
            finally:
                self.was_stopped = True
        for event in self.script.get(text, [TokenStreamed(f"You said {text}.")]):
            yield event

    def history(self, thread: str = "default") -> list[Said]:
        return self.said_before

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[ScriptedTutor]:
        yield self
        self.is_closed = True


class TutorBehindADoor(ScriptedTutor):
    """Blocks its thread while it opens, as imports do, until `door` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.door = threading.Event()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[ScriptedTutor]:
        assert self.door.wait(20)
        yield self


def screen_text(app: TutorApp) -> str:
    """What a person sees, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def wait_until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Let the application work until `holds`; fails after a bounded number of rounds."""
    for _ in range(400):
        if holds():
            return
        await pilot.pause(0.01)
    raise AssertionError(f"it never came true; the screen is\n{screen_text(pilot.app)}")  # type: ignore[arg-type]


def is_in_turn(app: TutorApp) -> bool:
    """Whether a turn is under way, down to the last word that the screen adds after the answer."""
    return app.is_answering or any(each.group == "turn" and not each.is_finished for each in app.workers)


async def send(pilot: Pilot[None], text: str) -> None:
    """Type a message, send it, and wait for the end of the turn."""
    app = pilot.app
    assert isinstance(app, TutorApp)
    app.prompt.text = text
    await pilot.press("enter")
    await pilot.pause()
    await wait_until(pilot, lambda: not app.prompt.text and not is_in_turn(app))
    await pilot.pause()
