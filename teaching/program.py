"""Whether what was typed is a program, or words before a question that asks for one.

The one rule owned here: nothing is run to find out, and words are never judged as broken code.
"""

from __future__ import annotations

import ast
import re

_LOOKS_LIKE = re.compile(
    r"^\s*(?:(?:async )?def |class \w+|import \w|from \w[\w.]* import|return\b.*\w|for \w.* in |"
    r"while .+:|if .+:|@\w|[\w.\[\], ]+ ?[-+*/]?= ?\S)",
    re.MULTILINE,
)
_DEFINES = re.compile(r"\b(?:def|class) \w+.*:|;")
LONGEST = 50_000


def is_program(text: str) -> bool:
    """A statement that is more than an expression; broken code counts by the look of its lines."""
    body = _statements(text)
    if body is None:
        return _LOOKS_LIKE.search(text) is not None
    return any(not isinstance(node, ast.Expr) for node in body)


def is_pasted(text: str) -> bool:
    """A program typed where none is asked for: lines of it, or one that defines something."""
    body = _statements(text)
    if not body or not is_program(text):
        return False
    return "\n" in text.strip() or _DEFINES.search(text) is not None


def _statements(text: str) -> list[ast.stmt] | None:
    """None for what is no Python."""
    try:
        return ast.parse(text[:LONGEST]).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
