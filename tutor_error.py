"""The one error that a user sees: what happened, where, and what to type next.

Raised anywhere, rendered once at the edge (a line of the command line, a panel of
the TUI, an MCP tool error). This module imports nothing of ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class TutorError(Exception):
    """An error with a remedy.

    code: a stable kebab-case word for programs, such as ``unknown-unit``.
    message: what happened and where, one or two sentences for a person.
    remedy: what to type or change next; may be empty when nothing helps.
    """

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy

    def as_json(self) -> dict[str, dict[str, str]]:
        return {"error": {"code": self.code, "message": self.message, "remedy": self.remedy}}

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()

    def __reduce__(self) -> tuple[type[TutorError], tuple[str, str, str]]:
        return (type(self), (self.code, self.message, self.remedy))


def nearest(word: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known words closest in spelling to `word`, best first; may be empty."""
    return difflib.get_close_matches(word, list(known), n=limit, cutoff=0.5)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence that offers the nearest known words, or an empty string."""
    close = nearest(word, known)
    return f"Did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else ""
