"""How the command line prints: one JSON document, or text that fits a terminal."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|[\x00-\x08\x0b-\x1f\x7f]"
)


def print_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))


def note(text: str) -> None:
    """A line on stderr about what goes on."""
    print(text, file=sys.stderr)


def plain(text: str) -> str:
    """Text from a kernel or a model without terminal escapes and control characters."""
    return _ESCAPES.sub("", text.replace("\r\n", "\n"))


def width() -> int:
    return min(100, shutil.get_terminal_size((100, 24)).columns)


def wrap(text: str, indent: str = "") -> str:
    return "\n".join(
        textwrap.fill(line, width(), initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
        if line.strip()
        else ""
        for line in text.split("\n")
    )


def table(rows: Iterable[Sequence[str]], head: Sequence[str]) -> str:
    """Left-aligned columns, the last one cut to the width of the terminal."""
    body = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(head), *body]) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(size) for cell, size in zip(line, widths, strict=True)) for line in [head, *body]
    ]
    return "\n".join(_cut(line.rstrip()) for line in lines)


def _cut(line: str) -> str:
    limit = shutil.get_terminal_size((140, 24)).columns
    return line if len(line) <= limit or not sys.stdout.isatty() else line[: limit - 1] + "…"
