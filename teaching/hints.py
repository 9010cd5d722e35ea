"""Hints of a project's checks and of a lesson's questions: ladders, from a question to a nearly-there.

The one rule owned here: the ladder climbs one rung a request and stays at the last.
Where a learner stands is read from the events, never kept here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from knowledge.unit import ChoiceQuestion, ExplainQuestion, Question
from tutor_error import TutorError, did_you_mean


@dataclass(frozen=True)
class Hint:
    """Rung `rung` of `of`, counted from 1."""

    check: str
    rung: int
    of: int
    text: str

    @property
    def is_last(self) -> bool:
        return self.rung == self.of


class Helped(Protocol):
    """The part of `teaching.records.Event` that is read here."""

    @property
    def kind(self) -> str: ...

    @property
    def payload(self) -> Mapping[str, Any]: ...


class Checked(Protocol):
    """The part of `sandbox.report.CheckReport` that is read here."""

    @property
    def id(self) -> str: ...

    @property
    def status(self) -> str: ...


def rungs_of(question: Question) -> list[str]:
    """A question's rungs: its authored hints and those of its ideas; a bare choice loses a wrong option."""
    rungs = list(question.hints)
    if isinstance(question, ExplainQuestion):
        rungs += [expectation.hints[0] for expectation in question.expectations]
    if isinstance(question, ChoiceQuestion) and not rungs:
        wrong = [place for place, option in enumerate(question.options, 1) if not option.correct]
        unnamed = [place for place in wrong if not question.options[place - 1].misconception]
        if len(wrong) > 1:  # of two options the other would be told
            rungs = [f"Leave option {(unnamed or wrong)[-1]} aside: it does not hold. Weigh the others."]
    return rungs


def next_hint(hints: Mapping[str, Sequence[str]], events: Iterable[Helped], check: str) -> Hint:
    """The rung after the highest one given. Raises TutorError `no-hint` for an unknown check."""
    rungs = hints.get(check, ())
    if not rungs:
        remedy = did_you_mean(check, hints) or f"Checks with hints: {', '.join(sorted(hints)) or 'none'}."
        raise TutorError("no-hint", f"There is no hint for the check `{check}`.", remedy)
    given = [
        int(event.payload.get("rung", 0))
        for event in events
        if event.kind == "helped" and event.payload.get("check") == check
    ]
    rung = min(max(given, default=0) + 1, len(rungs))
    return Hint(check, rung, len(rungs), rungs[rung - 1])


def check_to_hint(hints: Mapping[str, Sequence[str]], checks: Iterable[Checked]) -> str | None:
    """The first failed or broken check that has hints: what a bare "hint" is about."""
    return next((c.id for c in checks if c.status in ("failed", "error") and hints.get(c.id)), None)
