"""The official clients, TypeScript and Python, do with the product's server what a host does.

They connect, list, read, complete, run code with progress, and cancel a run that would never end: its
kernel is gone soon after. Over stdio and HTTP, on the wire of 2025-11-25 and of 2026-07-28.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import ResourceTemplateReference
from peer import PRODUCT, TOOLS, busy, busy_code, environment, is_gone, started

CLIENT = Path(__file__).with_name("client.mjs")
SDKS = [("1", "legacy"), ("2", "legacy"), ("2", "2026-07-28")]
TRANSPORTS = ("stdio", "http")


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(("sdk", "era"), SDKS)
def test_the_typescript_client_learns_with_the_server(
    sdk: str, era: str, transport: str, product: str, peers_node: str, tmp_path: Path
) -> None:
    target = PRODUCT if transport == "stdio" else [product]
    name = f"peer-{secrets.token_hex(4)}"
    command = [peers_node, str(CLIENT), str(TOOLS), sdk, era, transport, *target]
    with started(command, tmp_path / "home") as client:
        _assert_teaches([json.loads(client.read()) for _ in range(5)], era)
        client.write(busy_code(name))
        assert json.loads(client.read()) == {"step": "training"}
        assert busy(name)
        client.write("cancel")
        assert "Escape" in json.loads(client.read())["error"]
        assert is_gone(name)
        client.write("leave")
        assert client.process.wait(30) == 0


def _assert_teaches(steps: Sequence[dict[str, Any]], era: str) -> None:
    connected, listed, read, completed, ran = steps
    assert connected["server"]["name"] == "mltutor"
    assert era == "legacy" or connected["protocol"] == era
    assert {"run_code", "grade_project", "read_unit"} <= set(listed["tools"])
    assert "decision boundary" in read["text"] and read["mime"] == "text/markdown"
    assert "perceptron" in completed["values"]
    assert ran["run"]["outcome"] == "ok" and "42" in ran["text"]
    assert any("step 2" in told for told in ran["progress"])


@pytest.mark.anyio
@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_the_python_client_learns_with_the_server(
    mode: Any, transport: str, product: str, tmp_path: Path
) -> None:
    given = StdioServerParameters(
        command=sys.executable, args=PRODUCT[1:], env=environment(tmp_path / "home"), cwd=tmp_path
    )
    async with Client(product if transport == "http" else given, mode=mode) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        assert {"run_code", "grade_project", "read_unit"} <= tools
        read = await client.read_resource("unit://perceptron")
        assert "decision boundary" in read.contents[0].text
        template = ResourceTemplateReference(type="ref/resource", uri="unit://{id}")
        completed = await client.complete(template, {"name": "id", "value": "perc"})
        assert "perceptron" in completed.completion.values
        progress: list[str] = []

        async def hear(done: float, total: float | None, message: str | None) -> None:
            progress.append(message or "")

        code = "for step in range(3):\n    print('step', step, flush=True)"
        ran = await client.call_tool("run_code", {"code": code}, progress_callback=hear)
        assert ran.structured_content is not None and ran.structured_content["outcome"] == "ok"
        assert any("step 2" in told for told in progress)
        await _cancel_a_run(client)


async def _cancel_a_run(client: Client) -> None:
    name = f"peer-{secrets.token_hex(4)}"
    training = anyio.Event()

    async def hear(done: float, total: float | None, message: str | None) -> None:
        training.set()

    async with anyio.create_task_group() as group:

        async def run() -> None:
            await client.call_tool(
                "run_code", {"code": busy_code(name), "seconds": 60}, progress_callback=hear
            )

        group.start_soon(run)
        with anyio.fail_after(60):
            await training.wait()
        assert busy(name)
        group.cancel_scope.cancel()
    assert await anyio.to_thread.run_sync(is_gone, name)
    assert not (await client.call_tool("sandbox_status", {})).is_error
