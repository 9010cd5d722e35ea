"""What a turn carries from node to node, and what lies beside the graph.

The rule owned here: the state is plain JSON and small. The place in the conversation is kept
in it; what the learner has shown is not, that is read from the event log.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

from knowledge.catalog import Catalog
from tutor.settings import Settings
from tutor.speaker.speaker import Passage, Speaker
from tutor.speaker.trouble import Troubles
from tutor.toolbox import Toolbox

if TYPE_CHECKING:
    from teaching.features import Encoder
    from teaching.moves import Move
    from teaching.transcript import Transcript

MOST_MESSAGES = 12


class State(TypedDict, total=False):
    """Kept between turns: from `lesson` on. What stands before it is one turn's.

    elsewhere: another session has moved what the thread waits for since this one spoke last;
    consult: the loop of an open request, see `consulting.Talk`; placing: an open placement; report: the
    last report's few lines, see `briefing.keep_report`; aside: an open exercise beside the lesson,
    `{kind, ...}`; pressed: how often in a row pressure was tried; sources: places cited last; asked: the
    last question about the subject; shown: blocks of code shown so far, by unit; example: the unit of the
    one shown last, until the talk moves on.
    """

    line: str
    confidence: float | None
    elsewhere: bool
    attempt: str
    intent: dict[str, Any]
    passages: list[dict[str, Any]]
    consult: dict[str, Any]
    outcome: dict[str, Any]
    segments: list[dict[str, Any]]
    scope: str
    answer: str
    citations: list[dict[str, str]]
    speaker: str
    moves: list[str]
    lesson: dict[str, Any] | None
    placing: dict[str, Any] | None
    noted: str
    project: str
    path: str
    report: dict[str, Any]
    messages: list[dict[str, str]]
    summary: str
    aside: dict[str, Any] | None
    pressed: int
    sources: list[dict[str, str]]
    asked: str
    shown: dict[str, int]
    example: str


@dataclass
class Deps:
    """Handed to every node. `keeps` is false for a question asked outside of any conversation.

    confidence: what the learner chose beside the line, 0 to 1, if they did; embedder: one that is loaded.
    """

    settings: Settings
    catalog: Catalog
    toolbox: Toolbox
    speaker: Speaker
    transcript: Transcript
    thread: str
    keeps: bool = True
    troubles: Troubles = field(default_factory=Troubles)
    confidence: float | None = None
    embedder: Encoder | None = None


@dataclass(frozen=True)
class Segment:
    """One move to be said. verbatim: these very words, whoever speaks."""

    move: str
    text: str
    facts: tuple[str, ...] = ()
    verbatim: bool = True
    unit: str | None = None
    question: str | None = None
    next_step: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"facts": list(self.facts)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Segment:
        given: dict[str, Any] = {**stored, "facts": tuple(stored["facts"])}
        return cls(**given)


@dataclass(frozen=True)
class Chosen:
    """What the turn says, and what it changes in the state."""

    segments: tuple[Segment, ...]
    scope: str = "covered"
    update: dict[str, Any] = field(default_factory=dict[str, Any])


def segment_of(move: Move) -> Segment:
    """A dialogue's move as a segment. Questions, options and excerpts are said as authored."""
    phrased = move.kind in ("pump", "hint", "repair", "correct", "assert", "restate", "confirm", "decline")
    return Segment(move.kind, move.text, move.facts, not phrased, move.unit, move.question)


def passages_of(state: State) -> tuple[Passage, ...]:
    return tuple(Passage(**stored) for stored in state.get("passages", []))
