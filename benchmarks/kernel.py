"""Kernels: how soon one answers and how much memory is its own, beside a plain ipykernel."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.record import Row, compare
from sandbox.kernel import Kernel, open_kernel
from sandbox.pool import shared_pool
from sandbox.process import family_of

PEER = "fresh ipykernel"
COMMAND = "python -m benchmarks"
EMPTY = "print('ready')"
IMPORTS = "import numpy, torch, sklearn.linear_model\nprint('ready')"
PACKAGES = ("numpy", "torch", "sklearn")


def rows(rounds: int) -> list[Row]:
    shared_pool().prepare(PACKAGES)
    empty = interleave(rounds, lambda: seconds_of_ours(EMPTY), lambda: seconds_of_theirs(EMPTY))
    ready = interleave(
        rounds, lambda: seconds_of_ours(IMPORTS), lambda: seconds_of_theirs(IMPORTS), seconds_of_a_spare
    )
    memory = interleave(3, lambda: private_of_ours(1), lambda: private_of_theirs(1), thrown=0)
    eight = interleave(1, lambda: total_of_ours(8), lambda: total_of_theirs(8), thrown=0)
    measured = (
        ("kernel ready, empty", "s", empty[0], empty[1]),
        ("kernel ready with imports", "s", ready[0], ready[1]),
        ("warm checkout", "s", ready[2], ready[1]),
        ("private memory of a kernel", "MiB", memory[0], memory[1]),
        ("memory of 8 kernels", "MiB", eight[0], eight[1]),
    )
    return [compare(name, unit, ours, PEER, theirs, COMMAND) for name, unit, ours, theirs in measured]


def interleave(rounds: int, *ways: Callable[[], float], thrown: int = 1) -> list[list[float]]:
    """One list a way. Alternating rounds, so that all meet the same load; the first `thrown` are not kept."""
    measured = [[way() for way in ways] for _ in range(rounds + thrown)][thrown:]
    return [list(column) for column in zip(*measured, strict=True)]


def seconds_of_ours(code: str) -> float:
    gc.collect()
    began = time.perf_counter()
    with open_kernel() as kernel:
        assert kernel.execute(code).stdout == "ready\n"
        return time.perf_counter() - began


def seconds_of_a_spare() -> float:
    pool = shared_pool()
    pool.warm_up(spares=1)
    with open_kernel():  # asks for a spare in its place
        pass
    pool.await_spares()
    took = seconds_of_ours(IMPORTS)
    pool.await_spares()
    pool.warm_up(spares=0)
    return took


@contextmanager
def their_kernel() -> Iterator[tuple[Any, Any]]:
    from jupyter_client.manager import KernelManager

    manager = KernelManager(transport="ipc")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _run_theirs(client: Any, code: str) -> None:
    said: list[str] = []

    def keep(message: dict[str, Any]) -> None:
        said.append(message["content"].get("text", ""))

    client.execute_interactive(code, timeout=120, output_hook=keep)
    assert "ready\n" in said


def seconds_of_theirs(code: str) -> float:
    began = time.perf_counter()
    with their_kernel() as (_, client):
        _run_theirs(client, code)
        return time.perf_counter() - began


def private_of_ours(number: int) -> float:
    with _our_kernels(number) as kernels:
        return sum(_memory(_members(kernel), "Private_") for kernel in kernels) / number


def private_of_theirs(number: int) -> float:
    with _their_kernels(number) as pids:
        return sum(_memory([pid], "Private_") for pid in pids) / number


def total_of_ours(number: int) -> float:
    with _our_kernels(number) as kernels:
        zygote = shared_pool().zygote
        assert zygote is not None
        return _memory([zygote.pid, *(pid for kernel in kernels for pid in _members(kernel))], "Pss:")


def total_of_theirs(number: int) -> float:
    with _their_kernels(number) as pids:
        return _memory(pids, "Pss:")


@contextmanager
def _our_kernels(number: int) -> Iterator[list[Kernel]]:
    with ExitStack() as stack:
        kernels = [stack.enter_context(open_kernel()) for _ in range(number)]
        for kernel in kernels:
            assert kernel.execute(IMPORTS).stdout == "ready\n"
        yield kernels


@contextmanager
def _their_kernels(number: int) -> Iterator[list[int]]:
    with ExitStack() as stack:
        opened = [stack.enter_context(their_kernel()) for _ in range(number)]
        for _, client in opened:
            _run_theirs(client, IMPORTS)
        yield [manager.provisioner.pid for manager, _ in opened]


def _members(kernel: Kernel) -> list[int]:
    return family_of(kernel._started.process.pid)


def _memory(pids: list[int], field: str) -> float:
    """MiB of a field of smaps_rollup, summed over processes."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith(field):
                total += int(line.split()[1])
    return total / 1024
