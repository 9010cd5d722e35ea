"""What one execution gave: its streams, figures, metrics and error, gathered within bounds.

It owns one rule: past a limit nothing more is kept, whatever the kernel sends, and a flood is
told from a long output by how far past it goes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from sandbox.limits import Limits
from sandbox.report import RunError
from sandbox.wire import Message

METRICS_MIME = "application/vnd.mltutor.metrics+json"
ERROR_MIME = "application/vnd.mltutor.error+json"
MAX_METRICS = 10_000
MAX_METRIC_CHARACTERS = 4_000
MAX_MESSAGE_CHARACTERS = 4_000
FLOOD = 8  # times a limit
_PNG = b"\x89PNG\r\n\x1a\n"

OnStream = Callable[[str, str], object]


class Harvest:
    """Takes the messages of one execution, in order."""

    def __init__(self, limits: Limits, on_stream: OnStream | None) -> None:
        self.figures: list[bytes] = []
        self.metrics: list[dict[str, Any]] = []
        self.truncated = False
        self._told_error: RunError | None = None
        self._reply_error: RunError | None = None
        self._limits = limits
        self._on_stream = on_stream
        self._pieces: dict[str, list[str]] = {"stdout": [], "stderr": []}
        self._room = limits.output_bytes
        self._text_bytes = self._figure_bytes = self._metrics_sent = 0

    @property
    def error(self) -> RunError | None:
        """What the kernel told about the exception; at least what its reply says of one."""
        return self._told_error or self._reply_error

    @property
    def is_flooded(self) -> bool:
        """More was sent than an honest long output: it will not end by itself."""
        limits = self._limits
        return (
            self._text_bytes > FLOOD * limits.output_bytes
            or self._figure_bytes > FLOOD * limits.figures * limits.figure_bytes
            or self._metrics_sent > FLOOD * MAX_METRICS
        )

    def text(self, stream: str) -> str:
        return "".join(self._pieces[stream])

    def take(self, message: Message) -> None:
        content = message.content
        if message.type == "stream":
            name, text = content.get("name"), content.get("text")
            if name in self._pieces and isinstance(text, str):
                self._take_text(name, text)
        elif message.type in ("display_data", "update_display_data", "execute_result"):
            bundle = content.get("data")
            if isinstance(bundle, dict):
                self._take_bundle(bundle)
        elif message.type == "execute_reply" and content.get("status") == "error":
            self._reply_error = _read_error({"name": content.get("ename"), "message": content.get("evalue")})

    def _take_text(self, stream: str, text: str) -> None:
        self._text_bytes += len(text)
        if self._room <= 0:
            self.truncated = self.truncated or bool(text)
            return
        encoded = text.encode("utf-8", errors="replace")
        if len(encoded) > self._room:
            encoded, self.truncated = encoded[: self._room], True
        self._room -= len(encoded)
        kept = encoded.decode("utf-8", errors="ignore")
        self._pieces[stream].append(kept)
        if self._on_stream is not None:
            self._on_stream(stream, kept)

    def _take_bundle(self, bundle: dict[str, Any]) -> None:
        if isinstance(bundle.get(ERROR_MIME), dict):
            self._told_error = _read_error(bundle[ERROR_MIME])
        elif METRICS_MIME in bundle:
            self._take_metrics(bundle[METRICS_MIME])
        elif isinstance(bundle.get("image/png"), str):
            self._take_figure(bundle["image/png"])
        elif isinstance(bundle.get("text/plain"), str):
            self._take_text("stdout", bundle["text/plain"] + "\n")

    def _take_figure(self, text: str) -> None:
        self._figure_bytes += len(text)
        over = len(self.figures) >= self._limits.figures or len(text) * 3 // 4 > self._limits.figure_bytes
        if over:
            self.truncated = True
            return
        try:
            figure = base64.b64decode(text)
        except ValueError:  # no base64, or no ASCII
            return
        if figure.startswith(_PNG):
            self.figures.append(figure)

    def _take_metrics(self, record: object) -> None:
        self._metrics_sent += 1
        if not isinstance(record, dict) or "step" not in record:
            return
        plain = {_short(name): _legible(value) for name, value in record.items() if _is_plain(value)}
        if len(self.metrics) >= MAX_METRICS or len(json.dumps(plain)) > MAX_METRIC_CHARACTERS:
            self.truncated = True
            return
        self.metrics.append(plain)


def _read_error(record: dict[str, Any]) -> RunError:
    line = record.get("line")
    is_line = type(line) is int and line > 0
    return RunError(_short(record.get("name")), _short(record.get("message")), line if is_line else None)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def _legible(value: Any) -> Any:
    return _short(value) if isinstance(value, str) else value


def _short(text: object) -> str:
    """A bounded text that can be written; what is no text is not written, for it may have no end."""
    if not isinstance(text, str):
        return f"({type(text).__name__})"
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return whole if len(whole) <= MAX_MESSAGE_CHARACTERS else whole[:MAX_MESSAGE_CHARACTERS] + " ..."
