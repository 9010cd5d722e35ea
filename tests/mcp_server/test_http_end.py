"""The command `mltutor mcp`: it says what is wrong, and ends in order when it is told to."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import anyio
import httpx2
import pytest

from sandbox.budget import KernelBudget
from tests.mcp_server.serving import call, client_of

pytestmark = pytest.mark.anyio
LONG = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.05)"


def start(home: Path, *arguments: str, stdin: int | None = subprocess.DEVNULL) -> subprocess.Popen[str]:
    environment = {**os.environ, "MLTUTOR_HOME": str(home), "MLTUTOR_EMBEDDER": "none"}
    return subprocess.Popen(
        [sys.executable, "-m", "mltutor", "mcp", *arguments],
        env=environment,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def url_of(stderr: IO[str] | None) -> str:
    assert stderr is not None
    for line in stderr:
        if (found := re.search(r"http://\S+/mcp", line)) is not None:
            return found.group()
    raise AssertionError("the server has said no address")


async def test_a_signal_ends_the_server_its_calls_and_its_kernels(tmp_path: Path) -> None:
    begun = anyio.Event()
    told: list[dict[str, object]] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        begun.set()

    with start(tmp_path, "--transport", "http", "--port", "0") as server:
        try:
            url = url_of(server.stderr)
            async with client_of(url) as client, anyio.create_task_group() as tasks:
                await call(client, "run_code", code="x = 1", session="kept")
                await call(client, "start_run", code=LONG)

                async def run_for_ever() -> None:
                    outcome = await client.call_tool(
                        "run_code", {"code": LONG}, progress_callback=on_progress
                    )
                    told.append((outcome.structured_content or {})["error"])

                tasks.start_soon(run_for_ever)
                with anyio.fail_after(90):
                    await begun.wait()
                server.send_signal(signal.SIGTERM)
            assert server.wait(60) == 0
        finally:
            server.kill()
        assert server.stdout is not None and server.stderr is not None
        assert server.stdout.read() == "" and "Traceback" not in server.stderr.read()
    assert told[0]["code"] == "stopping"
    assert KernelBudget(tmp_path).taken() == 0 and children_of(server.pid) == []
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url.replace("/mcp", "/healthz"))


def children_of(pid: int) -> list[int]:
    """Processes that still name this one as where they come from."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                status = (folder / "stat").read_text(encoding="utf-8")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(status.rpartition(")")[2].split()[1]) == pid:
                found.append(int(folder.name))
    return found


def test_a_signal_ends_the_server_over_pipes_too(tmp_path: Path) -> None:
    with start(tmp_path, stdin=subprocess.PIPE) as server:
        assert server.stdin is not None and server.stdout is not None
        server.stdin.write('{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        server.stdin.flush()
        assert '"id":1' in server.stdout.readline()
        server.send_signal(signal.SIGINT)
        try:
            assert server.wait(60) == 0
        finally:
            server.kill()


def said(home: Path, *commands: list[str]) -> list[tuple[int, str, str]]:
    """Exit status, stdout and stderr of commands that run at the same time."""
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(start(home, *arguments)) for arguments in commands]
        heard = [process.communicate(timeout=90) for process in started]
    return [(process.returncode, *texts) for process, texts in zip(started, heard, strict=True)]


def test_what_cannot_be_served_is_refused_with_what_to_type(tmp_path: Path) -> None:
    open_file = tmp_path / "open.txt"
    open_file.write_text("ann " + "t" * 32, encoding="utf-8")
    open_file.chmod(0o644)
    elsewhere, others, pipes = said(
        tmp_path,
        ["--transport", "http", "--host", "0.0.0.0"],
        ["--transport", "http", "--token-file", str(open_file)],
        ["--port", "1", "--allow-host", "a"],
    )
    assert elsewhere[0] == others[0] == pipes[0] == 2
    assert "--new-token" in elsewhere[2] and f"chmod 600 {open_file}" in others[2]
    assert "--port, --allow-host" in pipes[2] and "--transport http" in pipes[2]


def test_a_token_is_printed_once_and_alone_on_stdout(tmp_path: Path) -> None:
    file = tmp_path / "tokens.txt"
    made, unkept = said(tmp_path, ["--new-token", "ann", "--token-file", str(file)], ["--new-token", "ann"])
    status, out, err = made
    assert status == 0 and len(out.strip()) >= 32 and out.strip() not in err
    assert out.strip() not in file.read_text(encoding="utf-8")
    assert unkept[0] == 2 and "--token-file" in unkept[2]
