"""Fences marked `mermaid` in Markdown: found, drawn in their place, and drawn in a text that streams in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.diagram.drawing import MOST_COLUMNS, draw
from knowledge.diagram.graph import Undrawable

MOST_FENCE = 40_000
_OPEN = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*(\S*)[^\n]*$")


@dataclass(frozen=True)
class Fence:
    """line: its first line of content in the Markdown, from 1."""

    source: str
    line: int


def mermaid_fences(markdown: str) -> list[Fence]:
    """The Mermaid diagrams of a page, in order."""
    found: list[Fence] = []
    lines: list[str] | None = None
    mark, start = "", 0
    for number, line in enumerate(markdown.split("\n"), 1):
        fence = _OPEN.match(line)
        if mark:
            if closes(line, mark):
                if lines is not None:
                    found.append(Fence("\n".join(lines), start))
                mark, lines = "", None
            elif lines is not None:
                lines.append(line)
        elif fence:
            mark, start = fence.group(1), number + 1
            lines = [] if fence.group(2) == "mermaid" else None
    return found


def closes(line: str, mark: str) -> bool:
    """Whether a line ends the fence that `mark` opened."""
    bare = line.strip()
    return len(bare) >= len(mark) and set(bare) == {mark[0]}


def draw_fences(markdown: str, width: int = MOST_COLUMNS) -> str:
    """Markdown with its Mermaid diagrams drawn; one that cannot be drawn stays as its source, and says so."""
    stream = FenceStream(width)
    return stream.feed(markdown) + stream.end()


class FenceStream:
    """`draw_fences` for Markdown that comes in pieces: a diagram is held back until its fence is closed."""

    def __init__(self, width: int = MOST_COLUMNS) -> None:
        self._width = width
        self._line = ""
        self._passed = 0
        self._mark = ""
        self._held: list[str] | None = None
        self._held_characters = 0

    def feed(self, text: str) -> str:
        """What of the text so far may be shown now and was not yet."""
        shown: list[str] = []
        *whole, rest = text.split("\n")
        for line in whole:
            self._line += line
            shown.append(self._end_line())
        self._line += rest
        if self._held is None and not self._may_open(self._line):
            shown.append(self._line[self._passed :])
            self._passed = len(self._line)
        return "".join(shown)

    def end(self) -> str:
        """What is left; the source of a diagram whose fence was never closed."""
        left = "" if self._held is None else "\n".join(self._held) + "\n"
        left += self._line[self._passed :]
        self._line, self._passed, self._held, self._mark = "", 0, None, ""
        return left

    def _may_open(self, start: str) -> bool:
        """Whether a line that begins so may be one that opens a fence."""
        bare = start.lstrip(" ")
        return not self._mark and bare[:1] in ("", "`", "~") and "`" not in bare.lstrip("`~")

    def _end_line(self) -> str:
        line, passed = self._line, self._passed
        self._line, self._passed = "", 0
        if self._held is not None:
            return self._end_held_line(line)
        fence = _OPEN.match(line)
        if self._mark:
            self._mark = "" if closes(line, self._mark) else self._mark
        elif fence:
            self._mark = fence.group(1)
            if fence.group(2) == "mermaid":
                self._held, self._held_characters = [line], len(line)
                return ""
        return line[passed:] + "\n"

    def _end_held_line(self, line: str) -> str:
        assert self._held is not None
        self._held.append(line)
        self._held_characters += len(line) + 1
        if closes(line, self._mark):
            held, self._held, self._mark = self._held, None, ""
            return _drawn("\n".join(held[1:-1]), self._width)
        if self._held_characters > MOST_FENCE:
            held, self._held = self._held, None
            return "\n".join(held) + "\n"
        return ""


def _drawn(source: str, width: int) -> str:
    """The fence that stands for a diagram; longer than any run of its own that the source may hold."""
    mark = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", source)), default=0))
    try:
        return f"{mark}text\n{draw(source, width)}\n{mark}\n"
    except Undrawable as reason:
        return f"(This diagram cannot be drawn here: {reason}. Its source:)\n\n{mark}text\n{source}\n{mark}\n"
