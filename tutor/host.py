"""The tutor on an event loop of its own, in a thread: a front end never waits for it.

The rule of this module: the tutor is opened, used and closed by one thread, whatever happens
to the front end, and every turn ends with exactly one `None` after its events.
"""

from __future__ import annotations

import asyncio
import threading
import traceback
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from concurrent.futures import Future
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from tutor.events import Event, TurnFailed
from tutor.turns import OpenTutor, Said, Turns
from tutor_error import TutorError

Deliver = Callable[[Event | None], None]
T = TypeVar("T")

_CLOSE_SECONDS = 8.0


def explain_error(error: BaseException, log: Path | None) -> TutorError:
    """The error as a learner sees it; one that nobody expected goes to the log whole."""
    if isinstance(error, TutorError):
        return error
    message = f"The tutor met an error of its own: {type(error).__name__}: {error}"
    if log is None:
        return TutorError("unexpected-error", message, "Ask again, or start mltutor anew.")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now(UTC).isoformat()} {''.join(traceback.format_exception(error))}\n")
    return TutorError("unexpected-error", message, f"Ask again; the details are in {log}")


class TurnHandle:
    """A turn under way on the host's loop; `stop` may be called from any thread, at any time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, turns: set[asyncio.Task[None]]) -> None:
        self._loop = loop
        self._turns = turns
        self._task: asyncio.Task[None] | None = None

    def begin(self, work: Coroutine[Any, Any, None], deliver: Deliver) -> None:
        self._task = self._loop.create_task(work)
        self._turns.add(self._task)
        self._task.add_done_callback(self._turns.discard)
        # A callback, not a `finally` in the turn: a task stopped before its first step runs none of its code.
        self._task.add_done_callback(lambda _: deliver(None))

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()


class TutorHost:
    """A thread that hosts one tutor. `log` receives the tracebacks that a learner never sees."""

    def __init__(self, open_tutor: OpenTutor, log: Path | None = None) -> None:
        self._open = open_tutor
        self._log = log
        self._thread = threading.Thread(target=self._run, name="tutor", daemon=True)
        self._up = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._opened: asyncio.Future[Turns]
        self._closing: asyncio.Event
        self._one_turn: asyncio.Lock
        self._turns: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._thread.start()
        self._up.wait()

    def ready(self) -> Future[None]:
        """Done when the tutor is open; raises TutorError when it could not be opened."""
        self._insist_on_life()
        return self._submit(self._become_ready())

    def turn(self, text: str, thread: str, deliver: Deliver, confidence: float | None = None) -> TurnHandle:
        """Take a turn; `deliver` is called on the host's thread with each event, then with None."""
        self._insist_on_life()
        handle = TurnHandle(self._loop, self._turns)
        self._loop.call_soon_threadsafe(
            handle.begin, self._take_turn(text, thread, deliver, confidence), deliver
        )
        return handle

    def history(self, thread: str) -> Future[Sequence[Said]]:
        self._insist_on_life()
        return self._submit(self._read_history(thread))

    def close(self, seconds: float = _CLOSE_SECONDS + 2) -> bool:
        """Stop what runs and close the tutor; False when it did not end in time."""
        if not self._thread.is_alive():
            return True
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _insist_on_life(self) -> None:
        if not self._thread.is_alive():
            raise TutorError("tutor-closed", "The tutor has ended.", "Start mltutor again.")

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _run(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._opened = self._loop.create_future()
        self._closing = asyncio.Event()
        self._one_turn = asyncio.Lock()
        self._up.set()
        keeper = asyncio.create_task(self._keep_open())
        await self._closing.wait()
        for turn in tuple(self._turns):
            turn.cancel()
        if not self._opened.done():
            keeper.cancel()
        await asyncio.wait({keeper}, timeout=_CLOSE_SECONDS)

    async def _keep_open(self) -> None:
        """Enter and leave the tutor in one task, as its cancel scopes ask."""
        try:
            async with self._open() as tutor:
                self._opened.set_result(tutor)
                await self._closing.wait()
        except Exception as error:
            failure = explain_error(error, self._log)
            if not self._opened.done():
                self._opened.set_exception(failure)
                # Marks it as retrieved: a front end that never asks is no "exception was never retrieved".
                self._opened.exception()

    async def _become_ready(self) -> None:
        await asyncio.shield(self._opened)

    async def _read_history(self, thread: str) -> Sequence[Said]:
        tutor = await asyncio.shield(self._opened)
        return tutor.history(thread)

    async def _take_turn(self, text: str, thread: str, deliver: Deliver, confidence: float | None) -> None:
        try:
            tutor = await asyncio.shield(self._opened)
            async with self._one_turn:
                # An async generator is closed here and now, so that a stopped turn frees its tools.
                turn = cast("AsyncGenerator[Event, None]", tutor.turn(text, thread, confidence))
                async with aclosing(turn) as events:
                    async for event in events:
                        deliver(event)
        except Exception as error:
            failure = explain_error(error, self._log)
            deliver(TurnFailed(failure.code, failure.message, failure.remedy))
