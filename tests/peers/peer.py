"""What the tests of this folder share: tools of others, the server under test, processes that end.

The rule owned here: every wait is bounded, and whatever a test starts has ended when it ends.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import IO

import psutil
import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools"
PACKAGES = TOOLS / "node_modules"
CONFORMANCE = PACKAGES / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
INSPECTOR = PACKAGES / "@modelcontextprotocol" / "inspector" / "clients" / "launcher" / "build" / "index.js"
PRODUCT = [sys.executable, "-m", "mltutor", "mcp"]
RECORD = TOOLS / "record"
"""What the tools of others said, a file each, for the log of a run: `.ci/run` prints them."""
PATIENCE = 60.0
"""Seconds that a step of another process may take on a busy machine."""


def node() -> str:
    """The path of Node 22; the test is skipped where `make tools` could not bring it."""
    found = sorted(PACKAGES.glob("node*/bin/node"))
    if not found or not CONFORMANCE.exists():
        pytest.skip("npm has not installed the tools of others: make tools")
    return str(found[0])


def environment(home: Path) -> dict[str, str]:
    """For a server over `home` that needs no vectors; Python finds this checkout from any folder."""
    told = {name: value for name, value in os.environ.items() if not name.startswith("MLTUTOR_")}
    paths = [str(ROOT), *filter(None, [told.get("PYTHONPATH")])]
    return told | {
        "MLTUTOR_HOME": str(home),
        "MLTUTOR_EMBEDDER": "none",
        "PYTHONPATH": os.pathsep.join(paths),
    }


def record(name: str, told: str) -> None:
    RECORD.mkdir(parents=True, exist_ok=True)
    (RECORD / f"{name}.txt").write_text(f"{told.strip()}\n", encoding="utf-8")


class Lines:
    """A process whose lines, of stdout or stderr, are read with a limit of time."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], cwd: Path, heard: str) -> None:
        self.process = subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._seen: Queue[str] = Queue()
        self._errors: list[str] = []
        out, err = self.process.stdout, self.process.stderr
        told, beside = (out, err) if heard == "stdout" else (err, out)
        self._readers = [
            threading.Thread(target=self._read_lines, args=(told,), daemon=True),
            threading.Thread(target=self._keep, args=(beside,), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def read(self) -> str:
        """The next line; an error that tells what was written to stderr when none comes."""
        try:
            line = self._seen.get(timeout=PATIENCE)
        except Empty:
            line = ""
        if not line:
            raise AssertionError(f"{self.process.args} told nothing: {''.join(self._errors)[-2000:]}")
        return line

    def write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for reader in self._readers:
            reader.join(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def _read_lines(self, told: IO[str]) -> None:
        for line in told:
            self._seen.put(line)
        self._seen.put("")

    def _keep(self, beside: IO[str]) -> None:
        self._errors.extend(beside)


@contextmanager
def started(command: Sequence[str], home: Path, heard: str = "stdout") -> Iterator[Lines]:
    lines = Lines(command, environment(home), home.parent, heard)
    try:
        yield lines
    finally:
        lines.end()


@contextmanager
def serving(home: Path, fixtures: bool = False) -> Iterator[str]:
    """The product's server over HTTP on loopback, as an address; with the suite's fixtures if asked for."""
    with_fixtures = [sys.executable, str(Path(__file__).with_name("served.py")), str(home)]
    command = with_fixtures if fixtures else [*PRODUCT, "--transport", "http", "--port", "0"]
    with started(command, home, "stderr") as server:
        found = re.search(r"http://\S+/mcp", server.read())
        assert found is not None
        yield found.group()


def busy(name: str) -> list[int]:
    """Processes of this machine with a thread that is called `name`."""
    found: list[int] = []
    for process in psutil.process_iter():
        for comm in Path(f"/proc/{process.pid}/task").glob("*/comm"):
            try:
                told = comm.read_text(encoding="utf-8").strip()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if told == name:
                found.append(process.pid)
    return found


def busy_code(name: str) -> str:
    """Code that calls its process `name`, says so and goes on for ever."""
    return (
        f"open('/proc/self/task/%d/comm' % __import__('threading').get_native_id(), 'w').write({name!r}); "
        "print('training', flush=True); exec('while True: pass')"
    )


def is_gone(name: str) -> bool:
    """Whether the processes called `name` end soon."""
    until = time.monotonic() + PATIENCE
    paused = threading.Event()
    while busy(name):
        if time.monotonic() > until:
            return False
        paused.wait(0.05)
    return True
