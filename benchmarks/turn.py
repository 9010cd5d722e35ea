"""The overhead of a turn without a model's time, beside LangGraph itself.

The peer is a graph of as many nodes that do nothing, with the same saver, durability and streaming: what
is above it is ours (reading the line, the catalogue, the tools, the guard, the transcript).
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, TypedDict

from benchmarks.long_talk import p95
from benchmarks.record import Row, compare
from benchmarks.talk import MIXED, open_plain, timed_turn

COMMAND = "python -m benchmarks"
PEER = "LangGraph, 7 empty nodes"
MEDIAN = "overhead of a turn without a model, p50"
TAIL = "overhead of a turn without a model, p95"


class Empty(TypedDict, total=False):
    line: str
    answer: str


def turn_rows(rounds: int) -> list[Row]:
    """p50 and p95 over the 25 lines of a round, round by round; the first round is dropped."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = asyncio.run(_measure(Path(folder), rounds + 1))
    ms = (
        [[1000 * value for value in one] for one in ours[1:]],
        [[1000 * value for value in one] for one in theirs[1:]],
    )
    middle = [[statistics.median(one) for one in side] for side in ms]
    tail = [[p95(one) for one in side] for side in ms]
    return [
        compare(MEDIAN, "ms", middle[0], PEER, middle[1], COMMAND),
        compare(TAIL, "ms", tail[0], PEER, tail[1], COMMAND),
    ]


async def _measure(folder: Path, rounds: int) -> tuple[list[list[float]], list[list[float]]]:
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    saver = AsyncSqliteSaver.from_conn_string(str(folder / "peer.db"))
    async with open_plain(folder / "home") as tutor, saver as peer_saver:
        peer = _empty_graph(peer_saver)
        for _ in range(rounds):
            ours.append([await timed_turn(tutor, line, "bench") for line in MIXED])
            theirs.append([await _timed_empty(peer, line) for line in MIXED])
    return ours, theirs


def _empty_graph(saver: Any) -> Any:
    from langgraph.graph import END, START, StateGraph

    def nothing(state: Empty) -> Empty:
        return {"answer": state.get("line", "")}

    graph = StateGraph(Empty)
    names = [f"node-{number}" for number in range(7)]
    for name in names:
        graph.add_node(name, nothing)
    for before, after in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(before, after)
    return graph.compile(checkpointer=saver)


async def _timed_empty(graph: Any, line: str) -> float:
    config = {"configurable": {"thread_id": "bench"}, "recursion_limit": 12}
    began = time.perf_counter()
    async for _ in graph.astream(
        {"line": line}, config, stream_mode=["custom", "values"], version="v2", durability="sync"
    ):
        continue
    return time.perf_counter() - began
