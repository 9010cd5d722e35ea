"""A real server on a free port of this machine, in a thread, and clients of it."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from mcp_server.context import ServerContext
from mcp_server.http import HttpOptions, HttpServer
from mcp_server.tokens import new_token

BOTH = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@contextmanager
def serving(context: ServerContext, **options: Any) -> Generator[HttpServer]:
    """Serve `context` until the block ends; then the server must end too, in order."""
    server = HttpServer(context, HttpOptions(port=0, **options))
    thread = threading.Thread(target=anyio.run, args=(server.serve,), name="http-server")
    thread.start()
    try:
        assert server.ready.wait(60)
        yield server
    finally:
        server.stop()
        thread.join(60)
        assert not thread.is_alive()


def tokens_of(folder: Path, *learners: str) -> tuple[Path, dict[str, str]]:
    """A token file with a token for each learner."""
    file = folder / "tokens.txt"
    return file, {learner: new_token(file, learner) for learner in learners}


def bearer(token: str | None) -> dict[str, str]:
    return {} if token is None else {"authorization": f"Bearer {token}"}


@asynccontextmanager
async def client_of(
    url: str, token: str | None = None, mode: str = "auto", *, http: httpx2.AsyncClient | None = None
) -> AsyncGenerator[Client]:
    """An MCP client over real HTTP."""
    timeout = httpx2.Timeout(30, read=120)
    async with (
        http or httpx2.AsyncClient(headers=bearer(token), timeout=timeout) as web,
        Client(streamable_http_client(url, http_client=web), mode=mode) as client,
    ):
        yield client


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    outcome = await client.call_tool(tool, arguments)
    assert not outcome.is_error, outcome.content
    return outcome.structured_content or {}


async def refusal(client: Client, tool: str, **arguments: Any) -> dict[str, str]:
    outcome = await client.call_tool(tool, arguments)
    assert outcome.is_error, outcome.structured_content
    return (outcome.structured_content or {})["error"]
