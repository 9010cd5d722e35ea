"""A conversation in a few lines, told from the notes that each turn left in the transcript.

The rule owned here: it repeats what was recorded, verdicts included, and judges nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MOST_ASKED = 5
_LONGEST = 80


@dataclass(frozen=True)
class Exchange:
    """One turn. judged: right, wrong, or None where nothing was decided; graded: passed or not."""

    text: str
    intent: str = ""
    unit: str = ""
    question: str = ""
    judged: bool | None = None
    graded: bool | None = None

    @classmethod
    def from_meta(cls, text: str, meta: Mapping[str, Any]) -> Exchange:
        noted: dict[str, Any] = {
            key: meta[key] for key in ("intent", "unit", "question", "judged", "graded") if key in meta
        }
        return cls(text, **noted)


def summarise(exchanges: Sequence[Exchange], titles: Mapping[str, str]) -> str:
    """Markdown: questions asked, lessons with their answers, work checked and graded; titles by unit."""
    lines = [*_asked(exchanges), *_lessons(exchanges, titles), *_work(exchanges, titles)]
    if not lines:
        return "We have only just begun: nothing asked, answered or graded in this conversation yet."
    return "\n".join(["So far in this conversation:", "", *(f"- {line}" for line in lines)])


def _asked(exchanges: Sequence[Exchange]) -> list[str]:
    asked = list(dict.fromkeys(_short(one.text) for one in exchanges if one.intent == "question"))
    if not asked:
        return []
    more = f" and {len(asked) - _MOST_ASKED} more" if len(asked) > _MOST_ASKED else ""
    return [f"You asked: {'; '.join(f'“{text}”' for text in asked[-_MOST_ASKED:])}{more}."]


def _lessons(exchanges: Sequence[Exchange], titles: Mapping[str, str]) -> list[str]:
    begun = [one.unit for one in exchanges if one.intent == "learn" and one.unit]
    answered = [one for one in exchanges if one.intent == "reply" and one.judged is not None and one.unit]
    lines: list[str] = []
    for unit in dict.fromkeys([*begun, *(one.unit for one in answered)]):
        mine = [one for one in answered if one.unit == unit]
        right = {one.question for one in mine if one.judged}
        wrong = {one.question for one in mine if not one.judged} - right
        told = [f"{len(right)} answered right"] if right else []
        told += [f"{len(wrong)} still open after a miss ({', '.join(sorted(wrong))})"] if wrong else []
        lines.append(f"**{titles.get(unit, unit)}**: {'; '.join(told) or 'begun, no answer judged yet'}.")
    return lines


def _work(exchanges: Sequence[Exchange], titles: Mapping[str, str]) -> list[str]:
    lines: list[str] = []
    for unit in dict.fromkeys(one.unit for one in exchanges if one.graded is not None):
        tries = [one for one in exchanges if one.unit == unit and one.graded is not None]
        grades = [one for one in tries if one.intent == "grade"]
        last = "passed" if tries[-1].graded else "not passed yet"
        checks = len(tries) - len(grades)
        done = [
            f"{verb} {_times(count)}"
            for verb, count in (("checked", checks), ("graded", len(grades)))
            if count
        ]
        count = " and ".join(done)
        lines.append(f"**{titles.get(unit, unit)}**: {count}; the last time {last}.")
    return lines


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _short(text: str) -> str:
    text = " ".join(text.removeprefix("/ask ").split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 2].rstrip()} …"
