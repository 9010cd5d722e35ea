"""Finding a fault together: what an error says, and the questions that narrow it down.

The rule owned here: it asks and points, and never tells the fix.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from knowledge.content_file import parse, read_yaml
from knowledge.unit import Record, Text
from teaching.moves import vary

_LONGEST_LINE = 160


class Advice(Record):
    means: Text
    ask: Text


def advise(error: str, outcome: str = "error") -> Advice:
    """What an exception of that name, or another end of a run, says; and what to ask of it."""
    known = _errors()
    return known.outcomes.get(outcome) or known.errors.get(error) or known.otherwise


def read_failure(run: Mapping[str, Any], source: str) -> str:
    """A failed run as its reader should read it: what, where with the learner's own line, what it means."""
    error = run.get("error")
    advice = advise(error["name"] if error else "", str(run["outcome"]))
    if not error:
        return f"It ended with `{run['outcome']}`. {advice.means}"
    at = error.get("line")
    lines = source.splitlines()
    shown = (
        f"\n\n```python\n{lines[at - 1].strip()[:_LONGEST_LINE]}\n```\n\n"
        if at and 0 < at <= len(lines)
        else " "
    )
    where = f" in line {at}" if at else ""
    return f"`{error['name']}: {error['message'][:300]}`{where}.{shown}{advice.means}"


def ask_for_hypothesis(seed: str) -> str:
    return vary(
        seed,
        (
            "Before you change anything: what do you think happens there? Say it in a sentence, or `/hint`.",
            "What is your guess, in a sentence? A wrong one helps, too. (`skip` leaves it.)",
            "Which step of yours would produce exactly that? Tell me your suspicion, or `/hint`.",
        ),
    )


def suggest_test(seed: str, run: bool) -> str:
    """How a suspicion is tested: by an experiment of the learner's own."""
    how = "`/run` the file" if run else "`/check`"
    return vary(
        seed,
        (
            "Test it: print that value right before the line, on the smallest input that still fails, "
            f"and {how} again.",
            "A suspicion is worth an experiment. Change only what it is about, and "
            f"{how} again: does the outcome move?",
        ),
    )


class _Errors(Record):
    format: Literal[1]
    errors: dict[str, Advice]
    outcomes: dict[str, Advice]
    otherwise: Advice


@cache
def _errors() -> _Errors:
    path = Path(__file__).with_name("errors.yaml")
    return parse(_Errors, read_yaml(path), path)
