"""The rules that a lesson or a case must meet before anything of it is run.

They keep the front matter, the curriculum's table and the text in step, and give every
covered inventory row a place where a learner really meets it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from knowledge.lexical import query_words, term_key, terms_in_bold
from knowledge.page import CASE_SECTIONS, LESSON_SECTIONS, Case, Lesson, Page, run_blocks
from knowledge.terms import Term, terms_of, terms_too_early
from knowledge.unit import (
    ChoiceQuestion,
    CodeQuestion,
    ExplainQuestion,
    FormulaQuestion,
    NumericQuestion,
    Question,
    Unit,
)
from teaching.formula.judging import faults_of
from teaching.leak import find_leak, tokens
from teaching.prove.asked_rules import check_asked
from teaching.prove.figure_rules import check_figures
from teaching.prove.problem import Problem

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.unit import FrontMatter, ProjectFile

MET_BY_WORK = {"objective", "task", "deliverable", "exercise", "metric"}
SECTION_WORDS = 60
_CODE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_LATEX = re.compile(r"(?<![\\`\w])\$[^$\n`]{1,80}\$")


def count_words(markdown: str) -> int:
    """Words of prose; fenced code does not count."""
    return len(re.findall(r"[\w’'-]*\w", _CODE.sub("", markdown)))


def check_page(catalog: Catalog, page: Lesson | Case) -> Iterator[Problem]:
    where = str(page.path.relative_to(catalog.root_of(page.unit.id)))
    yield from check_row(where, page.unit, page.front)
    yield from _check_sections(where, page)
    yield from _check_text(where, page)
    yield from _check_covers(catalog, where, page)
    yield from check_figures(where, page.page)
    yield from _check_references(where, page.front)
    own = [question.ask for question in page.front.questions]
    yield from check_asked(catalog, where, page.unit, page.page, page.front.asked, own)
    if isinstance(page, Lesson):
        yield from _check_terms(catalog, where, page)
    yield from _check_questions(catalog, where, page)


def check_row(where: str, unit: Unit, front: FrontMatter | ProjectFile) -> Iterator[Problem]:
    """The front matter says what `units.csv` says."""
    for key in ("id", "title", "track", "level"):
        wanted, found = unit.name if key == "id" else getattr(unit, key), getattr(front, key)
        if wanted != found:
            yield Problem(where, f"`{key}` is {found!r}, units.csv has {wanted!r}", "Make both the same.")
    if tuple(front.prerequisites) != unit.prerequisites:
        yield Problem(
            where, "`prerequisites` differ from units.csv", f"There it is [{', '.join(unit.prerequisites)}]."
        )


def _check_sections(where: str, page: Lesson | Case) -> Iterator[Problem]:
    wanted = LESSON_SECTIONS if isinstance(page, Lesson) else CASE_SECTIONS
    found = tuple(section.title for section in page.page.sections if section.level == 2)
    if found != wanted:
        yield Problem(where, f"the sections are {', '.join(found)}", f"They must be {', '.join(wanted)}.")
    empty = [s.title for s in page.page.sections if s.level == 2 and not page.page.text_under(s).strip()]
    if empty:
        yield Problem(where, f"nothing stands under {', '.join(empty)}")


def _check_text(where: str, page: Lesson | Case) -> Iterator[Problem]:
    words = sum(count_words(section.text) for section in page.page.sections)
    if isinstance(page, Lesson) and not 500 <= words <= 1500:
        yield Problem(where, f"the text has {words} words", "A lesson has 500 to 1,500.")
    if words > 250 * page.front.minutes:
        yield Problem(
            where, f"{words} words cannot be read in {page.front.minutes} minutes", "Raise `minutes`."
        )
    if isinstance(page, Lesson) and len(run_blocks(page.page)) < 2:
        yield Problem(where, "it has fewer than two blocks marked `python run`")
    if latex := _LATEX.search(_CODE.sub("", page.page.body)):
        yield Problem(
            where, f"`{latex.group()}` looks like LaTeX, which a terminal cannot show", "Write it in Unicode."
        )


def _check_references(where: str, front: FrontMatter) -> Iterator[Problem]:
    """Each is given once. What they say is for a reader to check."""
    seen: set[str] = set()
    for reference in front.references:
        keys = {key.lower() for key in (reference.doi, reference.arxiv, reference.isbn, reference.url) if key}
        keys.add(f"{reference.authors} {reference.title}".casefold())
        if keys & seen:
            yield Problem(where, f"the reference “{reference.title}” is given twice", "Keep one of them.")
        seen |= keys


def _check_terms(catalog: Catalog, where: str, page: Lesson) -> Iterator[Problem]:
    """A term has one home, is used where it is introduced, and is not needed before."""
    prose = _CODE.sub("", page.page.body)
    homes = terms_of(catalog)
    defined = terms_in_bold(prose)
    for term in page.front.introduces:
        if not Term(term, page.unit.id).is_in(prose):
            yield Problem(where, f"`introduces` names “{term}”, which the text does not use")
        elif term_key(query_words(term)) not in defined:
            yield Problem(
                where, f"“{term}” is introduced and nowhere in bold", "Set it in bold where it is defined."
            )
        others = {t.unit for t in homes if t.term.lower() == term.lower()} - {page.unit.id}
        for other in sorted(others):
            yield Problem(
                where,
                f"“{term}” is introduced by `{other}` too",
                "Keep it under `introduces` in one of them.",
            )
    known = frozenset([*page.front.introduces, *page.front.mentions])
    for early in terms_too_early(catalog, page.unit.id, prose, known):
        yield Problem(
            where,
            f"“{early.term}” is used, and `{early.unit}`, which introduces it, comes after this lesson",
            "Say it in other words, or explain it in place and list it under `mentions`.",
        )
    for term in page.front.mentions:
        if not Term(term, page.unit.id).is_in(prose):
            yield Problem(where, f"`mentions` names “{term}”, which the text does not use")


def _check_covers(catalog: Catalog, where: str, page: Lesson | Case) -> Iterator[Problem]:
    yield from check_cover_rows(where, page.unit, page.front.covers)
    questions = {question.id for question in page.front.questions}
    rows = catalog.inventory_of(page.unit.id)
    for row, place in page.front.covers.items():
        if row not in rows:
            continue
        if place.startswith("#"):
            yield from check_section_place(where, page.page, row, place)
            if rows[row].kind in MET_BY_WORK and isinstance(page, Lesson):
                yield Problem(
                    where, f"`{row}` is an objective, and text alone does not meet it", "Name a question."
                )
        elif place.split("/")[0] not in questions and isinstance(page, Lesson):
            yield Problem(where, f"`{row}` is met at `{place}`, which is no section or question")


def check_cover_rows(where: str, unit: Unit, covers: dict[str, str]) -> Iterator[Problem]:
    for row in unit.covers:
        if row not in covers:
            yield Problem(
                where, f"`covers` has no place for the row `{row}`", "Say where the learner meets it."
            )
    for row in covers:
        if row not in unit.covers:
            yield Problem(where, f"`covers` names `{row}`, which units.csv does not give to this unit")


def check_section_place(where: str, page: Page, row: str, place: str) -> Iterator[Problem]:
    section = page.section(place)
    if section is None:
        yield Problem(where, f"`{row}` is met at `{place}`, and there is no such heading")
    elif count_words(page.text_under(section)) < SECTION_WORDS:
        yield Problem(where, f"`{row}` is met at `{place}`, which has fewer than {SECTION_WORDS} words")


def _check_questions(catalog: Catalog, where: str, page: Lesson | Case) -> Iterator[Problem]:
    questions = page.front.questions
    if isinstance(page, Lesson):
        if len(questions) < 4:
            yield Problem(where, f"it has {len(questions)} questions", "A lesson has four or more.")
        if not any(
            isinstance(question, NumericQuestion | FormulaQuestion | CodeQuestion) for question in questions
        ):
            yield Problem(where, "no question is numeric, a formula or code")
    if not any(isinstance(question, ExplainQuestion) for question in questions):
        yield Problem(where, "no question asks to explain")
    for question in questions:
        for problem in check_question(catalog.misconceptions_of(page.unit.id), question):
            yield Problem(f"{where} {question.id}", problem)


def check_question(misconceptions: Container[str], question: Question) -> Iterator[str]:
    """What is wrong with one question, as sentences."""
    if not isinstance(question, ChoiceQuestion | ExplainQuestion) and len(question.hints) < 2:
        yield "it has fewer than two `hints`"
    named: list[str] = []
    if isinstance(question, ChoiceQuestion):
        named = [option.misconception for option in question.options if option.misconception]
    if isinstance(question, NumericQuestion):
        named = [wrong.misconception for wrong in question.wrong]
        if any(abs(wrong.value - question.answer) <= question.tolerance for wrong in question.wrong):
            yield "a value under `wrong` lies within the tolerance of the answer"
        if question.compute is None:
            yield "`compute` is missing, so that the answer is not proved"
    if isinstance(question, FormulaQuestion):
        named = [wrong.misconception for wrong in question.wrong]
        yield from faults_of(question)
    if isinstance(question, ExplainQuestion):
        named = question.misconceptions
        yield from _check_expectations(question)
    for misconception in named:
        if misconception not in misconceptions:
            yield f"`{misconception}` is not in misconceptions.yaml"


def _check_expectations(question: ExplainQuestion) -> Iterator[str]:
    said = {expectation.id: set(tokens(expectation.says)) for expectation in question.expectations}
    ids = list(said)
    for i, first in enumerate(ids):
        for second in ids[i + 1 :]:
            shared = len(said[first] & said[second]) / max(1, len(said[first] | said[second]))
            if shared > 0.6:
                yield f"the expectations `{first}` and `{second}` say nearly the same"
    for expectation in question.expectations:
        oracle = [expectation.assertion, expectation.says, *expectation.variants]
        for hint in expectation.hints:
            if leak := find_leak(hint, oracle, [question.ask]):
                yield f"a hint of `{expectation.id}` tells the answer: “{leak.passage}”"
        blank = expectation.cloze.text.lower()
        if any(f" {answer.lower()} " in f" {blank} " for answer in expectation.cloze.answers):
            yield f"the cloze of `{expectation.id}` contains its own answer"
