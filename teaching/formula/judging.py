"""The judgement on an answer to a formula question.

The one rule owned here: what cannot be read, or compared, is `correct=None` with a sentence on
how to write it; only a formula that was read whole can be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from knowledge.unit import FormulaQuestion
from teaching.formula.comparison import Prover, compare, tell_difference
from teaching.formula.points import random_points, values
from teaching.formula.proof import prove
from teaching.formula.symbols import FormulaError, symbols_of
from teaching.formula.tree import Formula, read_formula, read_formulas


@dataclass(frozen=True)
class FormulaJudgement:
    """feedback: how to write what could not be read, or the kind of difference of a wrong one."""

    correct: bool | None
    feedback: str = ""
    misconception: str | None = None


def judge_formula(question: FormulaQuestion, answer: str, prover: Prover = prove) -> FormulaJudgement:
    """Whether `answer` equals the question's formula, as far as `up_to` asks."""
    symbols = symbols_of(question)
    try:
        said = read_formulas(answer, symbols, up_to=question.up_to)
    except FormulaError as error:
        return FormulaJudgement(None, f"I cannot read that as a formula. {error}")
    wanted = read_formula(question.answer, symbols, up_to=question.up_to)
    right = [_is_right(question, formula, wanted, prover) for formula in said]
    if all(right):
        return FormulaJudgement(True)
    if None in right:
        return FormulaJudgement(
            None, "I cannot compare that formula: it has no value almost everywhere. Write it simpler."
        )
    if any(right):
        return FormulaJudgement(None, "Your equals sign joins two different formulas. Which one do you mean?")
    return _wrong(question, said[-1], wanted, prover)


def _is_right(question: FormulaQuestion, said: Formula, wanted: Formula, prover: Prover) -> bool | None:
    known = {read_formula(form, wanted.symbols, up_to=question.up_to).plain for form in question.accepts}
    return said.plain in known or compare(said, wanted, question.up_to, prover).equal


def _wrong(question: FormulaQuestion, said: Formula, wanted: Formula, prover: Prover) -> FormulaJudgement:
    for wrong in question.wrong:
        held = read_formula(wrong.formula, wanted.symbols, up_to=question.up_to)
        if compare(said, held, question.up_to, prover).equal:
            return FormulaJudgement(False, misconception=wrong.misconception)
    return FormulaJudgement(False, tell_difference(said, wanted))


def faults_of(question: FormulaQuestion, prover: Prover = prove) -> Iterator[str]:
    """What is wrong with an authored formula question, as sentences."""
    symbols = symbols_of(question)
    read: dict[str, Formula] = {}
    for name, text in _authored(question):
        try:
            read[name] = read_formula(text, symbols, up_to=question.up_to)
        except FormulaError as error:
            yield f"{name} cannot be read: {error}"
    if "`answer`" not in read:
        return
    wanted = read.pop("`answer`")
    for name, formula in read.items():
        equal = compare(formula, wanted, question.up_to, prover).equal
        if equal is None:
            yield f"{name} and the answer have too few values in common; give the symbols their `domain`"
        elif name.startswith("`accepts`") and not equal:
            yield f"{name} does not equal the answer"
        elif name.startswith("`wrong`") and equal:
            yield f"{name} equals the answer"
    wrong = [(name, formula) for name, formula in read.items() if name.startswith("`wrong`")]
    for (one, left), (other, right) in combinations(wrong, 2):
        if compare(left, right, question.up_to, prover).equal:
            yield f"{one} and {other} are equal, so that no answer can tell them apart"
    if not _has_values(wanted):
        yield "`answer` has no value at most points; give the symbols their `domain`"


def _has_values(formula: Formula) -> bool:
    found = values(formula, random_points(formula.symbols))
    return sum(value is not None for value in found) * 2 > len(found)


def _authored(question: FormulaQuestion) -> Iterator[tuple[str, str]]:
    yield "`answer`", question.answer
    for form in question.accepts:
        yield f"`accepts` “{form}”", form
    for wrong in question.wrong:
        yield f"`wrong` “{wrong.formula}”", wrong.formula
