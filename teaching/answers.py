"""Whether an answer is right, for every kind of question that is answered in words.

The one rule owned here: an answer that cannot be read (no number where one is asked, an
option that does not exist) is `correct=None`, not a wrong answer; it costs nothing and
the feedback says how to put it. Feedback on a wrong answer never holds the right one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge.public import shuffle_items
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
from teaching import wording
from teaching.features import Encoder, Proposition
from teaching.formula.judging import judge_formula
from teaching.hedging import bare_answer
from teaching.matching import believe, is_near_copy, match_answer
from teaching.number import parse_number
from teaching.picking import pick_options, read_order
from tutor_error import TutorError

_NOT_QUITE = "Not quite."
_ACCEPTS_REPAIR = 0.65


@dataclass(frozen=True)
class Verdict:
    """How one answer was judged.

    correct: None when it cannot be decided: unreadable, or some ideas said and more to come.
    covered: for explain, the ids of expectations newly covered; unsure, nearness: what the
    dialogue picks its next question by; score is in 0..1 over everything covered so far.
    """

    correct: bool | None
    score: float
    covered: tuple[str, ...] = ()
    misconception: str | None = None
    feedback: str = ""
    unsure: tuple[str, ...] = ()
    nearness: Mapping[str, float] = field(default_factory=dict[str, float])


def judge_answer(
    question: Question,
    answer: str,
    *,
    misconceptions: Mapping[str, Misconception],
    embedder: Encoder | None = None,
    covered_before: frozenset[str] = frozenset(),
) -> Verdict:
    """The verdict on one answer. Raises TutorError `needs-grading` for a code question."""
    match question:
        case ChoiceQuestion():
            return _judge_choice(question, answer)
        case NumericQuestion():
            return _judge_numeric(question, answer)
        case FormulaQuestion():
            return _judge_formula(question, answer)
        case ClozeQuestion():
            return _told(fills(question.cloze, answer), question.why)
        case OrderQuestion():
            return _judge_order(question, answer)
        case PredictQuestion():
            return _told(_prints(question, answer), question.why)
        case ExplainQuestion():
            return _judge_explain(question, answer, misconceptions, embedder, covered_before)
        case CodeQuestion():
            raise TutorError(
                "needs-grading",
                f"The question `{question.id}` is answered with code, and code is judged by running it.",
                "Put your solution in a file and grade that file.",
            )


def _told(right: bool, why: str) -> Verdict:
    return Verdict(right, float(right), feedback=f"Right. {why}" if right else _NOT_QUITE)


def _unreadable(feedback: str) -> Verdict:
    return Verdict(None, 0.0, feedback=feedback)


def _judge_choice(question: ChoiceQuestion, answer: str) -> Verdict:
    picked = pick_options([option.text for option in question.options], answer)
    if not picked:
        return _unreadable(f"Choose one: type its number, 1 to {len(question.options)}.")
    right = {i for i, option in enumerate(question.options) if option.correct}
    if picked == right:
        return _told(True, question.why)
    wrong = [question.options[i].misconception for i in sorted(picked - right)]
    named = next((name for name in wrong if name), None)
    score = len(picked & right) / len(picked | right)
    return Verdict(False, score, misconception=named, feedback=_NOT_QUITE)


def _judge_numeric(question: NumericQuestion, answer: str) -> Verdict:
    value = parse_number(answer, question.unit)
    if value is not None and _is_share_in_percent(question, value):
        return _unreadable("Is that in percent? Then type it with a % sign, or as a part of 1.")
    if value is None:
        unit = f" (in {question.unit})" if question.unit else ""
        return _unreadable(f"I cannot read that as one number{unit}. Type it like 0.75, 3/4 or 1e-3.")
    if _is_close(value, question.answer, question.tolerance):
        return _told(True, question.why)
    named = next(
        (
            wrong.misconception
            for wrong in question.wrong
            if _is_close(value, wrong.value, question.tolerance)
        ),
        None,
    )
    return Verdict(False, 0.0, misconception=named, feedback=_NOT_QUITE)


def _is_share_in_percent(question: NumericQuestion, value: float) -> bool:
    """75 where 0.75 is the answer: right in percent, and nobody said that the sign may not be left out."""
    named = any(_is_close(value, wrong.value, question.tolerance) for wrong in question.wrong)
    is_share = not question.unit and 0 < question.answer < 1 < value <= 100
    return is_share and not named and _is_close(value / 100, question.answer, question.tolerance)


def _judge_formula(question: FormulaQuestion, answer: str) -> Verdict:
    judged = judge_formula(question, answer)
    if judged.correct is None:
        return _unreadable(judged.feedback)
    if judged.correct:
        return _told(True, question.why)
    feedback = f"{_NOT_QUITE} {judged.feedback}".strip()
    return Verdict(False, 0.0, misconception=judged.misconception, feedback=feedback)


def _is_close(value: float, wanted: float, tolerance: float) -> bool:
    return abs(value - wanted) <= tolerance + 1e-9 * max(1.0, abs(wanted))


def fills(cloze: Cloze, answer: str) -> bool:
    """Whether an answer (the missing words, or the whole sentence) fills the blank."""
    forms = (_blank_of(cloze, answer), answer, bare_answer(answer))
    return any(_same_fill(said, wanted) for said in forms for wanted in cloze.answers)


def _blank_of(cloze: Cloze, answer: str) -> str:
    """What stands at the blank when the whole sentence was typed; the answer itself otherwise."""
    before, after = (" ".join(side.lower().split()).strip(" .") for side in cloze.text.split("___", 1))
    said = " ".join(answer.lower().split()).strip(" .")
    if (before or after) and said.startswith(before) and said.endswith(after):
        inner = said[len(before) : len(said) - len(after)].strip()
        return inner or answer
    return answer


def _same_fill(said: str, wanted: str) -> bool:
    squeezed = [re.sub(r"\s+|[`'\"]", "", text.lower()).strip(".") for text in (said, wanted)]
    if squeezed[0] == squeezed[1]:
        return bool(squeezed[1])
    numbers = parse_number(said), parse_number(wanted)
    if numbers[0] is not None and numbers[1] is not None:
        return _is_close(numbers[0], numbers[1], 0.0)
    if re.search(r"[^\w\s'.,\-’]", wanted):
        return False
    one, other = ([w for w in wording.words(text) if w not in ("a", "an", "the")] for text in (said, wanted))
    return len(one) == len(other) > 0 and all(
        wording.is_same_word(a, b) or wording.stem(a) == wording.stem(b)
        for a, b in zip(one, other, strict=True)
    )


def _judge_order(question: OrderQuestion, answer: str) -> Verdict:
    shown = shuffle_items(question)
    places = read_order(shown, answer)
    if sorted(places) != list(range(len(shown))):
        return _unreadable(f"Name each of the {len(shown)} items once, in order, such as: 2, 1, 3.")
    ranks = [question.items.index(shown[place]) for place in places]
    pairs = [(a, b) for i, a in enumerate(ranks) for b in ranks[i + 1 :]]
    score = sum(a < b for a, b in pairs) / len(pairs)
    if score == 1.0:
        return _told(True, question.why)
    return Verdict(False, score, feedback=_NOT_QUITE)


_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)


def _prints(question: PredictQuestion, answer: str) -> bool:
    """Whether a predicted output equals the real one: numbers within tolerance, words alike."""
    said, wanted = (text.strip().strip("`'\"").lower() for text in (answer, question.answer))
    bare = bare_answer(answer)
    if "".join(wanted.split()) in ("".join(said.split()), "".join(bare.split())):
        return True
    said = bare if bare != said else said
    one, other = parse_number(said), parse_number(wanted)
    if one is not None and other is not None:
        return _is_close(one, other, question.tolerance)
    numbers = [[float(found) for found in _NUMBER.findall(text)] for text in (said, wanted)]
    letters = [re.findall(r"[a-z_]+", _NUMBER.sub(" ", text)) for text in (said, wanted)]
    if not numbers[1] or len(numbers[0]) != len(numbers[1]) or not set(letters[0]) <= set(letters[1]):
        return False
    return all(_is_close(a, b, question.tolerance) for a, b in zip(*numbers, strict=True))


def _judge_explain(
    question: ExplainQuestion,
    answer: str,
    misconceptions: Mapping[str, Misconception],
    embedder: Encoder | None,
    covered_before: frozenset[str],
) -> Verdict:
    matching = match_answer(question, answer, misconceptions, embedder)
    new = tuple(name for name in matching.covered if name not in covered_before)
    covered = covered_before | set(new)
    total = len(question.expectations)
    unsure = tuple(name for name in matching.unsure if name not in covered)
    count = f"{len(covered)} of {total} ideas so far."
    if matching.misconception:
        correct, feedback = False, f"Something in there needs another look. {count}"
    elif len(covered) == total:
        correct, feedback = True, "Right: that is the whole of it."
    elif new:
        correct, feedback = None, f"Right, as far as it goes. {count}"
    elif unsure:
        correct, feedback = None, f"Say it a little more exactly. {count}"
    else:
        correct, feedback = False, f"{_NOT_QUITE} {count}"
    return Verdict(
        correct, len(covered) / total, new, matching.misconception, feedback, unsure, matching.expectations
    )


def judge_cloze(idea: str, cloze: Cloze, answer: str) -> Verdict:
    """A filled blank that stands for one expectation of an explain question."""
    right = fills(cloze, answer)
    return Verdict(right, float(right), (idea,) if right else (), feedback="Right." if right else _NOT_QUITE)


def judge_repair(misconception: Misconception, answer: str, embedder: Encoder | None = None) -> Verdict:
    """The answer to a misconception's repair question; anything uncertain counts as not yet repaired."""
    item = Proposition(
        misconception.repair,
        tuple(misconception.accepted_repairs),
        (misconception.belief, *misconception.cue),
    )
    exact = any(_same_fill(answer, wanted) for wanted in misconception.accepted_repairs)
    if exact or is_near_copy(answer, misconception.accepted_repairs):
        return Verdict(True, 1.0, feedback="Right.")
    belief = believe(answer, [item], embedder)[0]
    right = belief.p >= _ACCEPTS_REPAIR and not belief.contradicts
    named = None if right else misconception.id
    return Verdict(right, float(right), misconception=named, feedback="Right." if right else _NOT_QUITE)
