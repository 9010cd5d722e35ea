"""Tools called from the command line: the same server as an IDE's, in this process, for one call.

The rule owned here: a command never judges by itself; what runs code or changes evidence
goes through the toolbox.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from mltutor.cli import settings_of

if TYPE_CHECKING:
    from mcp_server.context import ServerContext
    from tutor.events import Event

OnEvent = Callable[["Event"], None]


def open_context(context: typer.Context) -> ServerContext:
    """The server's state for the settings in force; nothing of it is opened yet."""
    from mcp_server.context import ServerContext

    settings = settings_of(context)
    return ServerContext(
        home=settings.home,
        owner=settings.learner,
        embedder_setting=settings.embedder,
        chroma_url=settings.chroma_url,
        database=settings.database,
        allow_unisolated=settings.allow_unisolated,
        content_paths=settings.content_paths,
        kernels=settings.kernels,
        vectors="wait",
    )


def call_tool(
    context: typer.Context, tool: str, arguments: dict[str, Any], on_event: OnEvent | None = None
) -> dict[str, Any]:
    """One tool's structured content. TutorError when the tool refuses."""
    # The SDK and asyncio's client cost half a second, which `--help` does not pay.
    from mcp_server.server import build_server
    from tutor.toolbox import open_toolbox

    opened = open_context(context)

    async def call() -> dict[str, Any]:
        async with open_toolbox(build_server(opened)) as toolbox:
            return await toolbox.call(tool, arguments, on_event)

    try:
        return asyncio.run(call())
    finally:
        opened.close()


def show_progress(event: Event) -> None:
    """Progress of a tool as one changing line, on a terminal alone."""
    from tutor.events import ToolFinished, ToolProgressed

    if not sys.stderr.isatty():
        return
    if isinstance(event, ToolProgressed):
        of = f" of {event.total:g}" if event.total else ""
        print(f"\r\x1b[K{int(event.done)}{of}  {event.message[:90]}", end="", file=sys.stderr, flush=True)
    if isinstance(event, ToolFinished):
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
