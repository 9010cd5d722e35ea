"""Blocking work of a tool: off the event loop, with progress, stopped when the call is.

The rule owned here: however a call ends (MCP cancel, a client that leaves, a stopped server, a
cancelled task), the work's event is set, so no thread goes on training for nobody; and a client
that reads slowly holds up nobody, its own work neither.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import anyio
from anyio import CapacityLimiter, lowlevel, to_thread
from anyio.streams.memory import MemoryObjectReceiveStream
from mcp.server.mcpserver import Context

from mcp_server.calls import Call, current_call

T = TypeVar("T")
Told = tuple[float, float | None, str]
MOST_AT_ONCE = 500
"""Threads that work or wait for a kernel; most of them wait. The SDK's own serve the short tools."""
_MOST_UNREAD = 256
_PATIENCE = 5.0

_threads: lowlevel.RunVar[CapacityLimiter] = lowlevel.RunVar("mltutor-threads")


class Report(Protocol):
    """Tell the client how far the work is. May be called from any thread."""

    def __call__(self, done: float, total: float | None, message: str) -> None: ...


async def run_cancellable(ctx: Context[Any, Any], work: Callable[[threading.Event, Report], T]) -> T:
    """Run `work(stop, report)` in a thread; it returns soon after `stop` is set."""
    stop = threading.Event()
    loop = asyncio.get_running_loop()
    send, unread = anyio.create_memory_object_stream[Told](_MOST_UNREAD)

    def keep(told: Told) -> None:
        try:
            send.send_nowait(told)
        except (anyio.WouldBlock, anyio.ClosedResourceError, anyio.BrokenResourceError):
            return  # the client is far behind or gone; the outcome will tell it all

    def report(done: float, total: float | None, message: str) -> None:
        if stop.is_set():
            return
        try:
            # Not waited for: a loop that is ending would never answer, and hold this thread for ever.
            loop.call_soon_threadsafe(keep, (done, total, message))
        except RuntimeError:
            # The loop may end between the test above and the call: then nobody listens.
            if not stop.is_set():
                raise

    try:
        with send, unread:
            return await _until_ended(ctx, lambda: work(stop, report), unread, send.close)
    finally:
        stop.set()


async def _until_ended(
    ctx: Context[Any, Any],
    work: Callable[[], T],
    unread: MemoryObjectReceiveStream[Told],
    no_more: Callable[[], None],
) -> T:
    """The work's outcome, after its progress has been told; TutorError when the call ended first."""
    call, failure, outcome = current_call(), None, list[T]()
    all_told = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_tell, ctx, unread, all_told)
        with anyio.CancelScope() as scope:
            if call is not None:
                tasks.start_soon(_end_with, call, scope)
            try:
                outcome.append(await to_thread.run_sync(work, abandon_on_cancel=True, limiter=_limiter()))
            except Exception as error:  # raised below: the group would wrap it
                failure = error
        no_more()
        if outcome or failure:
            with anyio.move_on_after(_PATIENCE):
                await all_told.wait()
        tasks.cancel_scope.cancel()
    if failure is not None:
        raise failure
    if not outcome:
        assert call is not None and call.why is not None
        raise call.why
    return outcome[0]


async def _tell(
    ctx: Context[Any, Any], unread: MemoryObjectReceiveStream[Told], all_told: anyio.Event
) -> None:
    async for done, total, message in unread:
        await ctx.report_progress(done, total, message)
    all_told.set()


async def _end_with(call: Call, scope: anyio.CancelScope) -> None:
    await call.ended.wait()
    scope.cancel()


def _limiter() -> CapacityLimiter:
    """This event loop's own threads for long work: those that wait keep no short tool from a thread."""
    try:
        return _threads.get()
    except LookupError:
        limiter = CapacityLimiter(MOST_AT_ONCE)
        _threads.set(limiter)
        return limiter
