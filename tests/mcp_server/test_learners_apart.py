"""Several learners on one server: none sees another's work, by any tool or resource, with any id."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.server.subscriptions import ResourceUpdated
from mcp.shared.exceptions import MCPError

from mcp_server.context import ServerContext
from mcp_server.http import HttpServer
from mcp_server.learners import as_learner
from mcp_server.server import build_server
from tests.mcp_server.serving import (
    BOTH,
    INITIALIZE,
    bearer,
    call,
    client_of,
    refusal,
    serving,
    tokens_of,
)

pytestmark = pytest.mark.anyio
WIRES = pytest.mark.parametrize("mode", ["auto", "legacy"])
PROJECT = "iris-knn-classifier"
SECRET = "swordfish"
LONG = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.05)"


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[ServerContext]:
    """A server of many learners."""
    context = ServerContext(tmp_path / "home", embedder_setting="none", vectors="off", by_token=True)
    yield context
    context.close()


@pytest.fixture
def tokens(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    return tokens_of(tmp_path, "ann", "bob")


@pytest.fixture
def server(shared: ServerContext, tokens: tuple[Path, dict[str, str]]) -> Iterator[HttpServer]:
    with serving(shared, token_file=tokens[0]) as opened:
        yield opened


async def leave_traces(client: Client) -> dict[str, Any]:
    """Work of a learner that another one must not see; the ids by which it might be asked for."""
    started = await call(client, "start_project", id=PROJECT)
    await call(client, "run_code", code=f"x = '{SECRET}'", session="s")
    files = {"solution.py": f"# {SECRET}\nraise SystemExit"}
    await call(client, "grade_project", project=PROJECT, files=files, attempt_id="a-1")
    await call(client, "check_project", project=PROJECT, files=files)
    await call(client, "give_hint", project=PROJECT)
    run = await call(client, "start_run", code=f"print('{SECRET}')")
    await call(client, "record_prediction", run=run["run"], prediction=SECRET, attempt_id="p-1")
    return {"run": run["run"], "main": started["main"], "folder": started["folder"]}


@WIRES
async def test_nothing_of_one_learner_comes_back_to_another(
    server: HttpServer, shared: ServerContext, tokens: tuple[Path, dict[str, str]], mode: str
) -> None:
    async with client_of(server.url, tokens[1]["ann"], mode) as client:
        traces = await leave_traces(client)
    told: list[str] = []
    async with client_of(server.url, tokens[1]["bob"], mode) as client:
        for tool in (await client.list_tools()).tools:
            for arguments in guesses(tool.input_schema, traces):
                told.append(str(await client.call_tool(tool.name, arguments)))
        for template in (await client.list_resource_templates()).resource_templates:
            for value in (traces["run"], "a-1", "p-1", "ann", PROJECT):
                try:
                    told.append(str(await client.read_resource(template.uri_template.split("{")[0] + value)))
                except MCPError as error:
                    told.append(str(error))
        for resource in (await client.list_resources()).resources[:5]:
            told.append(str(await client.read_resource(str(resource.uri))))
        stranger = await call(client, "run_code", code="print(x)", session="s")
        standing = await call(client, "progress")
        hint = await call(client, "give_hint", project=PROJECT)
    assert len(told) > 60 and not any(SECRET in text for text in told)
    assert not any(str(shared.home) in text for text in told)
    assert stranger["error"]["name"] == "NameError"
    assert standing["learner"] == "bob" and hint["rung"] >= 1
    mine = [event.attempt for event in shared.records.events("bob") if event.kind in ("graded", "predicted")]
    assert set(mine) <= {"b-1"}


def guesses(schema: dict[str, Any], traces: dict[str, Any]) -> list[dict[str, Any]]:
    """Arguments for a tool that name what belongs to another learner, in every way it takes."""
    paths = [
        traces["main"],
        traces["folder"],
        f"../@ann/{PROJECT}/solution.py",
        f"../{PROJECT}",
        "/etc/passwd",
    ]
    values: dict[str, list[Any]] = {
        "id": [traces["run"], PROJECT],
        "run": [traces["run"]],
        "attempt": ["a-1", "p-1"],
        "attempt_id": ["b-1"],
        "path": paths,
        "folder": paths,
        "project": [PROJECT],
        "session": ["s"],
        "unit": [PROJECT, "perceptron"],
        "code": ["print(x)"],
        "query": ["what ann wrote"],
        "programme": ["dl-roadmap"],
        "prediction": ["1"],
        "question": ["perceptron/what"],
        "answer": ["x"],
    }
    needed = set(schema.get("required", ()))
    base = {name: values[name][0] for name in needed if name in values}
    base |= {"minutes_a_day": 30} if "minutes_a_day" in needed else {}
    found = [base]
    for name in schema.get("properties", {}):
        found += [{**base, name: value} for value in values.get(name, ())]
    return found


@WIRES
async def test_a_learner_works_in_folders_of_their_own_and_is_told_no_others(
    server: HttpServer, shared: ServerContext, tokens: tuple[Path, dict[str, str]], mode: str
) -> None:
    async with client_of(server.url, tokens[1]["ann"], mode) as client:
        started = await call(client, "start_project", id=PROJECT)
        checked = await call(client, "check_project", project=PROJECT, path=PROJECT)
        outside = await refusal(client, "run_code", path="/etc/hostname")
        drawn = await call(
            client, "run_code", code="import matplotlib.pyplot as p; p.plot([1]); p.show()", session="f"
        )
    assert (started["folder"], started["main"]) == (PROJECT, f"{PROJECT}/solution.py")
    assert (shared.home / "workspaces" / "@ann" / PROJECT / "solution.py").is_file()
    assert checked["project"] == PROJECT and outside["code"] == "outside-roots"
    assert str(shared.home) not in str(drawn)
    assert list((shared.home / "figures" / "@ann" / "sessions").iterdir())


@WIRES
async def test_each_request_is_its_tokens_learner_however_many_come_at_once(
    server: HttpServer, tokens: tuple[Path, dict[str, str]], mode: str
) -> None:
    seen: list[tuple[str, str]] = []

    async def ask(name: str) -> None:
        async with client_of(server.url, tokens[1][name], mode) as client:
            for _ in range(5):
                seen.append((name, (await call(client, "progress"))["learner"]))

    async with anyio.create_task_group() as tasks:
        for name in ("ann", "bob", "ann", "bob"):
            tasks.start_soon(ask, name)
    assert len(seen) == 20 and all(asked == told for asked, told in seen)


async def test_a_session_of_the_protocol_belongs_to_its_token(
    server: HttpServer, tokens: tuple[Path, dict[str, str]]
) -> None:
    with httpx2.Client(headers=BOTH, timeout=30) as web:
        opened = web.post(server.url, json=INITIALIZE, headers=bearer(tokens[1]["ann"]))
        theirs = {"mcp-session-id": opened.headers["mcp-session-id"]}
        listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
        taken = web.post(server.url, json=listing, headers={**theirs, **bearer(tokens[1]["bob"])})
        ended = web.delete(server.url, headers={**theirs, **bearer(tokens[1]["bob"])})
        own = web.post(server.url, json=listing, headers={**theirs, **bearer(tokens[1]["ann"])})
    assert (taken.status_code, ended.status_code, own.status_code) == (404, 404, 200)


async def test_change_notices_reach_their_own_learner_alone(shared: ServerContext) -> None:
    heard: list[tuple[str, object]] = []
    for name in ("ann", "bob"):
        with as_learner(name):
            shared.news.subscribe(lambda event, name=name: heard.append((name, event)))
    changed = ResourceUpdated("learner://progress")
    with as_learner("ann"):
        await shared.news.publish(changed)
    assert heard == [("ann", changed)]


async def test_work_without_a_learner_is_refused_and_never_a_default_ones(shared: ServerContext) -> None:
    with pytest.raises(RuntimeError, match="outside of any learner's request"):
        _ = shared.learner
    with pytest.raises(ValueError, match="go together"):
        build_server(shared)
    with as_learner("ann"):
        assert shared.learner == "ann"
        seen: list[str] = []
        run = shared.runs.start("code", "code", lambda cancel, _: seen.append(shared.learner))  # pyright: ignore
    assert run.thread is not None
    run.thread.join(30)
    assert seen == ["ann"]
    strayed: list[Exception] = []

    def stray() -> None:
        try:
            _ = shared.learner
        except RuntimeError as error:
            strayed.append(error)

    with as_learner("ann"):
        thread = threading.Thread(target=stray)
        thread.start()
        thread.join()
    assert len(strayed) == 1
