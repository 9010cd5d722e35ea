"""A long conversation: does a turn stay as quick, and do the files stay small?

    python -m benchmarks.long_talk [--turns 500] [--rounds 5]

One thread a round, lessons, questions and commands mixed. Exit 1 when the checkpoints reach 20 MB, when they
grow faster than the conversation, or when the p95 of the last 50 turns is over 1.3 times that of the
first: the median of the rounds, since either p95 is the third slowest of fifty turns.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.talk import MIXED, open_plain, timed_turn

WINDOW = 50
MOST_BYTES = 20_000_000
MOST_RATIO = 1.3


@dataclass(frozen=True)
class LongTalk:
    """seconds, cpu: of each turn, by the wall and by this process; sizes: bytes of the checkpoints after
    each WINDOW turns."""

    seconds: tuple[float, ...]
    cpu: tuple[float, ...]
    sizes: tuple[int, ...]

    @property
    def ratio(self) -> float:
        """p95 of the last WINDOW turns over that of the first, by the wall."""
        return p95(self.seconds[-WINDOW:]) / p95(self.seconds[:WINDOW])

    @property
    def cpu_ratio(self) -> float:
        """The same by processor time, which other work on the machine does not stretch."""
        return p95(self.cpu[-WINDOW:]) / p95(self.cpu[:WINDOW])

    @property
    def is_linear(self) -> bool:
        """The second half of the conversation added no more than the first, a tenth aside."""
        half = self.sizes[len(self.sizes) // 2]
        return self.sizes[-1] - half <= 1.1 * half


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


async def talk_long(home: Path, turns: int) -> LongTalk:
    """So many turns on one thread, after a round on another that loads what is loaded late."""
    seconds: list[float] = []
    cpu: list[float] = []
    sizes: list[int] = []
    async with open_plain(home) as tutor:
        for line in MIXED:
            await timed_turn(tutor, line, "warm-up")
        for number in range(turns):
            began = time.process_time()
            seconds.append(await timed_turn(tutor, MIXED[number % len(MIXED)], "long"))
            cpu.append(time.process_time() - began)
            if (number + 1) % WINDOW == 0:
                sizes.append(size_of(home))
    return LongTalk(tuple(seconds), tuple(cpu), tuple(sizes))


def size_of(home: Path) -> int:
    """Bytes of the checkpoints with their journal."""
    return sum(path.stat().st_size for path in home.glob("checkpoints.db*"))


def main() -> int:
    parser = argparse.ArgumentParser(description="A long conversation, measured.")
    parser.add_argument("--turns", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    turns = max(options.turns, 2 * WINDOW)
    rounds: list[LongTalk] = []
    for _ in range(max(options.rounds, 1)):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(asyncio.run(talk_long(Path(folder), turns)))
        _tell(rounds[-1])
    ratio = statistics.median(one.ratio for one in rounds)
    print(
        f"{len(rounds)} rounds of {turns} turns: p95 {ratio:.2f} times that of the first {WINDOW} (median; "
        f"{statistics.median(one.cpu_ratio for one in rounds):.2f} times by processor time)"
    )
    held = all(one.sizes[-1] < MOST_BYTES and one.is_linear for one in rounds) and ratio <= MOST_RATIO
    return 0 if held else 1


def _tell(talked: LongTalk) -> None:
    first, last = talked.seconds[:WINDOW], talked.seconds[-WINDOW:]
    print(f"sizes after each {WINDOW} turns, kB: {[size // 1000 for size in talked.sizes]}")
    print(
        f"checkpoints {talked.sizes[-1] / 1e6:.2f} MB, linear: {talked.is_linear}; "
        f"p50 {1000 * statistics.median(first):.0f} to {1000 * statistics.median(last):.0f} ms, "
        f"p95 {1000 * p95(first):.0f} to {1000 * p95(last):.0f} ms, {talked.ratio:.2f} times "
        f"({talked.cpu_ratio:.2f} times by processor time)",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
