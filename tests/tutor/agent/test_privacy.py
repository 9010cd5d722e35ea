"""What the tutor sends: nothing, unless a model was chosen; whatever the environment says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import socket, sys
connect = socket.socket.connect
def guarded(self, address):
    if self.family != socket.AF_UNIX:
        print("CONNECT", address, file=sys.stderr)
        raise SystemExit(f"a connection to {address}")
    return connect(self, address)
socket.socket.connect = guarded
import asyncio
from tutor.settings import load_settings
from tutor.agent import open_tutor
async def main():
    async with open_tutor(load_settings(embedder="none"), vectors="off") as tutor:
        print((await tutor.ask("what is the bias of a neuron?")).speaker)
        async for event in tutor.turn("/learn perceptron"):
            pass
        async for event in tutor.turn("1"):
            pass
asyncio.run(main())
import langsmith.utils
assert not langsmith.utils.tracing_is_enabled()
"""


def test_tracing_and_keys_in_the_environment_send_nothing(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MLTUTOR_")} | {
        "MLTUTOR_HOME": str(tmp_path),
        "LANGSMITH_TRACING": "true",
        "LANGCHAIN_TRACING_V2": "true",
        "LANGSMITH_API_KEY": "ls-key",
        "LANGSMITH_ENDPOINT": "http://127.0.0.1:9/never",
        "OPENAI_API_KEY": "sk-key",
    }
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env=environment,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "embedded" and "CONNECT" not in done.stderr
