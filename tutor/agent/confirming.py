"""Leave asked of the learner in the midst of a turn: a graph that pauses, and goes on with the next line.

Any node may call `confirm`. It must do so before whatever has an effect, because a node runs again
from its top when the turn is resumed. The pause lies in the checkpoint, so it survives a restart.
The rule owned here: only a plain yes is leave; anything else is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

from tutor.agent.remembering import notes_of
from tutor.agent.state import Deps, State

if TYPE_CHECKING:
    from teaching.transcript import Transcript

_YES = re.compile(r"(?:yes|y|yeah|yep|sure|ok(?:ay)?|do it|go ahead|please)(?: please)?")
_NO = re.compile(
    r"(?:no|n|nope|not (?:yet|now)|don't|do not|never|never mind|cancel|stop|wait)(?: thanks| thank you)?"
)


@dataclass(frozen=True)
class Confirmation:
    """What is asked. about: a name for programs, such as `run_code`; text: Markdown, ending in a question.

    also_yes: words that mean yes to this very question, such as `run it`.
    """

    about: str
    text: str
    also_yes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pending:
    """A confirmation that waits for its answer, under the id of its pause."""

    id: str
    confirmation: Confirmation


def confirm(confirmation: Confirmation, deps: Deps) -> bool:
    """Whether the learner agrees. Pauses the turn until they have said so.

    Outside of a conversation nobody can be asked, so that is a no.
    """
    # Imported late: langgraph costs 0.8 s, which a front end spends after its first paint.
    from langgraph.types import interrupt

    if not deps.keeps:
        return False
    return interrupt(asdict(confirmation)) is True


def pending_in(interrupts: Iterable[Any]) -> Pending | None:
    """What a turn waits for; None when it does not. interrupts: langgraph's Interrupts."""
    for pause in interrupts:
        asked = pause.value
        if isinstance(asked, dict) and {"about", "text"} <= asked.keys():  # pyright: ignore[reportUnknownMemberType]
            told = cast("dict[str, Any]", asked)
            also = tuple(map(str, told.get("also_yes", ())))
            return Pending(str(pause.id), Confirmation(str(told["about"]), str(told["text"]), also))
    return None


def read_leave(line: str, confirmation: Confirmation) -> bool | None:
    """Yes, no, or None for a line that is neither."""
    said = " ".join(line.lower().replace("’", "'").split()).strip(" .!")
    if _YES.fullmatch(said) or said in confirmation.also_yes:
        return True
    return False if _NO.fullmatch(said) else None


def resumed(agreed: bool) -> Any:
    """The graph's input that answers a pause."""
    # Imported late, as above.
    from langgraph.types import Command

    return Command(resume=agreed)


def keep_question(transcript: Transcript, learner: str, thread: str, state: State, pending: Pending) -> None:
    """The learner's line and what was asked of them, in the transcript, once however often it is asked."""
    # Imported late: SQLAlchemy.
    from teaching.transcript import append_turn

    line, key, asked = state.get("line", ""), state.get("attempt", ""), pending.confirmation.text
    notes = notes_of(state)
    spoken_of = {"units": notes["units"]}
    append_turn(transcript, learner, thread, "learner", line, key=f"{key}-l", meta=notes)
    append_turn(transcript, learner, thread, "tutor", asked, key=_key(state, pending, "q"), meta=spoken_of)


def keep_reply(
    transcript: Transcript, learner: str, thread: str, state: State, pending: Pending, line: str
) -> None:
    """The learner's yes or no, in the transcript."""
    # Imported late: SQLAlchemy.
    from teaching.transcript import append_turn

    meta = {"replies_to": state.get("attempt", "")}
    append_turn(transcript, learner, thread, "learner", line, key=_key(state, pending, "a"), meta=meta)


def was_replied(transcript: Transcript, learner: str, thread: str, state: State, line: str) -> bool:
    """Whether the turn of a state was given this very yes or no already."""
    # Imported late: SQLAlchemy.
    from teaching.transcript import last_turns

    said = [turn for turn in last_turns(transcript, learner, thread, limit=3) if turn.role == "learner"]
    given = [turn.text for turn in said if turn.meta.get("replies_to") == state.get("attempt", "")]
    return bool(given) and given[-1] == line


def _key(state: State, pending: Pending, part: str) -> str:
    return f"{state.get('attempt', '')}-{pending.id[:12]}-{part}"
