"""What must not be given away of some units: answers, hints, solutions, hidden checks.

The rule owned here: what is in no public view is secret (`knowledge.public`), down to the
texts of misconceptions; lines that import are in every program and are no secret.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from knowledge.catalog import Catalog
from knowledge.content_file import read_text
from knowledge.page import Case, Lesson, Project
from knowledge.public import public_page, public_project
from knowledge.unit import (
    ChoiceQuestion,
    Cloze,
    ClozeQuestion,
    CodeQuestion,
    ExplainQuestion,
    FormulaQuestion,
    Misconception,
    NumericQuestion,
    OrderQuestion,
    PredictQuestion,
    Question,
)

_IMPORT = re.compile(r"^\s*(?:import|from)\s.*$", re.MULTILINE)


@dataclass(frozen=True)
class Oracle:
    """secret: texts that must not be given away; public: texts that anyone may read of these units.

    references: whole solutions, for a comparison by syntax; starters: code that is handed out.
    """

    secret: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    starters: tuple[str, ...] = ()

    def __add__(self, other: Oracle) -> Oracle:
        return Oracle(
            self.secret + other.secret, self.public + other.public,
            self.references + other.references, self.starters + other.starters,
        )  # fmt: skip


def oracle_of(catalog: Catalog, unit_ids: Collection[str]) -> Oracle:
    """The oracle of the written units among `unit_ids`."""
    found = Oracle()
    for unit_id in dict.fromkeys(unit_ids):
        unit = catalog.units.get(unit_id)
        if unit is None or unit.status == "planned":
            continue
        if unit.kind != "project":
            page = catalog.case(unit_id) if unit.kind == "case_study" else catalog.lesson(unit_id)
            found += _of_page(page)
        if unit.kind != "lesson":
            found += _of_project(catalog.project(unit_id))
        beliefs = catalog.misconceptions_of(unit_id).values()
        found += Oracle(_of_beliefs(one for one in beliefs if {unit.id, unit.name} & set(one.units)))
    return found


def _of_page(page: Lesson | Case) -> Oracle:
    found = Oracle(public=tuple(_texts(public_page(page))))
    for question in page.front.questions:
        found += Oracle(secret=tuple(_answers(question)))
        if isinstance(question, CodeQuestion):
            found += _of_code(page.question_folder(question))
    return found


def _of_project(project: Project) -> Oracle:
    hints = tuple(rung for rungs in project.hints.values() for rung in rungs)
    public = tuple(_texts(public_project(project)))
    return Oracle(hints, public) + _of_code(project.folder)


def _of_code(folder: Path) -> Oracle:
    """A project's or a code question's folder: its solutions and the checks that judge it."""
    solutions = _sources(folder, "reference.py", "alternatives/*.py")
    judging = _sources(folder, "checks.py", "data.py")
    secret = tuple(_IMPORT.sub("", source) for source in (*solutions, *judging))
    return Oracle(secret, (), solutions, _sources(folder, "starter.py"))


def _sources(folder: Path, *patterns: str) -> tuple[str, ...]:
    return tuple(read_text(path) for pattern in patterns for path in sorted(folder.glob(pattern)))


def _of_beliefs(beliefs: Iterable[Misconception]) -> tuple[str, ...]:
    return tuple(
        text for belief in beliefs for text in (belief.contrast, belief.repair, *belief.accepted_repairs)
    )


def _answers(question: Question) -> list[str]:
    match question:
        case ExplainQuestion():
            ideas = question.expectations
            told = (t for i in ideas for t in (i.says, *i.variants, i.assertion, *i.hints, *_filled(i.cloze)))
            return [question.ideal, *told]
        case ClozeQuestion():
            return [question.why, *question.hints, *_filled(question.cloze)]
        case ChoiceQuestion() | PredictQuestion():
            return [question.why, *question.hints]
        case NumericQuestion():
            return [question.why, *question.hints, question.compute or ""]
        case OrderQuestion():
            return [question.why, *question.hints, " ".join(question.items)]
        case FormulaQuestion():
            return [question.why, *question.hints, question.answer, *question.accepts]
        case CodeQuestion():
            return list(question.hints)


def _filled(cloze: Cloze) -> list[str]:
    return [cloze.text.replace("___", answer) for answer in cloze.answers]


def _texts(value: object) -> list[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]  # pyright: ignore[reportUnknownVariableType]
    return []
