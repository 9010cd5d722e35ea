"""Words on their way out: held until the sentence is whole, checked, tidied, then shown.

The rule owned here: no word of a sentence is shown before the sentence was checked together
with all that stands before it. A block of code is checked as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

_SENTENCE_END = re.compile(
    r"(?:(?<!\be\.g)(?<!\bi\.e)[.!?…][\"”’)*_`]*|\])(?=\s+[^\s\[])|(?<=\S)(?=[ \t]*\n\s*[^\s\[])"
)
"""A citation behind the full stop still belongs to the sentence, so the next word must be there."""
_PARAGRAPH = re.compile(r"^\s*\n[ \t]*\n")
_FENCE = re.compile(r"^\s*(?:```|~~~)", re.MULTILINE)


class Blocked(Exception):
    """The words so far break a rule; `why` tells the speaker, in a clause that gives nothing away."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Tidy(Protocol):
    """Changes sentences that may be said: see `Citing`."""

    def sentence(self, text: str) -> str: ...

    def end_paragraph(self) -> str: ...


class AsItIs:
    """Changes nothing."""

    def sentence(self, text: str) -> str:
        return text

    def end_paragraph(self) -> str:
        return ""


@dataclass
class GuardedStream:
    """said: what the speaker gave; shown: what went out; passed: characters of `said` dealt with."""

    emit: Callable[[str], None]
    check: Callable[[str], str | None]
    tidy: Tidy = field(default_factory=AsItIs)
    said: str = ""
    shown: str = ""
    passed: int = 0

    def write(self, piece: str) -> None:
        """Take a piece; raises Blocked before any word of a bad sentence is let through."""
        self.said += piece
        for end in self._ends():
            self._let_through(end)

    def finish(self) -> None:
        """What is left, with its paragraph's end. Raises Blocked."""
        self._let_through(len(self.said))
        self._show(self.tidy.end_paragraph())

    def _ends(self) -> list[int]:
        ends = [match.end() for match in _SENTENCE_END.finditer(self.said, self.passed)]
        return [end for end in ends if end > self.passed and not self._is_inside_code(end)]

    def _is_inside_code(self, end: int) -> bool:
        return len(_FENCE.findall(self.said[:end])) % 2 == 1

    def _let_through(self, end: int) -> None:
        fault = self.check(self.said[:end])
        if fault is not None:
            raise Blocked(fault)
        sentence, self.passed = self.said[self.passed : end], end
        if not sentence:
            return
        if _PARAGRAPH.match(sentence):
            self._show(self.tidy.end_paragraph())
        self._show(self.tidy.sentence(sentence))

    def _show(self, text: str) -> None:
        if text:
            self.shown += text
            self.emit(text)
