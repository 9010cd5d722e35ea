"""A flowchart as nodes and arrows, read from Mermaid's text.

The subset: `flowchart` or `graph` with a direction, nodes with a label in any of the usual brackets,
chains of links with or without a text on them, `&` between nodes, comments, and styling, which is
left out. It reads each line once from left to right, so no text can make it slow.
"""

from __future__ import annotations

import html
import re
import textwrap
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["TD", "BT", "LR", "RL"]
MOST_NODES = 60
MOST_EDGES = 120
MOST_CHARACTERS = 20_000
LABEL_CHARACTERS = 200
LABEL_COLUMNS = 28

_HEAD = re.compile(r"(?:flowchart|graph)(?:\s+(TD|TB|BT|LR|RL))?\s*$")
_ID = re.compile(r"\w(?:[\w.]|-(?![-.]))*")
# A link with its text inside (`-- yes -->`), or bare (`-->`, `-.->`, `==>`, `---`, `--o`, `<-->`).
_BARE = re.compile(r"<?(?:-{2,}|={2,}|-\.+-)[>ox]?")
_WITH_TEXT = re.compile(r"<?(?:--|==|-\.)\s+([^|\n]*?)\s+(?:-{2,}|={2,}|\.+-)[>ox]?")
_STYLING = re.compile(r"(?:classDef|class|style|linkStyle|click|accTitle|accDescr)\b")
_CLASS = re.compile(r":::[\w-]+")
_BREAK = re.compile(r"<br\s*/?>|\\n", re.IGNORECASE)
_BRACKETS = (
    ("(((", ")))"), ("([", "])"), ("[[", "]]"), ("[(", ")]"), ("((", "))"), ("{{", "}}"), ("[/", "/]"),
    ("[\\", "\\]"), ("[", "]"), ("(", ")"), ("{", "}"), (">", "]"),
)  # fmt: skip


class Undrawable(ValueError):
    """A diagram that is not drawn; the message completes "it cannot be drawn, as ..."."""


@dataclass
class Box:
    """A node. lines: its label; is_round: drawn with round corners, as anything but a rectangle is."""

    lines: list[str]
    is_round: bool = False


@dataclass(frozen=True)
class Arrow:
    """From the box of one name to that of another; has_head is false for a plain line."""

    tail: str
    head: str
    text: str = ""
    has_head: bool = True
    has_both: bool = False


@dataclass
class Flowchart:
    direction: Direction
    boxes: dict[str, Box] = field(default_factory=dict[str, Box])
    arrows: list[Arrow] = field(default_factory=list[Arrow])


def read_flowchart(source: str) -> Flowchart:
    """The flowchart of a Mermaid text. Raises Undrawable with the line that is not understood."""
    lines = statements(source)
    head = _HEAD.match(lines[0]) if lines else None
    if head is None:
        raise Undrawable("its first line is neither `flowchart` with TD, BT, LR or RL nor `sequenceDiagram`")
    told = head.group(1) or "TD"
    direction: Direction = "TD" if told in ("TD", "TB") else told  # pyright: ignore[reportAssignmentType]
    chart = Flowchart(direction)
    for line in lines[1:]:
        if not _STYLING.match(line):
            _Reader(chart, line).read()
    if not chart.boxes:
        raise Undrawable("it has no nodes")
    return chart


def statements(source: str) -> list[str]:
    """The lines that say something, without comments; a semicolon ends one, too."""
    if len(source) > MOST_CHARACTERS:
        raise Undrawable(f"its source has more than {MOST_CHARACTERS:,} characters")
    # Runs of blanks say nothing, and would cost a reader that tries each of them dear.
    lines = [" ".join(line.split()) for line in source.splitlines()]
    said = [line for line in lines if line and not line.startswith("%%")]
    return [part.strip() for line in said for part in _parts(line) if part.strip()]


def label_lines(text: str) -> list[str]:
    """A label as lines of at most 28 columns, with Mermaid's quotes, breaks and entities resolved."""
    text = text.strip().strip('"').strip("`")[:LABEL_CHARACTERS]
    lines: list[str] = []
    for part in _BREAK.split(text):
        clean = "".join(one if one.isprintable() else " " for one in html.unescape(part))
        lines += textwrap.wrap(clean, LABEL_COLUMNS) or [""]
    return lines or [""]


def _parts(line: str) -> list[str]:
    """A line at its semicolons, but for those inside quotes and entities."""
    if ";" not in line or '"' in line or "&" in line or "#" in line:
        return [line.removesuffix(";")]
    return line.split(";")


class _Reader:
    """One statement: a node, or a chain of nodes with links between them."""

    def __init__(self, chart: Flowchart, line: str) -> None:
        self._chart, self._line, self._at = chart, line, 0

    def read(self) -> None:
        tails = self._nodes()
        while self._skip() < len(self._line):
            text, link = self._link()
            heads = self._nodes()
            for tail in tails:
                for head in heads:
                    self._join(tail, head, text, link)
            tails = heads

    def _join(self, tail: str, head: str, text: str, link: str) -> None:
        if len(self._chart.arrows) == MOST_EDGES:
            raise Undrawable(f"it has more than {MOST_EDGES} arrows")
        starts = link.startswith("<")
        ends = link[-1] in ">ox"
        if starts and not ends:
            tail, head = head, tail
        self._chart.arrows.append(Arrow(tail, head, text, starts or ends, starts and ends))

    def _nodes(self) -> list[str]:
        found = [self._node()]
        while self._skip() < len(self._line) and self._line[self._at] == "&":
            self._at += 1
            found.append(self._node())
        return found

    def _node(self) -> str:
        self._skip()
        name = _ID.match(self._line, self._at)
        if name is None:
            raise self._not_understood()
        if name.group() in ("subgraph", "end", "direction"):
            raise Undrawable("it has subgraphs")
        self._at = name.end()
        label, is_round = self._label(name.group())
        if (after := _CLASS.match(self._line, self._at)) is not None:
            self._at = after.end()
        self._keep(name.group(), label, is_round)
        return name.group()

    def _label(self, name: str) -> tuple[str | None, bool]:
        """What stands in brackets behind a node's name, None where there are none."""
        for opening, closing in _BRACKETS:
            if not self._line.startswith(opening, self._at):
                continue
            start = self._at + len(opening)
            quoted = self._line.startswith('"', start)
            end = self._line.find('"' + closing if quoted else closing, start + quoted)
            if end < 0:
                raise Undrawable(f"the bracket behind `{name[:40]}` is not closed")
            self._at = end + quoted + len(closing)
            return self._line[start : end + quoted], opening[0] != "["
        return None, False

    def _keep(self, name: str, label: str | None, is_round: bool) -> None:
        boxes = self._chart.boxes
        if name not in boxes:
            if len(boxes) == MOST_NODES:
                raise Undrawable(f"it has more than {MOST_NODES} nodes")
            boxes[name] = Box(label_lines(name))
        if label is not None:
            boxes[name] = Box(label_lines(label), is_round)

    def _link(self) -> tuple[str, str]:
        """The text on a link, and the link itself."""
        bare = _BARE.match(self._line, self._at)
        worded = _WITH_TEXT.match(self._line, self._at)
        if worded is not None and (bare is None or bare.group()[-1] not in ">ox"):
            self._at = worded.end()
            return worded.group(1), worded.group()
        if bare is None:
            raise self._not_understood()
        self._at = bare.end()
        self._skip()
        if not self._line.startswith("|", self._at):
            return "", bare.group()
        end = self._line.find("|", self._at + 1)
        if end < 0:
            raise self._not_understood()
        text, self._at = self._line[self._at + 1 : end], end + 1
        return text.strip(), bare.group()

    def _skip(self) -> int:
        while self._at < len(self._line) and self._line[self._at].isspace():
            self._at += 1
        return self._at

    def _not_understood(self) -> Undrawable:
        return Undrawable(f"this is not understood: `{self._line[self._at : self._at + 40]}`")
