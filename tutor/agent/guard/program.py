"""Whether code in a text is a solution under other names.

The rule owned here: code is near a solution when more than half of its syntax tree, weighed by
size, stands in the solution and in no code that everybody gets; a few lines prove nothing.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from teaching.prove.similarity import read_statements

NEAR = 0.5
"""As for lessons, whose code may not share more with a project that builds on them."""
_LEAST_NODES = 40
"""Nodes that have to be shared: about three plain statements."""
_MOST_LINES_MENDED = 8
_FENCED = re.compile(r"^[ \t]*(```|~~~)[^\n]*\n(.*?)(?:^[ \t]*\1|\Z)", re.MULTILINE | re.DOTALL)
_LINE = re.compile(
    r"^(?:\s*(?:def|class|return|for|while|if|elif|else|with|try|except|import|from|yield|raise|assert)\b.*|"
    r"\s*[\w.\[\], ()*:]+\s*(?:[-+*/@|&]|//|\*\*)?=(?!=).+|\s{4,}\S.*|\s*[\w.]+\(.*\))\s*$"
)


def code_blocks(text: str) -> list[str]:
    """The code in a text: what is fenced, and two or more lines together that look like it."""
    fenced = [match.group(2) for match in _FENCED.finditer(text)]
    loose: list[str] = []
    run: list[str] = []
    for line in [*_FENCED.sub("\n", text).split("\n"), ""]:
        if _LINE.match(line):
            run.append(line)
            continue
        if len(run) > 1:
            loose.append("\n".join(run))
        run = []
    return [*fenced, *loose]


def copies_solution(text: str, solutions: Iterable[str], public: Iterable[str]) -> bool:
    """Whether a block of code in the text is near one of the solutions.

    public: code that everybody gets, and texts with such code.
    """
    blocks = [_statements(block) for block in code_blocks(text)]
    if not any(blocks):
        return False
    free = {one for shown in public for code in (code_blocks(shown) or [shown]) for one in _statements(code)}
    for solution in solutions:
        known = _statements(solution).keys() - free
        for block in blocks:
            shared = sum(size for one, size in block.items() if one in known)
            whole = sum(size for one, size in block.items() if one not in free)
            if shared >= _LEAST_NODES and shared > NEAR * whole:
                return True
    return False


def _statements(code: str) -> dict[str, int]:
    """The statements of code, with lines left out that are none: a model writes `...` and prose."""
    lines = textwrap.dedent(code).split("\n")
    for _ in range(_MOST_LINES_MENDED):
        try:
            return read_statements("\n".join(lines))
        except SyntaxError as error:
            at = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
            lines[at] = lines[at][: len(lines[at]) - len(lines[at].lstrip())] + "pass"
        except (ValueError, RecursionError, MemoryError):  # no program that a person wrote
            return {}
    return {}
