"""What running code prints, as it comes: its streams to ours, tracked numbers as one changing line.

It owns one rule: a terminal gets no escape that the code wrote, and the changing line never stays
between lines of the code's own.
"""

from __future__ import annotations

import shutil
import sys

from mltutor.output import plain

_CLEAR = "\r\x1b[K"


class LiveOutput:
    """Hears of an execution's output (`OnStream`). Without a terminal no changing line is drawn."""

    def __init__(self) -> None:
        self._has_terminal = sys.stderr.isatty()
        self._has_line = False

    def take(self, name: str, text: str) -> None:
        if name == "metrics":
            if self._has_terminal:
                width = shutil.get_terminal_size().columns - 1
                self._write(f"{_CLEAR}{plain(text).rstrip()[:width]}")
                self._has_line = True
            return
        self.end()
        # A carriage return starts the line anew, as progress bars do: the one control to let through.
        shown = "\r".join(plain(part) for part in text.split("\r"))
        print(shown, end="", file=sys.stdout if name == "stdout" else sys.stderr, flush=True)

    def end(self) -> None:
        """Take the changing line away."""
        if self._has_line:
            self._write(_CLEAR)
            self._has_line = False

    def _write(self, text: str) -> None:
        print(text, end="", file=sys.stderr, flush=True)
