"""Running code: at once, in sessions, detached with predictions, and stopped."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from mcp_server.background import Runs
from mcp_server.context import ServerContext
from mcp_server.predicting import is_right
from mcp_server.server import build_server
from tutor_error import TutorError

pytestmark = pytest.mark.anyio
LONG = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.05)"


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    outcome = await client.call_tool(tool, arguments)
    assert not outcome.is_error, outcome.content
    return outcome.structured_content or {}


async def finished(client: Client, run: str) -> dict[str, Any]:
    with anyio.fail_after(60):
        while (state := await call(client, "get_run", id=run))["state"] == "running":
            await anyio.sleep(0.05)
    return state


async def test_code_runs_and_its_output_is_streamed(context: ServerContext, tmp_path: Path) -> None:
    chunks: list[str] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        chunks.append(message or "")

    file = tmp_path / "script.py"
    file.write_text("1 / 0", encoding="utf-8")
    async with Client(build_server(context)) as client:
        done = await client.call_tool("run_code", {"code": "print(6 * 7)"}, progress_callback=on_progress)
        failed = await call(client, "run_code", path=str(file))
        nothing = await client.call_tool("run_code", {})
    assert (done.structured_content or {})["stdout"] == "42\n"
    assert "42" in "".join(chunks)
    assert failed["outcome"] == "error" and failed["error"]["name"] == "ZeroDivisionError"
    assert nothing.is_error


async def test_a_session_keeps_its_variables(context: ServerContext) -> None:
    async with Client(build_server(context)) as client:
        await call(client, "run_code", code="x = 41", session="s")
        told = await call(client, "run_code", code="print(x + 1)", session="s")
    assert told["stdout"] == "42\n"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_cancelling_the_caller_stops_the_code(context: ServerContext, mode: str) -> None:
    begun = asyncio.Event()

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        begun.set()

    async with Client(build_server(context), mode=mode) as client:
        task = asyncio.create_task(
            client.call_tool("run_code", {"code": LONG, "session": "s"}, progress_callback=on_progress)
        )
        with anyio.fail_after(60):
            await begun.wait()
            task.cancel()
            await asyncio.wait({task})
            # The session's kernel is free again only when the endless loop has ended.
            told = await call(client, "run_code", code="print('free')", session="s")
    assert told["stdout"] == "free\n"


async def test_a_prediction_is_judged_by_the_run(context: ServerContext) -> None:
    async with Client(build_server(context)) as client:
        run = (await call(client, "start_run", code="print(0.5)"))["run"]
        arguments = {"run": run, "prediction": "0.51", "confidence": 0.8, "attempt_id": "p1"}
        made = await call(client, "record_prediction", **arguments)
        state = await finished(client, run)
        late = await client.call_tool("record_prediction", {**arguments, "attempt_id": "p2"})
        again = await call(client, "record_prediction", **arguments)
        await call(client, "get_run", id=run)
    assert made["correct"] is None and again["prediction"] == "0.51"
    assert state["predictions"][0]["correct"] is True and state["predictions"][0]["actual"] == "0.5"
    assert (late.structured_content or {})["error"]["code"] == "too-late"
    assert [event.attempt for event in context.records.events("default")] == ["p1", "p1.verdict"]


async def test_detached_runs_are_few_and_can_be_stopped(context: ServerContext) -> None:
    async with Client(build_server(context)) as client:
        first, second = [(await call(client, "start_run", code=LONG))["run"] for _ in range(2)]
        third = await client.call_tool("start_run", {"code": LONG})
        stopped = [await call(client, "cancel_run", id=run) for run in (first, second)]
        unknown = await client.call_tool("get_run", {"id": "run-none"})
        status = await call(client, "sandbox_status")
    assert (third.structured_content or {})["error"]["code"] == "too-many-runs"
    assert [one["state"] for one in stopped] == ["cancelled", "cancelled"]
    assert (unknown.structured_content or {})["error"]["code"] == "unknown-run"
    assert status["running"] == 0


def test_a_run_that_breaks_down_says_so_and_is_logged() -> None:
    logged: list[Exception] = []

    def log(error: Exception) -> Path:
        logged.append(error)
        return Path("log")

    def work(cancel: threading.Event, on_stream: Any) -> Any:
        raise OSError("no kernel")

    runs = Runs(log)
    run = runs.start("code", "code", work)
    assert run.thread is not None
    run.thread.join(10)
    assert run.state == "failed" and isinstance(run.failure, TutorError) and len(logged) == 1
    runs.close()


@pytest.mark.parametrize(
    ("prediction", "actual", "right"),
    [("0.5", "0.51", True), ("0.5", "0.6", False), ("Yes  sir", "yes sir", True), ("12", "twelve", False),
     ("nan", "nan", False), ("0", "0.0", True)],
)  # fmt: skip
def test_predictions_are_compared_as_numbers_or_as_words(prediction: str, actual: str, right: bool) -> None:
    assert is_right(prediction, actual) is right
