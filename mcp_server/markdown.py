"""Short Markdown for the model that reads a tool's result.

The rule owned here: text that a learner, their code or an author outside wrote stands in a fence, a
quotation or a code span that it cannot close, so that it can only be read as data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST_SHOWN = 12_000
"""Characters of one text that are shown to a model."""


def fenced(text: str, info: str = "") -> str:
    """The text in a code block whose fence is longer than any that the text holds."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{info}\n{text.rstrip()}\n{fence}"


def quoted(text: str) -> str:
    """The text as a block quotation; no line of it stands outside."""
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


def literal(text: str, most: int = 400) -> str:
    """One line of the text as a code span; what is longer is cut."""
    line = " ".join(text.split())
    line = line if len(line) <= most else f"{line[:most]} …"
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def shorten(text: str, where: str, most: int = MOST_SHOWN) -> tuple[str, str]:
    """The first and last part of a long text, and a line that tells where the rest is; that is empty
    when nothing is missing."""
    if len(text) <= most:
        return text, ""
    head, tail = text[: most * 2 // 3], text[-most // 3 :]
    left = len(text) - len(head) - len(tail)
    return (
        f"{head}\n[... {left:,} characters left out ...]\n{tail}",
        f"{left:,} characters are left out here; {where}",
    )


def bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def joined(*parts: str) -> str:
    """The parts that are not empty, as paragraphs."""
    return "\n\n".join(part for part in parts if part)
