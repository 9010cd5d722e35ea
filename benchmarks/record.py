"""What a benchmark run leaves: rows in `docs/benchmarks.json`, and the page that is made of them."""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
JSON_FILE = ROOT / "docs" / "benchmarks.json"
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = Path(__file__).with_name("head.md")
RESAMPLES = 2000


@dataclass(frozen=True)
class Row:
    """One measurement.

    value: median of ours, in `unit`. peer, peer_value: whom it was measured beside, in the same run, and
    its median. ratio: how many times better than the peer, null without one. n: rounds. interval: 95 %
    bootstrap interval of the ratio, or of the value without a peer.
    """

    name: str
    value: float
    unit: str
    peer: str | None
    peer_value: float | None
    ratio: float | None
    n: int
    interval: tuple[float, float]
    commit: str
    command: str


def compare(
    name: str, unit: str, ours: Sequence[float], peer: str, theirs: Sequence[float], command: str
) -> Row:
    """A row from rounds in which both were measured; less is better. The ratio is taken round by round."""
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
    return Row(
        name, _short(statistics.median(ours)), unit, peer, _short(statistics.median(theirs)),
        _short(statistics.median(ratios)), len(ratios), _interval(ratios), commit(), command,
    )  # fmt: skip


def alone(name: str, unit: str, values: Sequence[float], command: str) -> Row:
    value = _short(statistics.median(values))
    return Row(name, value, unit, None, None, None, len(values), _interval(values), commit(), command)


def write(rows: Sequence[Row]) -> None:
    JSON_FILE.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    PAGE.write_text(page(json.loads(JSON_FILE.read_text(encoding="utf-8"))), encoding="utf-8")


def replace(rows: Sequence[Row], *, whole: bool = False) -> None:
    """Put these in the place of the rows of their names, and leave the others as they were measured.

    whole: they are all that their commands measure, so what these commands left before goes too.
    """
    names = {row.name for row in rows}
    commands = {row.command for row in rows} if whole else set[str]()
    before = [Row(**row) for row in json.loads(JSON_FILE.read_text(encoding="utf-8"))]
    kept = [row for row in before if row.name not in names and row.command not in commands]
    write([*rows, *kept] if whole else [*kept, *rows])


def page(rows: Sequence[dict[str, object]]) -> str:
    """The page made of the rows of the JSON file; a test holds the two together."""
    lines = [
        HEAD.read_text(encoding="utf-8"),
        "| what | ours | peer | theirs | times better (95 %) | rounds |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        low, high = row["interval"]  # type: ignore[misc]
        better = f"**{row['ratio']}** ({low} to {high})" if row["ratio"] is not None else "–"
        theirs = f"{row['peer_value']} {row['unit']}" if row["peer"] else "–"
        ours = f"{row['value']} {row['unit']}"
        lines.append(f"| {row['name']} | {ours} | {row['peer'] or '–'} | {theirs} | {better} | {row['n']} |")
    commits = sorted({str(row["commit"]) for row in rows})
    commands = sorted({str(row["command"]) for row in rows})
    told = ", ".join(f"`{one}`" for one in commits)
    return "\n".join([*lines, "", f"Measured at {told} by {', '.join(f'`{one}`' for one in commands)}.", ""])


def commit() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "unknown"


def machine() -> str:
    kernel = platform.release().split("-")[0]
    return f"{os.cpu_count()} cores, Linux {kernel}, Python {platform.python_version()}"


def _interval(values: Sequence[float]) -> tuple[float, float]:
    rng = random.Random(7)
    medians = sorted(statistics.median(rng.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return _short(medians[int(0.025 * RESAMPLES)]), _short(medians[int(0.975 * RESAMPLES) - 1])


def _short(value: float) -> float:
    """Three significant digits."""
    return float(f"{value:.3g}")
