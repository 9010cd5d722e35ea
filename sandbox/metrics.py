"""The numbers that `track` sends, gathered within bounds while code runs, and told in a line.

It owns one rule: of very many steps every second, fourth, ... one is kept, so that a curve keeps
its shape, and its newest step is always there.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

MIME = "application/vnd.mltutor.metrics+json"
MAX_RECORDS = 2_000
MAX_SENT = 80_000  # messages: an honest loop sends at most twenty a second
MAX_CHARACTERS = 4_000  # of one record as JSON, and of a text in it
LINE_SECONDS = 0.2  # between two lines that tell of a step
MAX_SERIES = 6
BARS = "▁▂▃▄▅▆▇█"


class Metrics:
    """The records of one execution. on_line hears of a step now and then, as `tell` writes it."""

    def __init__(self, on_line: Callable[[str], object] | None = None) -> None:
        self.sent = 0
        self.truncated = False
        self._on_line = on_line
        self._kept: list[dict[str, Any]] = []
        self._newest: dict[str, Any] | None = None
        self._seen, self._stride, self._told = 0, 1, float("-inf")

    @property
    def is_flooded(self) -> bool:
        return self.sent > MAX_SENT

    @property
    def records(self) -> tuple[dict[str, Any], ...]:
        """Those kept, in order; the newest is among them."""
        return (*self._kept, *([] if self._newest is None else [self._newest]))

    def take(self, sent: object) -> None:
        """What one message holds: a record or a list of them; anything else is left out."""
        self.sent += 1
        for record in sent if isinstance(sent, list) else [sent]:
            if isinstance(record, dict) and "step" in record:
                self._take_record(record)

    def _take_record(self, record: dict[Any, Any]) -> None:
        plain = {short(name): _legible(value) for name, value in record.items() if _is_plain(value)}
        if len(json.dumps(plain)) > MAX_CHARACTERS:
            self.truncated = True
            return
        self._newest = plain
        if self._seen % self._stride == 0:
            self._kept.append(plain)
            self._newest = None
        if len(self._kept) >= MAX_RECORDS:
            del self._kept[1::2]
            self._stride *= 2
        self._seen += 1
        now = time.monotonic()
        if self._on_line is not None and now - self._told >= LINE_SECONDS:
            self._told = now
            self._on_line(f"{tell(self.records)}\n")


def thin(records: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """At most `MAX_RECORDS` of them, evenly chosen; the newest stays."""
    stride = -(-len(records) // MAX_RECORDS) or 1
    return tuple(records[::-stride][::-1])


def tell(records: Sequence[dict[str, Any]]) -> str:
    """The newest step and the way to it: `step 12  loss 0.341  █▅▃▂▁`."""
    newest = records[-1]
    values = [f"{name} {_written(value)}" for name, value in newest.items() if name != "step"]
    curves = [sparkline([y for _, y in line], 16) for line in series_of(records).values()]
    return "  ".join([f"step {_written(newest.get('step'))}", *values, *curves[:1]])


def series_of(records: Iterable[dict[str, Any]]) -> dict[str, list[tuple[float, float]]]:
    """(step, value) pairs by name; a step that is no number counts as its place, gaps are left out."""
    found: dict[str, list[tuple[float, float]]] = {}
    for place, record in enumerate(records):
        step = _number(record.get("step"))
        for name, value in record.items():
            number = _number(value)
            if name != "step" and number is not None:
                found.setdefault(name, []).append((float(place) if step is None else step, number))
    return dict(list(found.items())[:MAX_SERIES])


def sparkline(values: Sequence[float], width: int = 40) -> str:
    """A curve in one line of text, at most `width` characters; empty for fewer than two values."""
    if len(values) < 2:
        return ""
    count = min(width, len(values))
    shown = [values[round(place * (len(values) - 1) / (count - 1))] for place in range(count)]
    low, high = min(shown), max(shown)
    if not math.isfinite(high - low) or high == low:
        return BARS[0] * count
    return "".join(BARS[int((value - low) / (high - low) * (len(BARS) - 1))] for value in shown)


def short(text: object) -> str:
    """A bounded text that can be written; what is no text is not written, for it may have no end."""
    if not isinstance(text, str):
        return f"({type(text).__name__})"
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return whole if len(whole) <= MAX_CHARACTERS else whole[:MAX_CHARACTERS] + " ..."


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def _legible(value: Any) -> Any:
    """As JSON can say it, which knows neither `nan` nor `inf`."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return short(value) if isinstance(value, str) else value


def _written(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
