"""What a speaker is: it puts a move into words and decides nothing.

The rule owned here: a speaker receives what it may say (facts, passages, the authored
text) and gives back words. Which move is made, and whether an answer was right, is fixed
before it is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Scope = Literal["covered", "planned", "outside"]
EmitText = Callable[[str], None]


@dataclass(frozen=True)
class Passage:
    """A passage that may be cited, as [unit › section].

    title: its unit's; opens: it is the beginning of its section.
    """

    unit: str
    section: str
    text: str
    score: float = 1.0
    title: str = ""
    opens: bool = False

    @property
    def citation(self) -> str:
        return f"[{self.unit} › {self.section}]"


@dataclass(frozen=True)
class SpeakRequest:
    """One move to put into words.

    move: its kind, `answer` for a question about the content. asked: what the learner wrote.
    text: the authored words of the move; a speaker without a model says exactly these. facts: what
    a model may phrase. passages: what an answer may rest on. next_step: a sentence that closes an
    answer. history: earlier messages, oldest first, as (role, text); summary: of those before them.
    objection: why the last wording of this very move could not be used, as a clause; empty at the first
    try. For a model alone: material, the public text of the lesson; misconception, the belief that was
    diagnosed; code and report, the learner's own work where the move is about it; may_look_up, the
    request is open and tools may serve it.
    """

    move: str
    asked: str
    text: str = ""
    facts: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    next_step: str = ""
    history: tuple[tuple[str, str], ...] = ()
    objection: str = ""
    summary: str = ""
    material: str = ""
    misconception: str = ""
    code: str = ""
    report: str = ""
    may_look_up: bool = False


@dataclass(frozen=True)
class Spoken:
    """What was said, by whom, and a notice for the learner when it went otherwise than chosen."""

    text: str
    speaker: str
    notice: str = ""


class Speaker(Protocol):
    @property
    def name(self) -> str: ...

    async def speak(self, request: SpeakRequest, emit: EmitText) -> Spoken:
        """Put the move into words, giving `emit` pieces as they come, in order."""
        ...
