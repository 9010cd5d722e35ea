"""What one execution gave: its streams, figures, metrics and error, gathered within bounds.

It owns one rule: past a limit nothing more is kept, whatever the kernel sends, and a flood is
told from a long output by how far past it goes.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from sandbox.limits import Limits
from sandbox.metrics import MIME as METRICS_MIME
from sandbox.metrics import Metrics, short
from sandbox.report import RunError
from sandbox.wire import Message

ERROR_MIME = "application/vnd.mltutor.error+json"
FLOOD = 8  # times a limit
_PNG = b"\x89PNG\r\n\x1a\n"

OnStream = Callable[[str, str], object]
"""Hears of output as it comes: `stdout`, `stderr`, or `metrics` with a line that tells of a step."""


class Mark(NamedTuple):
    """How much there was at the end of a cell: characters of the streams, figures."""

    stdout: int
    stderr: int
    figures: int


class Harvest:
    """Takes the messages of one execution, in order."""

    def __init__(self, limits: Limits, on_stream: OnStream | None) -> None:
        self.figures: list[bytes] = []
        self.metrics = Metrics(None if on_stream is None else partial(on_stream, "metrics"))
        self._is_cut = False
        self._told_error: RunError | None = None
        self._reply_error: RunError | None = None
        self._limits = limits
        self._on_stream = on_stream
        self._pieces: dict[str, list[str]] = {"stdout": [], "stderr": []}
        self._room = limits.output_bytes
        self._text_bytes = self._figure_bytes = 0

    @property
    def truncated(self) -> bool:
        """Whether something was sent that is not kept."""
        return self._is_cut or self.metrics.truncated

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
            or self.metrics.is_flooded
        )

    def mark(self) -> Mark:
        return Mark(len(self.text("stdout")), len(self.text("stderr")), len(self.figures))

    def cut(self) -> None:
        """Say that what comes from here on is not heard."""
        self._is_cut = True

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
            self._is_cut = self._is_cut or bool(text)
            return
        encoded = text.encode("utf-8", errors="replace")
        if len(encoded) > self._room:
            encoded, self._is_cut = encoded[: self._room], True
        self._room -= len(encoded)
        kept = encoded.decode("utf-8", errors="ignore")
        self._pieces[stream].append(kept)
        if self._on_stream is not None:
            self._on_stream(stream, kept)

    def _take_bundle(self, bundle: dict[str, Any]) -> None:
        if isinstance(bundle.get(ERROR_MIME), dict):
            self._told_error = _read_error(bundle[ERROR_MIME])
        elif METRICS_MIME in bundle:
            self.metrics.take(bundle[METRICS_MIME])
        elif isinstance(bundle.get("image/png"), str):
            self._take_figure(bundle["image/png"])
        elif isinstance(bundle.get("text/plain"), str):
            self._take_text("stdout", bundle["text/plain"] + "\n")

    def _take_figure(self, text: str) -> None:
        self._figure_bytes += len(text)
        over = len(self.figures) >= self._limits.figures or len(text) * 3 // 4 > self._limits.figure_bytes
        if over:
            self._is_cut = True
            return
        try:
            figure = base64.b64decode(text)
        except ValueError:  # no base64, or no ASCII
            return
        if figure.startswith(_PNG):
            self.figures.append(figure)


def _read_error(record: dict[str, Any]) -> RunError:
    line = record.get("line")
    is_line = type(line) is int and line > 0
    return RunError(short(record.get("name")), short(record.get("message")), line if is_line else None)
