"""Sequence diagrams: who says what to whom, from top to bottom, one column of lines a participant.

Boxes around messages (`loop`, `alt`, `opt` and the like) become lines that say where they begin and end.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from knowledge.diagram.canvas import Canvas, columns
from knowledge.diagram.graph import Undrawable, label_lines

MOST_PARTICIPANTS = 12
MOST_LINES = 80
GAP = 3

_PARTICIPANT = re.compile(r"(?:participant|actor)\s+(\S+)(?:\s+as\s+(.+))?$")
_MESSAGE = re.compile(
    r"([\w.]+)\s*(<<-->>|<<->>|-->>|->>|-->|->|--x|-x|--\)|-\))\s*[+-]?\s*([\w.]+)\s*:(.*)$"
)
_NOTE = re.compile(r"Note\s+(?:over|left of|right of)\s+([\w.]+)(?:\s*,\s*[\w.]+)?\s*:(.*)$", re.IGNORECASE)
_FRAME = re.compile(r"(loop|alt|else|opt|par|and|critical|break|rect|end)\b(.*)$")
_LEFT_OUT = re.compile(r"(?:autonumber|activate|deactivate|title|accTitle|accDescr)\b")


@dataclass
class _Row:
    """tail, head: numbers of participants; a note has no head, a frame neither."""

    text: str
    tail: int | None = None
    head: int | None = None
    end: str = ""


@dataclass
class _Story:
    names: dict[str, int] = field(default_factory=dict[str, int])
    labels: list[str] = field(default_factory=list[str])
    rows: list[_Row] = field(default_factory=list[_Row])

    def number(self, name: str, label: str | None = None) -> int:
        if name not in self.names:
            if len(self.labels) == MOST_PARTICIPANTS:
                raise Undrawable(f"it has more than {MOST_PARTICIPANTS} participants")
            self.names[name] = len(self.labels)
            self.labels.append(" ".join(label_lines(label or name)))
        elif label:
            self.labels[self.names[name]] = " ".join(label_lines(label))
        return self.names[name]


def draw_sequence(lines: list[str], width: int) -> str:
    """The statements below `sequenceDiagram` as text. Raises Undrawable."""
    story = _Story()
    for line in lines:
        _read(story, line)
    if not story.labels:
        raise Undrawable("it has no participants")
    if len(story.rows) > MOST_LINES:
        raise Undrawable(f"it has more than {MOST_LINES} messages")
    middles = _middles(story)
    wide = max(
        middles[-1] + columns(story.labels[-1]) // 2 + 3,
        *(_right_end(row, middles) for row in story.rows),
        0,
    )
    if wide > width:
        raise Undrawable(f"it would be {wide} columns wide, and {width} fit")
    return _draw(story, middles, wide)


def _read(story: _Story, line: str) -> None:
    if _LEFT_OUT.match(line):
        return
    if told := _PARTICIPANT.match(line):
        story.number(told.group(1), told.group(2))
    elif said := _MESSAGE.match(line):
        tail, head = story.number(said.group(1)), story.number(said.group(3))
        story.rows.append(_Row(_line(said.group(4)), tail, head, said.group(2)))
    elif note := _NOTE.match(line):
        story.rows.append(_Row(f"[{_line(note.group(2))}]", story.number(note.group(1))))
    elif frame := _FRAME.match(line):
        story.rows.append(_Row(f"{frame.group(1)} {_line(frame.group(2))}".strip()))
    else:
        raise Undrawable(f"this is not understood: `{line[:40]}`")


def _line(text: str) -> str:
    return " ".join(label_lines(text))


def _middles(story: _Story) -> list[int]:
    """The column of each participant: as near as names and messages between neighbours allow."""
    half = [(columns(label) + 4) // 2 for label in story.labels]
    steps = [a + b + GAP for a, b in itertools.pairwise(half)]
    for row in story.rows:
        if row.tail is None:
            continue
        text = columns(row.text)
        if row.head is None or row.head == row.tail:
            if row.tail < len(steps):
                steps[row.tail] = max(steps[row.tail], text + 7)
            continue
        first, last = sorted((row.tail, row.head))
        missing = text + 5 - sum(steps[first:last])
        if missing > 0:
            steps[last - 1] += missing
    middles = [half[0]]
    for step in steps:
        middles.append(middles[-1] + step)
    return middles


def _right_end(row: _Row, middles: list[int]) -> int:
    if row.tail is None:
        return columns(row.text) + 6
    return middles[row.tail] + columns(row.text) + 7 if row.head in (None, row.tail) else 0


def _draw(story: _Story, middles: list[int], width: int) -> str:
    high = 3 + sum(_height(row) for row in story.rows) + 1
    canvas = Canvas(width, high)
    for middle in middles:
        canvas.line(middle, 2, middle, high - 1)
    for label, middle in zip(story.labels, middles, strict=True):
        left = middle - (columns(label) + 4) // 2
        canvas.box(left, 0, columns(label) + 4, 3)
        canvas.line(middle, 2, middle, 3)
        canvas.write(left + 2, 1, label)
    y = 3
    for row in story.rows:
        _draw_row(canvas, row, middles, y, width)
        y += _height(row)
    return str(canvas)


def _height(row: _Row) -> int:
    if row.tail is None or row.head is None:
        return 1
    return 3 if row.head == row.tail else 2


def _draw_row(canvas: Canvas, row: _Row, middles: list[int], y: int, width: int) -> None:
    if row.tail is None:
        canvas.write(0, y, f"── {row.text} ".ljust(width, "─")[:width])
        return
    tail = middles[row.tail]
    if row.head is None:
        canvas.write(tail + 2, y, row.text)
        return
    head = middles[row.head]
    if head == tail:
        canvas.write(tail + 5, y + 1, row.text)
        canvas.line(tail, y, tail + 3, y)
        canvas.line(tail + 3, y, tail + 3, y + 2)
        canvas.line(tail, y + 2, tail + 3, y + 2)
        canvas.write(tail + 1, y + 2, "◄")
        return
    left, right = sorted((tail, head))
    canvas.write(left + 1 + (right - left - 1 - columns(row.text)) // 2, y, row.text)
    dash = "╌" if row.end.startswith(("--", "<<--")) else "─"
    canvas.write(left + 1, y + 1, dash * (right - left - 1))
    mark = "×" if row.end.endswith("x") else "►" if head > tail else "◄"
    if row.end not in ("->", "-->"):
        canvas.write(head - 1 if head > tail else head + 1, y + 1, mark)
    if row.end.startswith("<<"):
        canvas.write(tail + 1 if head > tail else tail - 1, y + 1, "◄" if head > tail else "►")
