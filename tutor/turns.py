"""What a front end needs of the tutor: turns as events, and what was said before.

The screens and the line dialogue know this protocol alone, so both run over any tutor.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from tutor.events import Event

if TYPE_CHECKING:
    from tutor.settings import Settings

LEAVE_COMMANDS = ("/quit", "/exit")


@dataclass(frozen=True)
class Said:
    """One message of a thread."""

    role: Literal["learner", "tutor"]
    text: str


class Turns(Protocol):
    """A tutor: `turn` answers one message, `history` gives a thread's messages, oldest first.

    confidence: how sure the learner is of it, 0 to 1, should it be an answer; None when they did not say.
    """

    def turn(
        self, text: str, thread: str = "default", confidence: float | None = None
    ) -> AsyncIterator[Event]: ...

    def history(self, thread: str = "default") -> Sequence[Said]: ...


OpenTutor = Callable[[], AbstractAsyncContextManager[Turns]]
"""Called on the tutor's own thread: the place for imports that take seconds."""


def real_tutor(settings: Settings) -> OpenTutor:
    """Opens the tutor of `tutor.agent`."""

    def open_it() -> AbstractAsyncContextManager[Turns]:
        # langgraph, mcp and the catalogue: seconds that neither a first paint nor an empty input pays.
        from tutor.agent.tutor import open_tutor

        return open_tutor(settings)

    return open_it
