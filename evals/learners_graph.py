"""Talkers in front of the whole tutor: its graph, its tools and its log, in a home of their own.

The rule owned here: nothing is read but the events that a front end gets.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from evals.learners_talk import Place, Talker
from evals.record import Sample
from knowledge.catalog import Catalog
from knowledge.page import Case, Lesson
from teaching.dialogue_state import DialogueState
from tutor.events import CoverageChanged, MoveChosen, TurnFailed
from tutor.settings import Settings

if TYPE_CHECKING:
    from tutor.agent import Tutor

MOST_LINES = 120
"""Lines of a whole lesson, after which it counts as endless."""


@dataclass
class _Seen:
    """What the events of a conversation told."""

    question: str = ""
    at_question: int = 0
    covered: dict[str, int] = field(default_factory=dict[str, int])
    ended: bool = False
    faults: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    turns: int = 0


def talk_with_the_tutor(
    catalog: Catalog, pages: Sequence[Lesson | Case], voices: Mapping[str, Talker]
) -> Iterator[Sample]:
    """One sample a unit and talker, each a learner of their own. Words alone, no vectors."""
    with tempfile.TemporaryDirectory() as folder:
        for name, talker in voices.items():
            settings = Settings(home=Path(folder), learner=name, embedder="none")
            yield from asyncio.run(_talk_through(settings, catalog, pages, name, talker))


async def _talk_through(
    settings: Settings, catalog: Catalog, pages: Sequence[Lesson | Case], name: str, talker: Talker
) -> list[Sample]:
    # Imported late: the tutor loads langgraph and the MCP SDK, which other suites do not need.
    from tutor.agent import open_tutor

    samples: list[Sample] = []
    async with open_tutor(settings, vectors="off") as tutor:
        for page in pages:
            started = time.perf_counter()
            seen = await _talk(tutor, catalog, page, name, talker)
            samples.append(_sample(page, name, seen, time.perf_counter() - started))
    return samples


async def _talk(tutor: Tutor, catalog: Catalog, page: Lesson | Case, name: str, talker: Talker) -> _Seen:
    unit = page.unit.id
    seen = _Seen()
    await _turn(tutor, f"/learn {unit}", unit, name, seen)
    beliefs = catalog.misconceptions_of(unit)
    while not seen.ended and not seen.faults and seen.turns < MOST_LINES:
        question = page.question(seen.question)
        if question is None:
            break
        state = DialogueState(unit, (), question=question.id, expects="answer")
        line = talker(Place(page, state, question, beliefs, seen.at_question))
        # An empty line is no turn at the front end; three dots say as little.
        await _turn(tutor, line.text.strip() or "...", unit, name, seen)
    if not seen.ended and not seen.faults:
        seen.faults["ended"] = [f"{unit}/{seen.question} {name} turn {seen.turns}: no end"]
    return seen


async def _turn(tutor: Tutor, text: str, unit: str, name: str, seen: _Seen) -> None:
    """One line and what it led to. Each question's coverage may only rise."""
    where = f"{unit}/{seen.question} {name} turn {seen.turns + 1}"
    before = seen.question
    async with aclosing(tutor.turn(text, thread=unit)) as events:  # pyright: ignore[reportArgumentType]
        async for event in events:
            match event:
                case MoveChosen(move="recommend"):
                    seen.ended = True
                case MoveChosen(move="ask", question=str(question)):
                    seen.question = question
                case CoverageChanged():
                    key = f"{event.unit}/{event.question}"
                    if event.covered < seen.covered.get(key, 0):
                        seen.faults.setdefault("coverage_kept", []).append(
                            f"{where}: fewer ideas than before"
                        )
                    seen.covered[key] = event.covered
                case TurnFailed():
                    seen.faults.setdefault("ended", []).append(f"{where}: {event.code} {event.message}")
                case _:
                    pass
    seen.turns += 1
    seen.at_question = seen.at_question + 1 if seen.question == before else 0


def _sample(page: Lesson | Case, name: str, seen: _Seen, seconds: float) -> Sample:
    scores = {rule: float(rule not in seen.faults) for rule in ("ended", "coverage_kept")}
    given = {"unit": page.unit.id, "talker": name, "graph": True}
    output = {"faults": seen.faults, "turns": seen.turns}
    return Sample(f"{page.unit.id}/{name}/graph", given, output, scores, seconds=seconds)
