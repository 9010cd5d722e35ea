"""The guard: nothing leaves the tutor that cites what was not retrieved or gives an oracle away.

The rule owned here: it reads words and decides alone. A text that fails is replaced by the
authored words of the same move; it is never mended.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from knowledge.catalog import Catalog
from knowledge.content_file import read_text
from knowledge.page import Case, Lesson
from knowledge.public import public_page, public_project
from knowledge.unit import (
    ChoiceQuestion,
    ClozeQuestion,
    CodeQuestion,
    ExplainQuestion,
    FormulaQuestion,
    NumericQuestion,
    OrderQuestion,
    PredictQuestion,
    Question,
)
from teaching.leak import find_leak
from tutor.speaker.speaker import Passage

_CITATION = re.compile(r"\[([a-z0-9]+(?:[-:/][a-z0-9]+)*)\s*›\s*([^\]\n]+)\]")
_SENTENCE_END = re.compile(r"[.!?:\]](?=\s)|\n")


@dataclass(frozen=True)
class Oracle:
    """Texts that must not be given away, and texts that anyone may read, of some units."""

    secret: tuple[str, ...] = ()
    public: tuple[str, ...] = ()


class Blocked(Exception):
    """The words so far break a rule; `why` is for the log."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def cited(text: str) -> list[dict[str, str]]:
    """The citations in a text, each once, in order."""
    found = dict.fromkeys((m.group(1), m.group(2).strip()) for m in _CITATION.finditer(text))
    return [{"unit": unit, "section": section} for unit, section in found]


def find_fault(
    text: str, passages: Sequence[Passage], oracle: Oracle, allowed: Iterable[str] = ()
) -> str | None:
    """Why a text may not be said: a citation of nothing retrieved, or a leak; None when it may.

    allowed: texts that this very move is there to say, such as a hint that was earned.
    """
    known = {(passage.unit, passage.section.lower()) for passage in passages}
    for place in cited(text):
        if (place["unit"], place["section"].lower()) not in known:
            return f"it cites [{place['unit']} › {place['section']}], which was not retrieved"
    shown = (*oracle.public, *allowed, *(passage.text for passage in passages))
    leak = find_leak(text, oracle.secret, shown)
    return f"it gives away “{leak.passage}”" if leak is not None else None


@dataclass
class GuardedStream:
    """Lets a speaker's words through sentence by sentence, each checked with all before it."""

    emit: Callable[[str], None]
    check: Callable[[str], str | None]
    said: str = ""
    passed: int = field(default=0)

    def write(self, piece: str) -> None:
        """Take a piece; raises Blocked before any word of a bad sentence is let through."""
        self.said += piece
        ends = [match.end() for match in _SENTENCE_END.finditer(self.said, self.passed)]
        if ends:
            self._let_through(ends[-1])

    def finish(self) -> None:
        self._let_through(len(self.said))

    def _let_through(self, end: int) -> None:
        fault = self.check(self.said[:end])
        if fault is not None:
            raise Blocked(fault)
        if end > self.passed:
            self.emit(self.said[self.passed : end])
            self.passed = end


def oracle_of(catalog: Catalog, unit_ids: Collection[str]) -> Oracle:
    """The oracle of the written units among `unit_ids`."""
    secret: list[str] = []
    public: list[str] = []
    for unit_id in dict.fromkeys(unit_ids):
        unit = catalog.units.get(unit_id)
        if unit is None or unit.status == "planned":
            continue
        if unit.kind != "project":
            page = catalog.case(unit_id) if unit.kind == "case_study" else catalog.lesson(unit_id)
            secret += _secrets(page)
            public += _texts(public_page(page))
        if unit.kind != "lesson":
            project = catalog.project(unit_id)
            public += _texts(public_project(project))
            secret += [rung for rungs in project.hints.values() for rung in rungs]
            secret += [read_text(path) for path in sorted(project.folder.glob("reference.py"))]
            secret += [read_text(path) for path in sorted(project.folder.glob("alternatives/*.py"))]
    return Oracle(tuple(secret), tuple(public))


def _secrets(page: Lesson | Case) -> list[str]:
    secret = [text for question in page.front.questions for text in _answers(question)]
    for question in page.front.questions:
        if isinstance(question, CodeQuestion):
            path = page.question_folder(question) / "reference.py"
            secret += [read_text(path)] if path.is_file() else []
    return secret


def _answers(question: Question) -> list[str]:
    match question:
        case ExplainQuestion():
            ideas = question.expectations
            return [question.ideal, *(t for i in ideas for t in (i.says, *i.variants, i.assertion, *i.hints))]
        case ChoiceQuestion() | NumericQuestion() | ClozeQuestion() | PredictQuestion():
            return [question.why, *question.hints]
        case FormulaQuestion():
            return [question.why, *question.hints, question.answer, *question.accepts]
        case OrderQuestion():
            return [question.why, *question.hints, " ".join(question.items)]
        case CodeQuestion():
            return list(question.hints)


def _texts(value: object) -> list[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]  # pyright: ignore[reportUnknownVariableType]
    return []
