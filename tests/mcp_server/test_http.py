"""The server over real HTTP: both wires, who may enter, and an orderly end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import anyio
import httpx2
import pytest

from mcp_server.context import ServerContext
from tests.mcp_server.serving import BOTH, INITIALIZE, bearer, call, client_of, serving, tokens_of

pytestmark = pytest.mark.anyio
WIRES = pytest.mark.parametrize("mode", ["auto", "legacy"])
LONG = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.05)"


@WIRES
async def test_this_machines_learner_is_served_over_both_wires(context: ServerContext, mode: str) -> None:
    with serving(context) as server:
        async with client_of(server.url, mode=mode) as client:
            page = await call(client, "read_unit", id="perceptron", section="idea")
            done = await call(client, "run_code", code="print(6 * 7)")
            standing = await call(client, "progress")
    assert page["markdown"].startswith("# Neurons") and done["stdout"] == "42\n"
    assert standing["learner"] == "default"


async def test_without_a_good_token_nothing_is_served(tmp_path: Path) -> None:
    file, tokens = tokens_of(tmp_path, "ann")
    context = ServerContext(tmp_path / "home", embedder_setting="none", vectors="off", by_token=True)
    good = tokens["ann"]
    with serving(context, token_file=file) as server, httpx2.Client(headers=BOTH, timeout=30) as web:
        wrong = [None, "a", good[:-1], good + "x", good.swapcase(), "x" * 43, f"{good} {good}"]
        refused = [web.post(server.url, json=INITIALIZE, headers=bearer(token)) for token in wrong]
        basic = web.post(server.url, json=INITIALIZE, headers={"authorization": f"Basic {good}"})
        welcome = web.post(server.url, json=INITIALIZE, headers=bearer(good))
        metadata = web.get(server.url.replace("/mcp", "/.well-known/oauth-protected-resource/mcp"))
    assert [answer.status_code for answer in (*refused, basic)] == [401] * 8
    assert "resource_metadata=" in refused[0].headers["www-authenticate"]
    assert all(good[:20] not in answer.text for answer in refused)
    assert welcome.status_code == 200
    assert metadata.json()["resource"] == server.url and metadata.json()["scopes_supported"] == ["learn"]


async def test_foreign_hosts_and_pages_are_turned_away(context: ServerContext) -> None:
    with serving(context) as server, httpx2.Client(headers=BOTH, timeout=30) as web:
        hosts = [
            web.post(server.url, json=INITIALIZE, headers={"host": host}).status_code
            for host in ("evil.example", "127.0.0.1.evil.example:80", "localhost@evil.example")
        ]
        pages = [
            web.post(server.url, json=INITIALIZE, headers={"origin": origin}).status_code
            for origin in ("https://evil.example", "null", "http://localhost:3000")
        ]
        health = web.get(server.url.replace("/mcp", "/healthz"), headers={"host": "10.0.0.9"})
    assert hosts == [421, 421, 421] and pages == [403, 403, 200]
    assert health.status_code == 200 and health.json() == {"status": "ok"} and "server" not in health.headers


async def test_who_asks_too_often_is_told_when_to_come_back(context: ServerContext) -> None:
    with serving(context, a_second=0.5) as server, httpx2.Client(headers=BOTH, timeout=30) as web:
        for _ in range(600):
            answer = web.get(server.url.replace("/mcp", "/nothing"))
            if answer.status_code != 404:
                break
    assert answer.status_code == 429 and 1 <= int(answer.headers["retry-after"]) <= 3


@WIRES
async def test_a_client_that_cancels_stops_the_code(context: ServerContext, mode: str) -> None:
    begun = asyncio.Event()

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        begun.set()

    with serving(context) as server:
        async with client_of(server.url, mode=mode) as client:
            task = asyncio.create_task(
                client.call_tool("run_code", {"code": LONG, "session": "s"}, progress_callback=on_progress)
            )
            with anyio.fail_after(90):
                await begun.wait()
                task.cancel()
                await asyncio.wait({task})
                # The session is free again only when the endless loop has ended.
                told = await call(client, "run_code", code="print('free')", session="s")
    assert told["stdout"] == "free\n"


@WIRES
async def test_stopping_the_server_tells_the_calls_that_run(context: ServerContext, mode: str) -> None:
    begun = asyncio.Event()

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        begun.set()

    with serving(context) as server:
        async with client_of(server.url, mode=mode) as client:
            with anyio.fail_after(90):
                running = asyncio.create_task(
                    client.call_tool("run_code", {"code": LONG}, progress_callback=on_progress)
                )
                await begun.wait()
                server.stop()
                told = await running
    assert told.is_error and (told.structured_content or {})["error"]["code"] == "stopping"
    assert context.budget.taken() == 0


async def test_fifty_clients_at_once_are_served_and_one_that_waits_starves_nobody(
    context: ServerContext,
) -> None:
    async def ask(url: str, number: int) -> int:
        async with client_of(url, mode="legacy" if number % 2 else "auto") as client:
            await call(client, "read_unit", id="perceptron")
            return len((await call(client, "list_units", kind="lessons"))["units"])

    with serving(context) as server:
        async with client_of(server.url) as client:
            await call(client, "start_run", code=LONG)
            async with anyio.create_task_group() as waiting:
                for _ in range(60):
                    waiting.start_soon(lambda: client.call_tool("run_code", {"code": LONG, "seconds": 600}))
                with anyio.fail_after(120):
                    counts = await asyncio.gather(*(ask(server.url, number) for number in range(50)))
                waiting.cancel_scope.cancel()
    assert len(set(counts)) == 1 and counts[0] > 200
