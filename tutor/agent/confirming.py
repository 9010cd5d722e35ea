"""Leave asked of the learner in the midst of a turn: a graph that pauses, and goes on with the next line.

Any node may call `confirm`. It must do so before whatever has an effect, because a node runs again
from its top when the turn is resumed. The pause lies in the checkpoint, so it survives a restart.
The rule owned here: only a plain yes is leave; anything else is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tutor.agent.state import Deps

if TYPE_CHECKING:
    from teaching.transcript import Transcript

_YES = frozenset(
    {"yes", "y", "yeah", "yep", "sure", "ok", "okay", "please", "yes please", "go ahead", "do it", "run it"}
)
_NO = frozenset({"no", "n", "nope", "don't", "stop", "cancel", "never", "no thanks", "do not"})


@dataclass(frozen=True)
class Confirmation:
    """What is asked. about: a name for programs, such as `run_code`; text: Markdown, ending in a question."""

    about: str
    text: str


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
    return interrupt({"about": confirmation.about, "text": confirmation.text}) is True


def pending_of(snapshot: Any) -> Pending | None:
    """What a stored turn waits for; None when it does not. snapshot: langgraph's StateSnapshot."""
    for pause in snapshot.interrupts:
        asked = pause.value
        if isinstance(asked, dict) and {"about", "text"} <= asked.keys():  # pyright: ignore[reportUnknownMemberType]
            return Pending(str(pause.id), Confirmation(str(asked["about"]), str(asked["text"])))  # pyright: ignore[reportUnknownArgumentType]
    return None


def read_leave(line: str) -> bool | None:
    """Yes, no, or None for a line that is neither."""
    said = " ".join(line.lower().replace("’", "'").split()).strip(" .!")
    return True if said in _YES else False if said in _NO else None


def resumed(agreed: bool) -> Any:
    """The graph's input that answers a pause."""
    # Imported late, as above.
    from langgraph.types import Command

    return Command(resume=agreed)


def keep_question(
    transcript: Transcript, learner: str, thread: str, state: dict[str, Any], pending: Pending
) -> None:
    """The learner's line and what was asked of them, in the transcript, once however often it is asked."""
    # Imported late: SQLAlchemy.
    from teaching.transcript import append_turn

    key = state["attempt"]
    append_turn(transcript, learner, thread, "learner", state["line"], key=f"{key}-l")
    append_turn(
        transcript, learner, thread, "tutor", pending.confirmation.text, key=_key(state, pending, "q")
    )


def keep_reply(
    transcript: Transcript, learner: str, thread: str, state: dict[str, Any], pending: Pending, line: str
) -> None:
    """The learner's yes or no, in the transcript."""
    # Imported late: SQLAlchemy.
    from teaching.transcript import append_turn

    append_turn(transcript, learner, thread, "learner", line, key=_key(state, pending, "a"))


def _key(state: dict[str, Any], pending: Pending, part: str) -> str:
    return f"{state['attempt']}-{pending.id[:12]}-{part}"
