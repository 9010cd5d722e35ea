"""Whether a text gives the key of an open question: a number, an option, a word, an order.

Keys are too short for a run of eight tokens. The rule owned here: a key counts as given when
it stands where the move and the question itself do not hold it, or when it is called the
answer; what the learner wrote may be repeated, but not called right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from knowledge.public import shuffle_items
from knowledge.unit import (
    ChoiceQuestion,
    Cloze,
    ClozeQuestion,
    ExplainQuestion,
    FormulaQuestion,
    NumericQuestion,
    OrderQuestion,
    PredictQuestion,
    Question,
)
from teaching.leak import tokens
from teaching.wording import stem
from tutor.agent.guard.phrases import part

_NUMBER = re.compile(
    r"(?<![\w.])[+\-−]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?\s?%?|(?<![\w.])[+\-−]?\.\d+", re.IGNORECASE
)
_FRACTION = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)(?!\w|\.\d)")
_TO_TWELVE = "zero one two three four five six seven eight nine ten eleven twelve"
_SPELLED = tuple(_TO_TWELVE.split())
_ONE = r"(?:\d{1,2}|[b-h]|a(?=[).,;:!*`”\"]|$|\s+(?:is|and|or)\b))"
"""An option's number or letter; `a` is a word, unless nothing follows that it could belong to."""
_LABELLED = re.compile(
    r"\b(?:options?|choices?|answers?|numbers?|statements?|nr\.?|no\.?)\s*(?:is\s+)?[#(*`“\"]*"
    rf"({_ONE}\b[)*`”\"]*(?:\s*(?:,|and|or|nor|&)\s*{_ONE}\b)*)",
    re.IGNORECASE,
)
_CHOSEN = re.compile(
    r"\b(?:choose|pick|take|select|type|go (?:for|with)|"
    r"(?:answer|solution|choice|key|right one|correct one) (?:is|must be):?)"
    rf"\s+[(*`“\"]*({_ONE})\b(?![.,]\d)",
    re.IGNORECASE,
)
_RIGHT_ONE = re.compile(r"\b(?:answer|right|correct|true|choose|pick|go (?:for|with)|solution)\b")
_DENIED_BEFORE = re.compile(r"\b(?:not|nor|neither|never|than)(?: \w+){0,2} ?$")
_DENIED_AFTER = re.compile(r"^ ?(?:is|are|was)(?: \w+)? ?(?:not|wrong|false|incorrect|out)\b|^ ?isn t\b")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_SHORTEST_FORMULA = 4
_SMALL = 10
"""Whole numbers up to here are in every text; they are a key only where they are called the answer."""
_TOO_COMMON_WORDS = "a an the of to in on at is are it and or not no yes more less up"
_TOO_COMMON = frozenset(_TOO_COMMON_WORDS.split())


def gives_key(question: Question, text: str, shown: Sequence[str] = (), line: str = "") -> bool:
    """Whether a text gives the answer of a question that is open.

    shown: what may be said in any case: the move's authored words, the passages found. line: what the
    learner wrote, whose numbers may be repeated.
    """
    match question:
        case NumericQuestion(answer=answer, tolerance=tolerance):
            return _gives_number(answer, tolerance, text, shown, (question.ask, line))
        case PredictQuestion(answer=answer):
            return _gives_output(question, text, shown, line)
        case ClozeQuestion(cloze=cloze):
            return _gives_fill(cloze, text, (*shown, question.ask))
        case ChoiceQuestion():
            return _gives_option(question, text, shown)
        case OrderQuestion():
            return _gives_order(question, text, shown)
        case FormulaQuestion(answer=answer, accepts=accepts):
            return any(_gives_formula(one, text, (*shown, question.ask, line)) for one in (answer, *accepts))
        case ExplainQuestion():
            return any(_gives_fill(idea.cloze, text, (*shown, question.ask), whole=True)
                       for idea in question.expectations)  # fmt: skip
        case _:
            return False


def _gives_number(
    answer: float, tolerance: float, text: str, shown: Sequence[str], asked: Sequence[str]
) -> bool:
    """asked: texts whose numbers may be repeated, though none of them is the answer."""
    known = {value for one in (*shown, *asked) for value, _ in _numbers(one)}
    for value, start in _numbers(text):
        if abs(value - answer) > tolerance + 1e-9 * max(1.0, abs(answer)):
            continue
        if _is_called_answer(text[:start]) and not _stands_called(value, shown):
            return True
        is_small = float(answer).is_integer() and abs(answer) <= _SMALL
        if value not in known and not is_small:
            return True
    return False


def _stands_called(value: float, shown: Iterable[str]) -> bool:
    """Whether the move's own words already call this value a result."""
    return any(
        found == value and _is_called_answer(one[:start]) for one in shown for found, start in _numbers(one)
    )


def _is_called_answer(before: str) -> bool:
    """Whether what stands before a value says that it is the answer."""
    tail = r"\s*(?:about|roughly|exactly|just|simply|approximately|[:=≈`*_“\"'(])*\s*$"
    return re.search(part("answer") + tail, before, re.IGNORECASE) is not None


def _numbers(text: str) -> list[tuple[float, int]]:
    """The numbers of a text with where they begin: decimals, per cent, fractions, small ones spelled out."""
    found: list[tuple[float, int]] = []
    for match in _NUMBER.finditer(text):
        raw = match.group().replace("−", "-").replace(" ", "")
        plain = raw.rstrip("%")
        plain = (
            plain.replace(",", ".") if re.fullmatch(r"[+-]?\d+,\d{1,2}", plain) else plain.replace(",", "")
        )
        try:
            value = float(plain)
        except ValueError:  # a version such as 1.2.3
            continue
        found.append((value, match.start()))
        if raw.endswith("%"):
            found.append((value / 100, match.start()))
    for match in _FRACTION.finditer(text):
        if float(match.group(2)):
            found.append((float(match.group(1)) / float(match.group(2)), match.start()))
    for match in re.finditer(rf"\b(?:{'|'.join(_SPELLED)})\b", text, re.IGNORECASE):
        found.append((float(_SPELLED.index(match.group().lower())), match.start()))
    return found


def _gives_output(question: PredictQuestion, text: str, shown: Sequence[str], line: str) -> bool:
    asked = (question.ask, question.code, line)
    try:
        value = float(question.answer)
    except ValueError:  # it prints words, or several numbers
        return _gives_words(question.answer, text, (*shown, question.ask, question.code))
    return _gives_number(value, question.tolerance, text, shown, asked)


def _gives_fill(cloze: Cloze, text: str, shown: Sequence[str], whole: bool = False) -> bool:
    """A word that fills the blank; `whole`: only in the sentence that it completes."""
    around = [tokens(side) for side in cloze.text.split("___", 1)]
    for answer in cloze.answers:
        filled = [*around[0][-3:], *tokens(answer), *around[1][:3]]
        if len(filled) > len(tokens(answer)) + 2 and _holds(text, filled) and not any(
            _holds(one, filled) for one in shown
        ):  # fmt: skip
            return True
        if not whole and _gives_words(answer, text, (*shown, cloze.text)):
            return True
    return False


def _gives_formula(answer: str, text: str, shown: Sequence[str]) -> bool:
    """The formula as it is authored, blanks and marks aside; other forms of it are not looked for."""
    wanted, said = _compact(answer), _compact(text)
    return len(wanted) >= _SHORTEST_FORMULA and wanted in said and not any(
        wanted in _compact(one) for one in shown
    )  # fmt: skip


def _compact(text: str) -> str:
    plain = re.sub(r"[\s`$\\{}]", "", text.lower())
    return plain.replace("·", "*").replace("×", "*").replace("−", "-").replace("**", "^")


def _gives_words(answer: str, text: str, shown: Sequence[str]) -> bool:
    wanted = [stem(word) for word in tokens(answer)]
    if not wanted:
        return False
    if len(wanted) == 1 and (wanted[0] in _TOO_COMMON or len(wanted[0]) < 3 or wanted[0].isdigit()):
        called = re.search(
            part("answer") + r"\W*" + re.escape(answer.strip()) + r"(?!\w)", text, re.IGNORECASE
        )
        return called is not None and not any(called.group().lower() in one.lower() for one in shown)
    return _holds(text, wanted, stemmed=True) and not any(_holds(one, wanted, stemmed=True) for one in shown)


def _holds(text: str, wanted: Sequence[str], stemmed: bool = False) -> bool:
    said = [stem(word) for word in tokens(text)] if stemmed else tokens(text)
    length = len(wanted)
    return any(said[i : i + length] == list(wanted) for i in range(len(said) - length + 1))


def _gives_option(question: ChoiceQuestion, text: str, shown: Sequence[str]) -> bool:
    right = {place for place, option in enumerate(question.options) if option.correct}
    for sentence in _sentences(text):
        if any(sentence.strip() in one for one in shown) or sentence.rstrip().endswith("?"):
            continue
        named = _options_named(sentence, len(question.options))
        called = {
            place for place, option in enumerate(question.options) if _calls_right(sentence, option.text)
        }
        denied = (
            named
            if re.search(r"\b(?:not|n['’]t|wrong|false|incorrect|neither|nor|out)\b", sentence)
            else set[int]()
        )
        if (named - denied) and named - denied <= right:
            return True
        if called and called <= right:
            return True
        if denied and denied >= set(range(len(question.options))) - right and not denied & right:
            return True
    return False


def _options_named(sentence: str, count: int) -> set[int]:
    """Options that a sentence names by number, letter or place."""
    names: list[str] = []
    for match in _LABELLED.finditer(sentence):
        names += re.findall(r"\b\d{1,2}\b|\b[a-h]\b", match.group(1), re.IGNORECASE)
    names += [match.group(1) for match in _CHOSEN.finditer(sentence)]
    found = {int(name) - 1 if name.isdigit() else ord(name.lower()) - ord("a") for name in names}
    for place, ordinal in enumerate((*_ORDINALS[:count], "last")):
        if re.search(rf"\b{ordinal} (?:one|option|choice|answer|statement)\b", sentence, re.IGNORECASE):
            found.add(min(place, count - 1))
    return {place for place in found if 0 <= place < count}


def _calls_right(sentence: str, option: str) -> bool:
    """The option's own words, called the answer or the right one."""
    said, wanted = " ".join(tokens(sentence)), " ".join(tokens(option))
    before, found, after = said.partition(wanted)
    if not found or _DENIED_BEFORE.search(before) or _DENIED_AFTER.search(after):
        return False
    return _RIGHT_ONE.search(before) is not None or _RIGHT_ONE.search(after) is not None


def _gives_order(question: OrderQuestion, text: str, shown: Sequence[str]) -> bool:
    listed = shuffle_items(question)
    key = [listed.index(item) + 1 for item in question.items]
    numbers = r"\W{1,6}(?:then |and |before )?".join(map(str, key))
    letters = r"\W{1,6}(?:then |and )?".join(chr(ord("a") + place - 1) for place in key)
    found = re.search(rf"(?<!\d){numbers}(?!\d)|(?<!\w){letters}(?!\w)", text, re.IGNORECASE)
    if found and not any(found.group() in one for one in shown):
        return True
    said = " ".join(tokens(text))
    places = [said.find(" ".join(tokens(item)[:6])) for item in question.items]
    return min(places) >= 0 and places == sorted(places) and not any(text.strip() in one for one in shown)


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])\s+|\n+", text) if part.strip()]
