"""All benchmarks, one after the other; figures go to `docs/benchmarks.json` and its page.

python -m benchmarks [--full] [--gates]
"""

from __future__ import annotations

import argparse
import sys

from benchmarks import calls, grading, kernel, search, turn
from benchmarks.record import Row, machine, replace

KERNEL_ROUNDS = 5
SEARCH_ROUNDS = 3
TURN_ROUNDS = 7
CALL_ROUNDS = 5
GATES = {
    ("kernel ready with imports", "fresh ipykernel"): 20.0,
    ("private memory of a kernel", "fresh ipykernel"): 5.0,
    ("grade a submission", "nbgrader"): 10.0,
    ("grade a submission", "otter-grader"): 10.0,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure beside named peers.")
    parser.add_argument("--full", action="store_true", help="more rounds; up to an hour")
    parser.add_argument("--quick", action="store_true", help="one round, nothing written: does it work?")
    parser.add_argument("--gates", action="store_true", help="exit 1 when a gate is missed")
    options = parser.parse_args()
    print(machine())
    rounds = 1 if options.quick else 15 if options.full else 7
    rows = kernel.rows(1 if options.quick else 15 if options.full else KERNEL_ROUNDS)
    for row in rows:
        _tell(row)
    try:
        graded = grading.rows(rounds, 1 if options.quick else 5 if options.full else 3)
    except grading.PeerMissing as missing:
        print(f"the peers could not be installed: {missing}; nothing is written", file=sys.stderr)
        return 1
    for row in graded:
        _tell(row)
    searched = search.rows(1 if options.quick else SEARCH_ROUNDS, quick=options.quick)
    for row in searched:
        _tell(row)
    turned = turn.turn_rows(1 if options.quick else TURN_ROUNDS)
    for row in turned:
        _tell(row)
    called = calls.rows(1 if options.quick else CALL_ROUNDS, quick=options.quick)
    for row in called:
        _tell(row)
    if not options.quick:
        replace([*rows, *graded, *searched, *turned, *called], whole=True)
    missed = [
        row for row in [*rows, *graded] if (row.ratio or 0.0) < GATES.get((row.name, str(row.peer)), 0.0)
    ]
    for row in missed:
        print(f"gate missed: {row.name} beside {row.peer}: {row.ratio} times", file=sys.stderr)
    late = [row for row in searched if row.value > search.GOALS.get(row.name, row.value)]
    for row in late:
        print(f"goal missed: {row.name}: {row.value} s of {search.GOALS[row.name]} s", file=sys.stderr)
    return 1 if (missed or late) and options.gates else 0


def _tell(row: Row) -> None:
    low, high = row.interval
    if row.peer is None:
        print(f"{row.name}: {row.value} {row.unit} ({low} to {high}, {row.n} rounds)", flush=True)
        return
    print(
        f"{row.name}: ours {row.value} {row.unit}, {row.peer} {row.peer_value} {row.unit}; "
        f"{row.ratio} times better ({low} to {high}, {row.n} rounds)",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
