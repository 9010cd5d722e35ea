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


def rungs_given(events: Iterable[Helped]) -> dict[str, int]:
    """The highest rung that was given, by check or question."""
    given: dict[str, int] = {}
    for event in events:
        if event.kind == "helped":
            check = str(event.payload.get("check", ""))
            given[check] = max(given.get(check, 0), int(event.payload.get("rung", 0)))
    return given


def next_hint(hints: Mapping[str, Sequence[str]], events: Iterable[Helped], check: str) -> Hint:
    """The rung after the highest one given. Raises TutorError `no-hint` for an unknown check."""
    rungs = hints.get(check, ())
    if not rungs:
        remedy = did_you_mean(check, hints) or f"Checks with hints: {', '.join(sorted(hints)) or 'none'}."
        raise TutorError("no-hint", f"There is no hint for the check `{check}`.", remedy)
    rung = min(rungs_given(events).get(check, 0) + 1, len(rungs))
    return Hint(check, rung, len(rungs), rungs[rung - 1])


def check_to_hint(
    hints: Mapping[str, Sequence[str]], events: Iterable[Helped], failed: Iterable[str]
) -> str | None:
    """What a bare "hint" is about: the first failed check with a rung left, else the first with hints.

    failed: the ids of checks, in the order of the report.
    """
    given = rungs_given(events)
    hinted = [check for check in failed if hints.get(check)]
    left = [check for check in hinted if len(hints[check]) > given.get(check, 0)]
    return next(iter(left or hinted), None)


def hints_left(hints: Mapping[str, Sequence[str]], events: Iterable[Helped], checks: Iterable[str]) -> int:
    """Rungs of these checks that were not given yet."""
    given = rungs_given(events)
    return sum(max(len(hints.get(check, ())) - given.get(check, 0), 0) for check in checks)
