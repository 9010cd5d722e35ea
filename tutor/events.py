"""What a turn of the tutor emits: one typed stream for the TUI, the line dialogue and the evals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    type: ClassVar[str] = "event"


@dataclass(frozen=True)
class TokenStreamed(Event):
    """A piece of the tutor's answer, in order."""

    type: ClassVar[str] = "token"
    text: str


@dataclass(frozen=True)
class MoveChosen(Event):
    """The teaching move that plain code chose (`teaching.moves`)."""

    type: ClassVar[str] = "move"
    move: str
    unit: str | None = None
    question: str | None = None


@dataclass(frozen=True)
class ToolStarted(Event):
    type: ClassVar[str] = "tool-started"
    call: str
    tool: str
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class ToolProgressed(Event):
    """`done` of `total` (None when unknown) with a short line, such as the check that runs."""

    type: ClassVar[str] = "tool-progress"
    call: str
    tool: str
    done: float
    total: float | None
    message: str


@dataclass(frozen=True)
class ToolFinished(Event):
    """`outcome` is the tool's structured content; `error` a sentence when it failed."""

    type: ClassVar[str] = "tool-finished"
    call: str
    tool: str
    outcome: dict[str, Any]
    error: str | None = None


@dataclass(frozen=True)
class TaskShown(Event):
    """What belongs in the task pane: a question, a brief, a hint (Markdown)."""

    type: ClassVar[str] = "task"
    title: str
    markdown: str


@dataclass(frozen=True)
class CoverageChanged(Event):
    """Ideas of the current question that the learner has said; `covered` never falls."""

    type: ClassVar[str] = "coverage"
    unit: str
    question: str
    covered: int
    total: int


@dataclass(frozen=True)
class MasteryChanged(Event):
    type: ClassVar[str] = "mastery"
    unit: str
    mastery: float


@dataclass(frozen=True)
class NoticeShown(Event):
    """Something to know about how the answer is made, not part of it: a model that failed, consent."""

    type: ClassVar[str] = "notice"
    text: str


@dataclass(frozen=True)
class ConfirmationAsked(Event):
    """The turn waits for leave: the next line, a yes, gives it; `text` is the answer so far, the question.

    about: what would be done, such as `run_code` or `show_solution`. A no leaves it undone, and so does
    any other line, which is then taken as new.
    """

    type: ClassVar[str] = "confirmation"
    about: str
    text: str


@dataclass(frozen=True)
class ConfidenceInvited(Event):
    """The next line may be an answer that nobody has helped with: how sure is the learner of it?

    It may be left out. question: what the confidence would be about; the same again means the same.
    """

    type: ClassVar[str] = "confidence"
    question: str


@dataclass(frozen=True)
class TokensUsed(Event):
    """What a turn's completions took. cost: None without prices; estimated: requests not told of."""

    type: ClassVar[str] = "tokens"
    model: str
    requests: int
    prompt: int
    cached: int
    completion: int
    estimated: int
    cost: float | None
    currency: str


@dataclass(frozen=True)
class TurnFinished(Event):
    """The whole answer: what `ask --json` prints."""

    type: ClassVar[str] = "finished"
    answer: str
    citations: list[dict[str, str]]
    scope: str
    speaker: str
    moves: list[str]


@dataclass(frozen=True)
class TurnFailed(Event):
    type: ClassVar[str] = "failed"
    code: str
    message: str
    remedy: str
