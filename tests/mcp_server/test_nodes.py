"""Two servers with one set of records, behind a proxy that takes them in turn."""

from __future__ import annotations

import contextlib
import itertools
import re
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import pytest
from anyio.abc import ByteStream, SocketStream
from mcp import Client

from mcp_server.context import ServerContext
from mcp_server.http import HttpServer
from mcp_server.node import Node
from tests.mcp_server.serving import call, client_of, refusal, serving

pytestmark = pytest.mark.anyio


class RoundRobin:
    """A proxy that gives each new connection to the next server, and keeps none open for a second request."""

    def __init__(self, servers: list[HttpServer]) -> None:
        self._next = itertools.cycle([urlsplit(server.url) for server in servers])
        self.url, self.served = "", list[int]()
        self._ready, self._token = threading.Event(), None
        self._done: anyio.Event | None = None

    @contextlib.contextmanager
    def running(self) -> Generator[RoundRobin]:
        thread = threading.Thread(target=anyio.run, args=(self._run,))
        thread.start()
        try:
            assert self._ready.wait(30)
            yield self
        finally:
            assert self._done is not None
            anyio.from_thread.run_sync(self._done.set, token=self._token)  # pyright: ignore
            thread.join(30)

    async def _run(self) -> None:
        self._done, self._token = anyio.Event(), anyio.lowlevel.current_token()  # pyright: ignore
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        self.url = f"http://127.0.0.1:{listener.extra(anyio.abc.SocketAttribute.local_port)}/mcp"
        async with listener, anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, self._relay)
            self._ready.set()
            await self._done.wait()
            tasks.cancel_scope.cancel()

    async def _relay(self, client: SocketStream) -> None:
        target = next(self._next)
        self.served.append(target.port or 0)
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream):
            async with client, await anyio.connect_tcp(target.hostname or "", target.port or 0) as server:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += await client.receive()
                await server.send(re.sub(rb"(?i)connection: keep-alive", b"Connection: close", head, count=1))
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._copy, client, server)
                    await self._copy(server, client)
                    tasks.cancel_scope.cancel()

    @staticmethod
    async def _copy(source: ByteStream, sink: ByteStream) -> None:
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            async for chunk in source:
                await sink.send(chunk)


@pytest.fixture(params=["one home", "postgresql"])
def servers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[HttpServer]]:
    """Two servers that share their learners: by one home on this machine, or, each with a home of its own,
    by PostgreSQL and a folder of workspaces."""
    database: str | None = None
    homes = [tmp_path / "home"] * 2
    if request.param == "postgresql":
        database = request.getfixturevalue("postgresql")
        homes = [tmp_path / "first", tmp_path / "second"]
        (tmp_path / "workspaces").mkdir()
        for home in homes:
            home.mkdir()
            (home / "workspaces").symlink_to(tmp_path / "workspaces")
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                serving(
                    ServerContext(
                        home, embedder_setting="none", vectors="off", node=Node(name), database=database
                    )
                )
            )
            for home, name in zip(homes, ("a1", "b2"), strict=True)
        ]


async def until_it_lives_here(
    client: Client, tool: str, **arguments: object
) -> tuple[dict[str, object], set[str]]:
    """The outcome of the server that a call is for, and what the others said to it."""
    others: set[str] = set()
    for _ in range(20):
        outcome = await client.call_tool(tool, dict(arguments))
        content = outcome.structured_content or {}
        if not outcome.is_error:
            return content, others
        assert content["error"]["code"] == "other-node", content
        others.add(content["error"]["message"])
    raise AssertionError(others)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_two_servers_in_turn_read_alike_and_runs_are_found_by_their_ids(
    servers: list[HttpServer], mode: str
) -> None:
    with RoundRobin(servers).running() as proxy:
        async with client_of(proxy.url, mode=mode) as client:
            pages = [await call(client, "read_unit", id="perceptron") for _ in range(4)]
            run = await call(client, "start_run", code="print(0.5)")
            made, _ = await until_it_lives_here(
                client, "record_prediction", run=run["run"], prediction="0.5", attempt_id="p-1"
            )
            with anyio.fail_after(60):
                told: set[str] = set()
                while True:
                    state, others = await until_it_lives_here(client, "get_run", id=run["run"], wait=1)
                    told |= others
                    if state["state"] != "running" and told:
                        break
            standing = [(await call(client, "progress"))["attempts"] for _ in range(4)]
        assert {server.url.split(":")[2].split("/")[0] for server in servers} == {
            str(port) for port in proxy.served
        }
    node = run["run"].split("-")[1]
    assert node in ("a1", "b2") and made["prediction"] == "0.5"
    assert told and all(f"`{node}`" in text for text in told)
    assert len({page["markdown"] for page in pages}) == 1 and len(set(map(str, standing))) == 1


async def test_a_session_is_told_with_its_server_and_another_one_names_it(servers: list[HttpServer]) -> None:
    async with client_of(servers[0].url) as here, client_of(servers[1].url) as there:
        opened = await call(here, "run_code", code="x = 41", session="s")
        again = await call(here, "run_code", code="print(x + 1)", session=opened["session"])
        elsewhere = await refusal(there, "run_code", code="print(x)", session=opened["session"])
        afresh = await call(there, "run_code", code="print('x' in dir())", session="s")
    assert opened["session"] == "s@a1" and again["stdout"] == "42\n"
    assert elsewhere["code"] == "other-node" and "`a1`" in elsewhere["remedy"]
    assert afresh["session"] == "s@b2" and afresh["stdout"] == "False\n"


async def test_both_servers_write_one_set_of_records(servers: list[HttpServer]) -> None:
    files = {"solution.py": "raise SystemExit"}
    async with client_of(servers[0].url) as here, client_of(servers[1].url) as there:
        arguments = {"project": "iris-knn-classifier", "files": files, "attempt_id": "a-1"}
        graded = await call(here, "grade_project", **arguments)
        again = await call(there, "grade_project", **arguments)
        told = await call(there, "explain_report", attempt="a-1")
    assert again == graded and told["passed"] is False


async def test_a_workspace_begun_on_one_server_goes_on_at_the_other(servers: list[HttpServer]) -> None:
    async with client_of(servers[0].url) as here, client_of(servers[1].url) as there:
        begun = await call(here, "start_project", id="iris-knn-classifier")
        again = await call(there, "start_project", id="iris-knn-classifier")
    assert begun["created"] and not again["created"]
    assert again["files"] == begun["files"] and "solution.py" in again["files"]
