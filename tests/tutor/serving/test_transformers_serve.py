"""The whole loop on a real model server: a question, a tool call, its outcome, an answer.

Needs `transformers serve`, which is no part of the tutor: fastapi, uvicorn and accelerate beside
transformers, in this environment or in the one whose Python MLTUTOR_SERVE_PYTHON names.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tutor.events import ToolFinished, TurnFinished
from tutor.speaker.discovery import find_endpoints

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(500)]
PYTHON = os.environ.get("MLTUTOR_SERVE_PYTHON", sys.executable)
_NEEDED = "import fastapi, uvicorn, accelerate, transformers, tokenizers"
_SERVE = "from transformers.cli.transformers import main; main()"
_TINY = Path(__file__).with_name("make_tiny.py")
_SECONDS = 200


def can_serve() -> bool:
    return subprocess.run([PYTHON, "-c", _NEEDED], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """A port and a model's name."""
    if not can_serve():
        pytest.skip(f"serving: `transformers serve` needs fastapi, uvicorn and accelerate in {PYTHON}")
    folder = tmp_path_factory.mktemp("tiny")
    subprocess.run([PYTHON, str(_TINY), str(folder / "model")], check=True, timeout=_SECONDS)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "cache").mkdir()
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(folder / "cache")}
    command = [PYTHON, "-c", _SERVE, "serve", str(folder / "model")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--device", "cpu", "--host", "127.0.0.1", "--port", str(port)],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            wait_until_up(port, server, folder / "log")
            yield port, str(folder / "model")
        finally:
            server.terminate()
            server.wait(20)


def wait_until_up(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """A bounded wait for another process's socket, which tells of itself in no other way."""
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/v1/models")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError(f"the server did not come up:\n{log.read_text(errors='replace')[-3000:]}")


async def test_a_question_a_call_its_outcome_and_an_answer(served: tuple[int, str], opened: Any) -> None:
    port, model = served
    async with opened(model=model, endpoint=f"http://127.0.0.1:{port}/v1") as tutor:
        events = [event async for event in tutor.turn("show me an example of the bias of a neuron")]
        again = [event async for event in tutor.turn("show me another example of the bias of a neuron")]
    done, after = events[-1], again[-1]
    assert isinstance(done, TurnFinished), done
    assert done.speaker == model, [event for event in events if event.type == "notice"]
    assert done.answer.startswith("The bias slides the line along the arrow [perceptron › Idea].")
    searched = [event for event in events if isinstance(event, ToolFinished) and event.error is None]
    assert [event.tool for event in searched].count("search_curriculum") >= 2
    assert isinstance(after, TurnFinished) and after.speaker == model


def test_the_server_is_found(served: tuple[int, str]) -> None:
    port, _ = served
    found = find_endpoints([(port, "transformers serve")], 20)
    assert [one.url for one in found] == [f"http://127.0.0.1:{port}/v1"]
