"""The server over stdin and stdout: one client, for as long as it stays.

The rule owned here: SIGTERM and SIGINT end it in order: the calls that run are told, the kernels end,
and the exit status is 0.
"""

from __future__ import annotations

import os
import signal
import sys

import anyio
from anyio import to_thread

from mcp_server.context import ServerContext
from mcp_server.server import build_server

_PATIENCE = 5.0


def serve_stdio(context: ServerContext) -> None:
    """Serve one client on stdin and stdout until it leaves, or a signal ends this process."""
    try:
        anyio.run(_serve, context)
    finally:
        context.close()


async def _serve(context: ServerContext) -> None:
    server = build_server(context)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_end_on_signal, context)
        await server.run_stdio_async()
        tasks.cancel_scope.cancel()


async def _end_on_signal(context: ServerContext) -> None:
    # Imported late, as the sandbox that it starts.
    from sandbox.pool import close_pools

    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as received:
        async for _ in received:
            await context.calls.stop(_PATIENCE)
            await to_thread.run_sync(context.close)
            await to_thread.run_sync(close_pools)
            sys.stdout.flush()
            # A thread is held in the read of stdin, which nothing but its end or a line can interrupt.
            os._exit(0)
