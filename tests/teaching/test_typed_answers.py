"""What learners type for short answers, and how it is judged: right, wrong, or not readable (None)."""

# ruff: noqa: E501  (a table reads best a row of answers a line)

import pytest

from knowledge.public import shuffle_items
from knowledge.unit import (
    Cloze,
    ClozeQuestion,
    NumericQuestion,
    OrderQuestion,
    PredictQuestion,
    Question,
)
from teaching.answers import judge_answer
from teaching.hedging import bare_answer
from teaching.number import parse_number
from teaching.picking import pick_options

SHARE = NumericQuestion(id="q", kind="numeric", ask="?", answer=0.75, tolerance=1e-3, why="w")
SMALL = NumericQuestion(id="q", kind="numeric", ask="?", answer=1e-3, tolerance=1e-6, why="w")
LOSS = NumericQuestion(id="q", kind="numeric", ask="?", answer=-2, tolerance=0, why="w")
OPTIONS = ["the mean of the errors", "weight decay", "a larger batch", "early stopping"]
ORDER = OrderQuestion(id="q", kind="order", ask="?", items=["load", "split", "scale", "fit"], why="w")
WORD = ClozeQuestion(
    id="q", kind="cloze", ask="?", cloze=Cloze(text="The ___ token.", answers=["next"]), why="w"
)
PRINTED = PredictQuestion(id="q", kind="predict", ask="?", code="print(0.5 < 1)", answer="True", why="w")


def judged(question: Question, answer: str) -> bool | None:
    return judge_answer(question, answer, misconceptions={}).correct


@pytest.mark.parametrize(
    ("question", "answer", "correct"),
    [
        *[(SHARE, said, True) for said in (
            "0,75", "3/4", "75 %", "75%", "75 percent", ".75", "0.75?", "is it 0.75?", "I think it's 0.75",
            "approx .75", "approx. 0.75", "~0.75", "0.75, not sure though", "0.75 maybe", "three quarters", "6 of 8",
            "6 out of 8", "six out of eight", "7.5e-1", "7.5x10^-1", "7.5*10^-1", "= 3/4",
            "6/8 = 0.75", "my answer is 3/4.", "I'd say 0.75", "0.75!", "$0.75$", "¾", "so 0.75", "the result is 0.75",
        )],
        *[(SHARE, said, False) for said in ("0.5", "1/4", "25 %", "-0.75", "7.5", "half", "0.75 %", "minus 0.75")],
        *[(SHARE, said, None) for said in (
            "75", "", "?", "none", "a lot", "0.7 or 0.8", "more than 0.75", "not 0.75", "less than 1",
        )],
        *[(SMALL, said, True) for said in ("1e-3", "1E-3", "10^-3", "1*10^-3", "1 x 10^-3", "0,001", "1/1000", "0.1%")],
        *[(LOSS, said, True) for said in ("-2", "−2", "minus 2", "minus two", "negative two", "- 2", "it's -2")],
        (LOSS, "2", False),
        *[(WORD, said, True) for said in ("next", "Next.", "next?", "it's next", "the next", "I think next", '"next"')],
        *[(WORD, said, False) for said in ("last", "not next", "previous", "the one after next")],
        *[(PRINTED, said, True) for said in ("True", "true", "True?", "it prints True", "I think True", "`True`")],
        *[(PRINTED, said, False) for said in ("False", "not True", "0.5")],
    ],
)  # fmt: skip
def test_a_short_answer_is_judged_by_what_it_says(
    question: Question, answer: str, correct: bool | None
) -> None:
    assert judged(question, answer) is correct


@pytest.mark.parametrize(
    ("answer", "places"),
    [
        ("2", {2}), ("b", {2}), ("b)", {2}), ("(b)", {2}), ("B.", {2}), ("2.", {2}), ("#2", {2}), ("option two", {2}),
        ("Option 2", {2}), ("the second one", {2}), ("second", {2}), ("2nd", {2}), ("the 2nd option", {2}),
        ("number two", {2}), ("I think it's b", {2}), ("is it 2?", {2}), ("b I think", {2}), ("b, because it shrinks", {2}),
        ("2: it shrinks the weights", {2}), ("I'd go with the second", {2}), ("first", {1}), ("the first", {1}),
        ("one", {1}), ("option one", {1}), ("the last one", {4}), ("last", {4}), ("2 and 3", {2, 3}), ("A and C", {1, 3}),
        ("a, c", {1, 3}), ("1 & 2", {1, 2}), ("the first and the third", {1, 3}), ("2/3", {2, 3}), ("b+d", {2, 4}),
        ("all of them", {1, 2, 3, 4}), ("both", set()), ("none", set()), ("5", set()), ("0", set()), ("1 or 2", set()),
        ("either 1 or 2", set()), ("not 2", set()), ("weight decay", {2}), ("Weight decay?", {2}),
        ("I choose weight decay", {2}), ("early stoping", {4}), ("the fifth", set()), ("none of them", set()), ("", set()),
        ("a larger batch", {3}), ("maybe the third", {3}),
    ],
)  # fmt: skip
def test_an_option_is_picked_as_people_name_it(answer: str, places: set[int]) -> None:
    assert {place + 1 for place in pick_options(OPTIONS, answer)} == places


FORMS = (
    "{0}, {1}, {2}, {3}", "{0} {1} {2} {3}", "{0}{1}{2}{3}", "{0}-{1}-{2}-{3}", "{0} > {1} > {2} > {3}",
    "{0} -> {1} -> {2} -> {3}", "{0} then {1} then {2} then {3}", "first {0}, then {1}, then {2} and finally {3}",
    "the order is {0} {1} {2} {3}", "I think {0}, {1}, {2}, {3}?", "{0}, {1}, {2} and {3}", "#{0} #{1} #{2} #{3}",
    "{0}.{1}.{2}.{3}.", "{0}; {1}; {2}; {3}",
)  # fmt: skip


def _is_written(form: str, labels: str) -> bool:
    """Words stand apart, and names of several words have a sign between them."""
    is_close = "{0}{1}" in form or "{0}." in form or "#" in form or "-{1}" in form
    if labels in ("words", "texts") and is_close:
        return False
    return labels != "texts" or ("{0} {1}" not in form and " and {3}" not in form)


@pytest.mark.parametrize(
    ("form", "labels"),
    [
        (form, labels)
        for form in FORMS
        for labels in ("numbers", "letters", "words", "texts")
        if _is_written(form, labels)
    ],
)
def test_an_order_is_read_as_people_write_it(form: str, labels: str) -> None:
    shown = shuffle_items(ORDER)
    places = [shown.index(item) for item in ORDER.items]
    names = {
        "numbers": [str(place + 1) for place in places],
        "letters": ["abcd"[place] for place in places],
        "words": [("one", "two", "three", "four")[place] for place in places],
        "texts": ORDER.items,
    }[labels]
    assert judged(ORDER, form.format(*names)) is True
    assert judged(ORDER, form.format(*reversed(names))) is False


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,5", 1234.5), ("5k", 5000.0), ("7 million", 7e6), ("1.2 billion", 1.2e9), ("two thirds", 2 / 3),
        ("a half", 0.5), ("a third", 1 / 3), ("3 in 4", 0.75), ("2x10^3", 2000.0), ("twelve", 12.0), ("about 5", 5.0),
    ],
)  # fmt: skip
def test_numbers_in_words_and_with_scales_are_read(text: str, value: float) -> None:
    assert parse_number(text) == pytest.approx(value)


def test_only_the_frame_of_an_answer_is_taken_off() -> None:
    assert bare_answer("I think it's 0.75, not sure though?") == "0.75"
    assert bare_answer("not 2") == "not 2"
    assert bare_answer("maybe") == "maybe"
    assert bare_answer("less than 1, right?") == "less than 1"
