"""How long until a kernel has run its first line: ours in isolation, jupyter_client's without.

The peer is `jupyter_client.KernelManager` with `wait_for_ready`, as its documentation starts
kernels. Rounds alternate, so that both meet the same load; the first of each is thrown away.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

from sandbox.isolation import current_isolation
from sandbox.kernel import open_kernel


def ours() -> None:
    with open_kernel(allow_unisolated=True) as kernel:
        done = kernel.execute("print(1)")
    assert done.stdout == "1\n", done


def theirs() -> None:
    from jupyter_client.manager import KernelManager

    manager = KernelManager(transport="ipc")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        client.execute_interactive("print(1)", timeout=60, output_hook=lambda message: None)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args(arguments).rounds
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds + 1)][1:]
    isolated = statistics.median(pair[0] for pair in pairs)
    plain = statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    print(f"isolation tier: {current_isolation().tier}")
    print(f"open, run one line, close: ours {isolated:.2f} s, jupyter_client {plain:.2f} s")
    print(f"ours takes {ratio:.2f} times as long (median of {rounds} paired rounds)")


if __name__ == "__main__":
    main()
