"""The rules of `asked`: the questions, in learners' words, that a unit says it answers.

They are a part of what search finds, so each names a section that is there, and no two units
claim the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from knowledge.page import Page, slugify
from knowledge.passage import NO_TEXT, asked_of
from teaching.prove.problem import Problem
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.unit import Asked, Unit

FEWEST, MOST = 8, 30
LONGEST = 40
OVERVIEW = "overview"
"""The anchor of what stands above a page's first heading."""


def check_asked(
    catalog: Catalog, where: str, unit: Unit, page: Page, asked: Asked, own_questions: Iterable[str] = ()
) -> Iterator[Problem]:
    """own_questions: what the unit itself asks; answering those is the learner's part."""
    said = [question for questions in asked.values() for question in questions]
    if not FEWEST <= len(said) <= MOST:
        yield Problem(
            where,
            f"`asked` has {len(said)} questions",
            f"List {FEWEST} to {MOST} that learners ask and this unit answers, in their words, by section.",
        )
    answering = [slugify(section.title) for section in page.sections if section.level == 2]
    answering = [OVERVIEW, *(anchor for anchor in answering if anchor not in NO_TEXT)]
    for anchor in asked:
        if anchor not in answering:
            yield Problem(where, f"`asked` names the section `{anchor}`", f"It has {', '.join(answering)}.")
    for question in said:
        if len(question.split()) > LONGEST:
            yield Problem(where, f"`asked` has a question of more than {LONGEST} words: “{question[:60]}…”")
    yield from _check_alone(catalog, where, unit, said, own_questions)


def _check_alone(
    catalog: Catalog, where: str, unit: Unit, said: list[str], own_questions: Iterable[str]
) -> Iterator[Problem]:
    seen = {_key(question): "asked of the learner here" for question in own_questions}
    seen |= {key: f"asked of `{other}` too" for key, other in _asked_elsewhere(catalog, unit)}
    for question in said:
        if taken := seen.get(_key(question)):
            yield Problem(where, f"`asked` has “{question}”, which is {taken}", "Keep it in one place.")
        seen[_key(question)] = "there twice"


def _asked_elsewhere(catalog: Catalog, unit: Unit) -> Iterator[tuple[str, str]]:
    for other in catalog.units.values():
        if other.status == "planned" or other.id == unit.id:
            continue
        try:
            asked = asked_of(catalog, other)
        except TutorError:  # `verify` tells it of that unit
            continue
        yield from ((_key(question), other.id) for questions in asked.values() for question in questions)


def _key(question: str) -> str:
    return slugify(question)
