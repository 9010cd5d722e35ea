"""Finding what an answer may rest on: a search, and what a search alone would miss.

The rule owned here: at most three tool calls, all of them reads.
"""

from __future__ import annotations

import re
from dataclasses import replace

from knowledge.catalog import Catalog
from knowledge.passage import page_of
from tutor.agent.guard.injection import without_orders
from tutor.agent.naming import title_terms
from tutor.speaker.extract import wants
from tutor.speaker.prose import terms
from tutor.speaker.speaker import Passage
from tutor.toolbox import Emit, Found, Toolbox
from tutor_error import TutorError

_MOST = 6
_LEAST_SHARE = 0.25
"""A passage below this share of the best one's score is not about the question."""
_IDEA_WORDS = 200
_THEIRS = re.compile(r"\b(?:they|them|their|he|she|his|her|here|the (?:winner|author|team|case|company)s?)\b")


async def find_passages(
    toolbox: Toolbox, catalog: Catalog, question: str, emit: Emit, case: str | None = None
) -> list[Passage]:
    """Passages for a question, best first; empty when nothing that is written answers.

    case: the case under discussion; "why did they" is then about it, and its own sections answer.
    """
    found = await toolbox.search(question, _MOST, emit)
    if case is not None and (own := await _in_case(toolbox, catalog, question, case)):
        found = own
    if not found and (unit := _introducing(catalog, question)) is not None:
        wider = await toolbox.search(f"{question} {catalog.units[unit].title}", _MOST)
        found = [hit for hit in wider if hit.unit == unit]
    best = max((hit.score for hit in found), default=0.0)
    passages = [_passage(hit, catalog) for hit in found if hit.score >= _LEAST_SHARE * best]
    if passages and wants(question) in ("what", "how"):
        passages = await _with_idea(toolbox, catalog, question, passages)
    return passages


def as_read(catalog: Catalog, passage: Passage) -> Passage:
    """A passage without its orders, unless it is of the curriculum: one's own material, or a pack's."""
    return replace(passage, text=text_as_read(catalog, passage.unit, passage.text))


def text_as_read(catalog: Catalog, unit_id: str, text: str) -> str:
    """The text of a unit or a document; what is not of the curriculum loses the orders in it."""
    unit = catalog.units.get(unit_id)
    is_ours = unit is not None and not unit.namespace
    return text if is_ours else without_orders(text)


async def _in_case(toolbox: Toolbox, catalog: Catalog, question: str, case: str) -> list[Found]:
    """What the case itself says to a question about "them" or about its own matter."""
    wider = await toolbox.search(f"{question} {catalog.units[case].title}", 2 * _MOST)
    own = [hit for hit in wider if hit.unit == case]
    is_theirs = _THEIRS.search(question.lower()) is not None
    return own if is_theirs or (wider and wider[0].unit == case) else []


def _passage(hit: Found, catalog: Catalog) -> Passage:
    unit = catalog.units.get(hit.unit)
    if unit is None:  # the learner's own material
        return Passage(hit.unit, hit.section, hit.text, hit.score, hit.unit.rpartition("/")[2])
    section = page_of(catalog, unit).section(hit.section)
    opens = section is not None and section.text.lstrip().startswith(hit.text[:60].lstrip())
    return Passage(hit.unit, hit.section, hit.text, hit.score, unit.title, opens)


async def _with_idea(
    toolbox: Toolbox, catalog: Catalog, question: str, passages: list[Passage]
) -> list[Passage]:
    """When the question names a lesson's subject, the section that defines it is among the passages."""
    asked = set(terms(question))
    for unit_id in dict.fromkeys(passage.unit for passage in passages[:3]):
        unit = catalog.units.get(unit_id)
        if unit is None:
            continue
        has_idea = any(p.unit == unit_id and p.section == "Idea" and p.opens for p in passages)
        if unit.kind != "lesson" or has_idea or not asked & title_terms(unit):
            continue
        idea = await _read_idea(toolbox, unit_id)
        best = max(passage.score for passage in passages)
        return [*passages, Passage(unit_id, "Idea", idea, best, unit.title, opens=True)] if idea else passages
    return passages


async def _read_idea(toolbox: Toolbox, unit_id: str) -> str:
    try:
        page = await toolbox.call("read_unit", {"id": unit_id, "section": "Idea"})
    except TutorError as error:
        if error.code != "unknown-section":
            raise
        return ""
    blocks = page["markdown"].partition("\n")[2].partition("\n### ")[0].strip().split("\n\n")
    taken: list[str] = []
    for block in blocks:
        if taken and len(" ".join([*taken, block]).split()) > _IDEA_WORDS:
            break
        taken.append(block)
    return "\n\n".join(taken)


def _introducing(catalog: Catalog, question: str) -> str | None:
    """The written lesson that introduces a term of the question."""
    asked = set(terms(question))
    for unit in catalog.find(kind="lesson"):
        if unit.status == "planned":
            continue
        for term in catalog.lesson(unit.id).front.introduces:
            words = set(terms(term))
            if words and words <= asked:
                return unit.id
    return None
