"""Requests that no honest client sends, and clients that go away: one clear answer, nothing of the inside."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import anyio
import httpx2
import pytest

from mcp_server.context import ServerContext
from mcp_server.http import HttpServer
from mcp_server.patience import PatientProtocol
from tests.mcp_server.serving import BOTH, INITIALIZE, client_of, refusal, serving

pytestmark = pytest.mark.anyio
LONG = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.05)"
MODERN = {**BOTH, "mcp-protocol-version": "2026-07-28"}
INSIDE = ("Traceback", ".py", "/tmp", "/home", "/root", "uvicorn", "starlette", "python", "site-packages")


@pytest.fixture
def server(context: ServerContext) -> Iterator[HttpServer]:
    with serving(context) as opened:
        yield opened


def raw(server: HttpServer, request: bytes, *, close: bool = False) -> bytes:
    """Send bytes as they are, and read until the server has said all that it says."""
    parts = urlsplit(server.url)
    with closing(socket.create_connection((parts.hostname, parts.port), timeout=30)) as line:
        line.sendall(request)
        if close:
            return b""
        heard = b""
        while (more := line.recv(65536)) and len(heard) < 200_000:
            heard += more
        return heard


def head(server: HttpServer, *lines: str, method: str = "POST", path: str = "/mcp") -> bytes:
    host = urlsplit(server.url).netloc
    start = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    return "\r\n".join([*start, *lines, "", ""]).encode("latin-1")


def kernels_left(context: ServerContext) -> int:
    """Places still taken after a bounded time for the kernels to end."""
    deadline = time.monotonic() + 30
    while (taken := context.budget.taken()) and time.monotonic() < deadline:
        anyio.run(anyio.sleep, 0.05)
    return taken


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b"[1, 2]", b'"x"', b"\x00\xff\xfe", b"[" * 50_000, b'{"jsonrpc": "2.0"}',
     b'{"jsonrpc": "2.0", "id": 1, "method": 7}', b'{"jsonrpc": "1.0", "id": 1, "method": "tools/list"}',
     b'{"jsonrpc": "2.0", "id": {}, "method": "tools/list"}', b'{"id": 1' + b"0" * 6000 + b"}"],
)  # fmt: skip
@pytest.mark.parametrize("headers", [BOTH, MODERN], ids=["2025-11-25", "2026-07-28"])
def test_garbage_is_answered_as_a_bad_request(
    server: HttpServer, body: bytes, headers: dict[str, str]
) -> None:
    answer = httpx2.post(server.url, content=body, headers=headers, timeout=30)
    assert 400 <= answer.status_code < 500, answer.text
    assert not any(word in answer.text for word in INSIDE), answer.text


def test_wrong_methods_paths_and_types_are_refused(server: HttpServer) -> None:
    with httpx2.Client(timeout=30) as web:
        methods = [
            web.request(method, server.url, headers=MODERN).status_code
            for method in ("PUT", "PATCH", "OPTIONS", "GET", "DELETE")
        ]
        legacy = [web.request(method, server.url, headers=BOTH).status_code for method in ("PUT", "DELETE")]
        paths = [
            web.get(server.url.replace("/mcp", path)).status_code
            for path in (
                "/",
                "/mcp/x",
                "/../etc/passwd",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/docs",
                "/openapi.json",
            )
        ]
        kind = web.post(server.url, content=b"{}", headers={**BOTH, "content-type": "text/plain"})
        version = web.post(
            server.url, json=INITIALIZE, headers={**BOTH, "mcp-protocol-version": "1999-01-01"}
        )
    assert methods == [405] * 5 and all(400 <= status < 500 for status in legacy)
    assert paths == [404] * 6 and kind.status_code == 400 and version.status_code == 400


def test_headers_cannot_be_injected_or_smuggled(server: HttpServer) -> None:
    body = json.dumps(INITIALIZE).encode()
    lines = ["Accept: application/json, text/event-stream", "Content-Type: application/json"]
    length = f"Content-Length: {len(body)}"
    bad = [
        head(server, *lines, length, "X-Evil: a\x00b") + body,
        head(server, *lines, length, "Host: evil.example") + body,
        head(server, *lines, length, "Transfer-Encoding: chunked, identity") + body,
        head(server, *lines, length, f"Content-Length: {len(body) + 1}") + body,
        head(server, *lines, length, "Mcp-Session-Id: a", "Mcp-Session-Id: b") + body,
        b"GET /mcp HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    ]
    for request in bad:
        answer = raw(server, request)
        assert answer.split(b" ", 2)[1] in (b"400", b"421", b"431"), (request[:200], answer)
        assert not any(word.encode() in answer for word in INSIDE), answer
    try:
        status = httpx2.get(server.url, headers={"x-long": "a" * 1_000_000}, timeout=30).status_code
    except httpx2.TransportError:  # cut off before it had sent its whole head
        status = 400
    assert status == 400
    split = httpx2.post(
        server.url, json=INITIALIZE, headers={**BOTH, "mcp-session-id": "x%0d%0aset-cookie:a=b"}, timeout=30
    )
    assert split.status_code == 404 and "set-cookie" not in split.headers


@pytest.mark.parametrize("declared", [True, False], ids=["with its length", "in chunks"])
def test_a_body_of_a_hundred_megabytes_is_refused_and_not_kept(server: HttpServer, declared: bool) -> None:
    size, chunk = 100_000_000, b" " * 100_000

    def chunks() -> Iterator[bytes]:
        for _ in range(size // len(chunk)):
            yield chunk

    headers = {**BOTH, "content-length": str(size)} if declared else BOTH
    answer = httpx2.post(server.url, content=chunks(), headers=headers, timeout=60)
    assert answer.status_code == 413 and "4 MiB" in answer.text


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_unknown_sessions_and_runs_are_plain_errors(server: HttpServer, mode: str) -> None:
    async with client_of(server.url, mode=mode) as client:
        run = await refusal(client, "get_run", id="run-12345678")
        elsewhere = await refusal(client, "cancel_run", id="run-b2-12345678")
        traversal = await refusal(client, "get_run", id="../../etc/passwd")
        attempt = await refusal(client, "explain_report", attempt="nobody's")
    assert (run["code"], elsewhere["code"], traversal["code"]) == ("unknown-run", "other-node", "unknown-run")
    assert attempt["code"] == "unknown-attempt" and "`b2`" in elsewhere["message"]
    gone = httpx2.post(server.url, json=INITIALIZE, headers={**BOTH, "mcp-session-id": "f" * 32}, timeout=30)
    assert gone.status_code == 404


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_that_vanishes_in_mid_call_leaves_no_kernel(
    server: HttpServer, context: ServerContext, mode: str
) -> None:
    begun = anyio.Event()

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        begun.set()

    async def run_for_ever(web: httpx2.AsyncClient) -> None:
        async with client_of(server.url, mode=mode, http=web) as client:
            await client.call_tool("run_code", {"code": LONG}, progress_callback=on_progress)

    with anyio.fail_after(90):
        async with anyio.create_task_group() as tasks:
            web = CutOff()
            tasks.start_soon(run_for_ever, web)
            await begun.wait()
            assert context.budget.taken() == 1
            web.cut()
            tasks.cancel_scope.cancel()
    assert await anyio.to_thread.run_sync(kernels_left, context) == 0


class CutOff(httpx2.AsyncClient):
    """Its connections can be cut without a word of the protocol."""

    def __init__(self) -> None:
        super().__init__(timeout=httpx2.Timeout(30, read=120))

    def cut(self) -> None:
        for connection in self._transport._pool._connections:  # pyright: ignore
            line = connection._connection._network_stream.get_extra_info("socket")
            line.shutdown(socket.SHUT_RDWR)


def test_a_request_without_an_end_is_not_waited_for(
    context: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientProtocol, "seconds", 0.3)
    monkeypatch.setattr("mcp_server.gate.BODY_SECONDS", 0.3)
    with serving(context) as server:
        silent = raw(server, b"POST /mcp HTTP/1.1\r\nHost: ")
        half = raw(server, head(server, "Content-Type: application/json", "Content-Length: 50") + b"{")
    assert silent == b"" and half.startswith(b"HTTP/1.1 408")


def test_a_client_that_does_not_read_is_cut_off_and_its_kernel_ends(
    context: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientProtocol, "seconds", 0.5)
    flood = "import time\nwhile True:\n    print('x' * 2000, flush=True)\n    time.sleep(0.0005)"
    meta = {
        "progressToken": 1,
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"name": "run_code", "arguments": {"code": flood, "seconds": 600}, "_meta": meta}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    lines = [f"{name}: {value}" for name, value in MODERN.items()]
    lines += ["Mcp-Method: tools/call", "Mcp-Name: run_code", f"Content-Length: {len(body)}"]
    with serving(context) as server:
        parts = urlsplit(server.url)
        with closing(socket.socket()) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.settimeout(60)
            line.connect((parts.hostname, parts.port))
            line.sendall(head(server, *lines) + body)
            assert line.recv(20).startswith(b"HTTP/1.1 200")
            assert kernels_left(context) == 0
