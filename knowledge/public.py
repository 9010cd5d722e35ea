"""The public view: what a learner, a client or a model may read of a unit.

The rule owned here: each field is let through by name. Answers, expectations, hints,
misconceptions, checks and reference solutions are never copied, so a field that is
added to a record stays private until it is named here.
"""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from knowledge.content_file import read_text
from knowledge.page import Case, Lesson, Page, Project
from knowledge.unit import (
    ChoiceQuestion,
    ClozeQuestion,
    CodeQuestion,
    FormulaQuestion,
    NumericQuestion,
    OrderQuestion,
    PredictQuestion,
    Question,
    Unit,
)

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
_TERMS: WeakKeyDictionary[Catalog, dict[str, list[dict[str, str]]]] = WeakKeyDictionary()
"""By unit, found once for a catalogue: what it has read stays as it is, and finding them takes
milliseconds."""


def public_page(source: Lesson | Case) -> dict[str, Any]:
    """A lesson or a case: its text by section, and its questions without what judges them."""
    front = source.front
    return {
        **_head(source.unit),
        "minutes": front.minutes,
        "objectives": list(front.objectives),
        "introduces": list(front.introduces),
        "sections": _sections(source.page),
        "questions": [_page_question(source, question) for question in front.questions],
        "references": [reference.model_dump(exclude_none=True) for reference in front.references],
    }


def public_question(question: Question) -> dict[str, Any]:
    """A question as it is asked. The items of an `order` question come shuffled."""
    shown: dict[str, Any] = {"id": question.id, "kind": question.kind, "ask": question.ask}
    if isinstance(question, ChoiceQuestion):
        shown["options"] = [option.text for option in question.options]
    elif isinstance(question, NumericQuestion):
        shown |= {"unit": question.unit, "tolerance": question.tolerance}
    elif isinstance(question, FormulaQuestion):
        shown |= {"symbols": symbol_meanings(question), "up_to": question.up_to}
    elif isinstance(question, ClozeQuestion):
        shown["text"] = question.cloze.text
    elif isinstance(question, OrderQuestion):
        shown["items"] = shuffle_items(question)
    elif isinstance(question, PredictQuestion):
        shown |= {"code": question.code, "tolerance": question.tolerance}
    return shown


def symbol_meanings(question: FormulaQuestion) -> dict[str, str]:
    """What each symbol of a formula question stands for, in the author's order."""
    return {name: told if isinstance(told, str) else told.says for name, told in question.symbols.items()}


def shuffle_items(question: OrderQuestion) -> list[str]:
    """The items in the order in which every learner sees them: the same each time, never the right one."""
    seed = hashlib.sha256("\0".join([question.id, *question.items]).encode()).digest()
    items = list(question.items)
    random.Random(seed).shuffle(items)
    return items if items != question.items else items[1:] + items[:1]


def public_project(project: Project) -> dict[str, Any]:
    """A project, or a case's lab: the brief and the starter."""
    file = project.file
    return {
        **_head(project.unit),
        "minutes": file.minutes,
        "lab": file.lab,
        "budget": {
            "seconds": file.budget.seconds,
            "memory_mb": file.budget.memory_mb,
            "gpu": file.budget.gpu,
        },
        "files": list(file.files),
        "main": project.main,
        "brief": project.brief,
        "sections": _sections(project.page),
        "starter": read_text(project.starter),
    }


def public_terms(catalog: Catalog, unit_id: str) -> list[dict[str, str]]:
    """The terms that a written unit's text builds on, each with the lesson that introduces it."""
    from knowledge.definition import prose_of
    from knowledge.terms import terms_built_on

    known = _TERMS.setdefault(catalog, {})
    if unit_id not in known:
        found = terms_built_on(catalog, unit_id, prose_of(catalog, unit_id))
        known[unit_id] = [{"term": term.term, "unit": term.unit} for term in found]
    return known[unit_id]


def _head(unit: Unit) -> dict[str, Any]:
    return {
        "id": unit.id,
        "kind": unit.kind,
        "title": unit.title,
        "track": unit.track,
        "level": unit.level,
        "status": unit.status,
        "prerequisites": list(unit.prerequisites),
    }


def _sections(page: Page) -> list[dict[str, Any]]:
    return [
        {
            "title": section.title,
            "anchor": section.anchor,
            "path": list(section.path),
            "level": section.level,
            "text": section.text,
        }
        for section in page.sections
    ]


def _page_question(source: Lesson | Case, question: Question) -> dict[str, Any]:
    shown = public_question(question)
    if isinstance(question, CodeQuestion):
        shown["starter"] = read_text(source.question_folder(question) / "starter.py")
    return shown
