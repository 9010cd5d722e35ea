"""What a tool call costs over MCP, beside a bare echo tool of the same SDK; and fifty clients at once.

    python -m benchmarks.calls [--quick] [--write]

Both servers are processes of their own; a call to each goes out in turn, from one client each, so that
a busy moment of the machine meets all alike.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from mcp import Client, StdioServerParameters

from benchmarks.record import ROOT, Row, alone, compare, replace

COMMAND = "python -m benchmarks"
ECHO = "bare echo tool of the same SDK"
CLIENTS, CALLS = 50, 200
OURS_OVER_HTTP = ["-m", "mltutor", "mcp", "--transport", "http", "--port", "0"]
WARMING = 10
"""Calls of each client before the processes and their memory are counted for the first time."""
_QUESTIONS = ("gradient descent", "what is overfitting?", "k nearest neighbours", "confusion matrix", "bayes")
_LIST: dict[str, Any] = {"kind": "project", "track": "classical-ml"}
_PATIENCE = 60.0
Call = Callable[[int], Awaitable[None]]


def rows(rounds: int, quick: bool = False) -> list[Row]:
    """rounds: each makes a hundred calls of each kind over each transport."""
    with tempfile.TemporaryDirectory(prefix="mltutor-calls-") as folder:
        home = Path(folder) / "home"
        found = asyncio.run(_latencies(home, rounds, 20 if quick else 100))
        return found + asyncio.run(_crowd(home, CLIENTS, 5 if quick else CALLS))


async def _latencies(home: Path, rounds: int, calls: int) -> list[Row]:
    with (
        serving(OURS_OVER_HTTP, home) as (ours, _),
        serving(["-m", "benchmarks.echo", "http"], home) as (echo, _),
    ):
        found = await _beside(ours, echo, "HTTP", rounds, calls)
    tutor = _over_stdio(["-m", "mltutor", "mcp"], home)
    peer = _over_stdio(["-m", "benchmarks.echo", "stdio"], home)
    return found + await _beside(tutor, peer, "stdio", rounds, calls)


async def _beside(ours: Any, echo: Any, transport: str, rounds: int, calls: int) -> list[Row]:
    """p50 and p99 of each round, for a reading tool and for search, beside the echo."""
    async with Client(ours) as tutor, Client(echo) as peer:
        ways = {"list_units": _lister(tutor), "search_curriculum": _searcher(tutor), ECHO: _echoer(peer)}
        for number in range(20):
            for call in ways.values():
                await call(number)
        measured: dict[str, list[list[float]]] = {name: [] for name in ways}
        for _ in range(rounds):
            times: dict[str, list[float]] = {name: [] for name in ways}
            for number in range(calls):
                for name, call in ways.items():
                    times[name].append(await _milliseconds(call, number))
            for name, values in times.items():
                measured[name].append(values)
    found: list[Row] = []
    for name in ("list_units", "search_curriculum"):
        for percent in (50, 99):
            mine, theirs = (
                [float(np.percentile(values, percent)) for values in measured[one]] for one in (name, ECHO)
            )
            found.append(
                compare(f"call of {name} over {transport}, p{percent}", "ms", mine, ECHO, theirs, COMMAND)
            )
    return found


async def _crowd(home: Path, clients: int, calls: int) -> list[Row]:
    """Many clients at once over HTTP, each with many calls; RuntimeError when a call fails."""
    with serving(OURS_OVER_HTTP, home) as (url, process):
        async with AsyncExitStack() as stack:
            open_clients = [await stack.enter_async_context(Client(url)) for _ in range(clients)]
            await _burst(open_clients, WARMING)
            before = counted(process)
            began = time.perf_counter()
            await _burst(open_clients, calls)
            seconds = time.perf_counter() - began
        after = counted(process)
    name = f"{clients} clients, {calls} calls each over HTTP"
    return [
        alone(f"{name}: a call", "ms", [1e3 * seconds / (clients * calls)], COMMAND),
        alone(f"{name}: processes more afterwards", "processes", [after[0] - before[0]], COMMAND),
        alone(f"{name}: memory more afterwards", "MB", [after[1] - before[1]], COMMAND),
    ]


async def _burst(clients: Sequence[Client], calls: int) -> None:
    async def one(client: Client) -> None:
        ways = [_lister(client), _searcher(client), _reader(client)]
        for number in range(calls):
            await ways[number % len(ways)](number)

    await asyncio.gather(*(one(client) for client in clients))


def _lister(client: Client) -> Call:
    return lambda _: _call(client, "list_units", _LIST)


def _searcher(client: Client) -> Call:
    return lambda number: _call(
        client, "search_curriculum", {"query": _QUESTIONS[number % len(_QUESTIONS)], "limit": 5}
    )


def _reader(client: Client) -> Call:
    return lambda _: _call(client, "read_unit", {"id": "perceptron"})


def _echoer(client: Client) -> Call:
    return lambda _: _call(client, "echo", {"text": "gradient descent"})


async def _call(client: Client, tool: str, arguments: dict[str, Any]) -> None:
    told = await client.call_tool(tool, arguments)
    if told.is_error:
        raise RuntimeError(f"{tool}: {told.content}")


async def _milliseconds(call: Call, number: int) -> float:
    began = time.perf_counter()
    await call(number)
    return (time.perf_counter() - began) * 1e3


@contextmanager
def serving(arguments: Sequence[str], home: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The address of a server that tells it on stderr, and its process."""
    command = [sys.executable, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=_environment(home), stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        told = ""
        for line in process.stderr:
            told += line
            address = re.search(r"http://\S+/mcp", line)
            if address:
                break
        else:
            raise RuntimeError(f"{' '.join(command)} does not serve: {told[-500:]}")
        yield address.group(), psutil.Process(process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=_PATIENCE)


def counted(process: psutil.Process) -> tuple[int, float]:
    """Processes of a server, itself among them, and their memory in MB."""
    family = [process, *process.children(recursive=True)]
    return len(family), sum(one.memory_info().rss for one in family) / 2**20


def _over_stdio(arguments: Sequence[str], home: Path) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable, args=list(arguments), env=_environment(home), cwd=str(ROOT)
    )


def _environment(home: Path) -> dict[str, str]:
    """Words alone are searched: what embeds and ranks is measured by `benchmarks.search`."""
    given = {"MLTUTOR_HOME": str(home), "MLTUTOR_EMBEDDER": "none", "PYTHONPATH": str(ROOT)}
    return {**os.environ, **given}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure calls over MCP.")
    parser.add_argument("--quick", action="store_true", help="one short round: does it work?")
    parser.add_argument("--write", action="store_true", help="put the rows into docs/benchmarks.json")
    options = parser.parse_args()
    measured = rows(1 if options.quick else 5, options.quick)
    for row in measured:
        theirs = f"; {row.peer} {row.peer_value} {row.unit}; {row.ratio} times better" if row.peer else ""
        print(f"{row.name}: {row.value} {row.unit}{theirs} {row.interval}", flush=True)
    if options.write and not options.quick:
        replace(measured)


if __name__ == "__main__":
    main()
