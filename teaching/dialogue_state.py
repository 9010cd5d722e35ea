"""Where a dialogue stands, as a value that survives JSON.

The one rule owned here: `covered` is what the learner said and `asserted` what the tutor
said, and neither ever becomes the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

Expects = Literal["answer", "cloze", "choice", "restatement", "repair", "nothing"]
Outcome = Literal["solved", "helped", "told", "skipped"]


@dataclass(frozen=True)
class DialogueState:
    """Where a dialogue stands. What is about the open question starts anew with the next one.

    steps: `#anchor` for a piece of teaching, else a question id; at: the open step.
    rungs: per expectation, the highest rung of its ladder given; covered: said by the learner;
    asserted: said by the tutor; nearness: highest probability seen; repairs: per misconception.
    """

    unit: str
    steps: tuple[str, ...]
    at: int = -1
    question: str | None = None
    expects: Expects = "nothing"
    focus: str | None = None
    rungs: Mapping[str, int] = field(default_factory=dict[str, int])
    nearness: Mapping[str, float] = field(default_factory=dict[str, float])
    covered: tuple[str, ...] = ()
    asserted: tuple[str, ...] = ()
    repairs: Mapping[str, int] = field(default_factory=dict[str, int])
    repairing: str | None = None
    dont_knows: int = 0
    wrong_tries: int = 0
    focus_turns: int = 0
    question_turns: int = 0
    helped: bool = False
    turns: int = 0
    outcomes: Mapping[str, Outcome] = field(default_factory=dict[str, Outcome])
    carried: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    finished: bool = False

    @property
    def part(self) -> str:
        """What the next answer is judged against: "" for the question itself, else `kind:id`."""
        if self.expects == "repair":
            return f"repair:{self.repairing}"
        return f"{self.expects}:{self.focus}" if self.expects in ("cloze", "choice", "restatement") else ""

    @property
    def seed(self) -> str:
        return f"{self.unit}/{self.question}/{self.at}/{self.turns}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> DialogueState:
        """The state that `as_json` gave. Raises ValueError for a key of another version."""
        unknown = set(stored) - {known.name for known in fields(cls)}
        if unknown:
            raise ValueError(f"a dialogue state has no {', '.join(sorted(unknown))}")
        read: dict[str, Any] = dict(stored)
        read |= {name: tuple(stored[name]) for name in ("steps", "covered", "asserted") if name in stored}
        read["carried"] = {name: tuple(ids) for name, ids in stored.get("carried", {}).items()}
        return cls(**read)
