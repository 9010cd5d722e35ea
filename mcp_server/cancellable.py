"""Blocking work of a tool: off the event loop, with progress, stopped when the call is.

The rule owned here: however a call ends (MCP cancel, a client that leaves, a cancelled
task), the work's event is set, so no thread goes on training for nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from anyio import from_thread, lowlevel, to_thread
from mcp.server.mcpserver import Context

T = TypeVar("T")


class Report(Protocol):
    """Tell the client how far the work is. May be called from any thread."""

    def __call__(self, done: float, total: float | None, message: str) -> None: ...


async def run_cancellable(ctx: Context[Any, Any], work: Callable[[threading.Event, Report], T]) -> T:
    """Run `work(stop, report)` in a thread; it returns soon after `stop` is set."""
    stop = threading.Event()
    token = lowlevel.current_token()

    def report(done: float, total: float | None, message: str) -> None:
        if stop.is_set():
            return
        try:
            from_thread.run(ctx.report_progress, done, total, message, token=token)
        except RuntimeError:
            # The loop may end between the test above and the call: then nobody listens.
            if not stop.is_set():
                raise

    try:
        return await to_thread.run_sync(lambda: work(stop, report), abandon_on_cancel=True)
    finally:
        stop.set()
