from fractions import Fraction

import pytest
from lesson_fixture import MISCONCEPTIONS, explain_question

from knowledge.public import shuffle_items
from knowledge.unit import (
    ChoiceQuestion,
    Cloze,
    ClozeQuestion,
    CodeQuestion,
    NumericQuestion,
    Option,
    OrderQuestion,
    PredictQuestion,
    Question,
    WrongValue,
)
from teaching.answers import Verdict, fills, judge_answer
from teaching.number import parse_number
from tutor_error import TutorError

CHOICE = ChoiceQuestion(
    id="q", kind="choice", ask="Which way?", why="Because of the minus sign.",
    options=[
        Option(text="Uphill", misconception="gradient-points-downhill"),
        Option(text="Downhill", correct=True),
        Option(text="Nowhere at all"),
    ],
)  # fmt: skip
NUMERIC = NumericQuestion(
    id="q", kind="numeric", ask="How much?", answer=0.75, tolerance=1e-3, why="Three of four.", unit="ms",
    wrong=[WrongValue(value=0.25, misconception="counts-the-rest")],
)  # fmt: skip
ORDER = OrderQuestion(
    id="q",
    kind="order",
    ask="In which order?",
    items=["forward pass", "loss", "backward pass", "step"],
    why="So.",
)


def judge(question: Question, answer: str) -> Verdict:
    return judge_answer(question, answer, misconceptions=MISCONCEPTIONS)


def place(question: ChoiceQuestion, text: str) -> int:
    return 1 + [option.text for option in question.options].index(text)


@pytest.mark.parametrize(
    "form", ["{n}", "{a}", "{A})", "({n})", "option {n}", "I think it's {a}", "downhill", "Downhill."]
)
def test_an_option_is_named_by_number_letter_or_text(form: str) -> None:
    n = place(CHOICE, "Downhill")
    verdict = judge(CHOICE, form.format(n=n, a="abc"[n - 1], A="ABC"[n - 1]))
    assert verdict.correct is True and verdict.score == 1.0
    assert verdict.feedback.startswith("Right.")


def test_a_wrong_option_names_its_misconception_and_not_the_answer() -> None:
    verdict = judge(CHOICE, str(place(CHOICE, "Uphill")))
    assert verdict.correct is False
    assert verdict.misconception == "gradient-points-downhill"
    assert "Downhill" not in verdict.feedback and CHOICE.why not in verdict.feedback


@pytest.mark.parametrize("answer", ["7", "0", "purple", "z"])
def test_an_option_that_does_not_exist_is_not_a_wrong_answer(answer: str) -> None:
    assert judge(CHOICE, answer).correct is None


def test_all_correct_options_are_needed_when_there_are_several() -> None:
    options = [
        Option(text="Dropout", correct=True),
        Option(text="More epochs"),
        Option(text="Weight decay", correct=True),
    ]
    question = ChoiceQuestion(id="q", kind="choice", ask="Which help?", options=options, why="Both do.")
    first, second = place(question, "Dropout"), place(question, "Weight decay")
    assert judge(question, f"{first} and {second}").correct is True
    half = judge(question, f"{first}")
    assert half.correct is False and half.score == 0.5


def test_an_option_that_is_a_number_is_meant_before_its_place() -> None:
    options = [Option(text="2"), Option(text="1", correct=True)]
    question = ChoiceQuestion(id="q", kind="choice", ask="How many?", options=options, why="One.")
    assert judge(question, "1").correct is True


@pytest.mark.parametrize(
    "answer",
    [
        "0.75",
        "3/4",
        "75 %",
        "75%",
        ".75",
        "0,75",
        "7.5e-1",
        "0.75 ms",
        "= 0.75",
        "x = 3/4",
        "about 0.75",
        "¾",
    ],
)
def test_a_number_is_read_however_it_is_typed(answer: str) -> None:
    assert judge(NUMERIC, answer).correct is True


def test_a_known_wrong_value_names_its_misconception() -> None:
    assert judge(NUMERIC, "1/4").misconception == "counts-the-rest"
    other = judge(NUMERIC, "0.5")
    assert other.correct is False and other.misconception is None


@pytest.mark.parametrize(
    "answer", ["many", "", "more than half", "1/0", "0.7 or 0.8", "nan", "__import__('os')", "9**9**9"]
)
def test_what_is_no_number_is_not_wrong_evidence(answer: str) -> None:
    verdict = judge(NUMERIC, answer)
    assert verdict.correct is None and "number" in verdict.feedback


def test_numbers_agree_with_exact_fractions() -> None:
    for top in range(-20, 21):
        for bottom in (1, 3, 7, 10):
            assert parse_number(f"{top}/{bottom}") == pytest.approx(float(Fraction(top, bottom)))


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,000", 1000.0), ("1,234,567.5", 1234567.5), ("0,001", 0.001), ("1×10^-3", 1e-3), ("−2", -2.0),
     ("2²", 4.0), ("√2", 2**0.5), ("sqrt(9)", 3.0), ("π/4", 0.7853981633974483), ("ln(e)", 1.0),
     ("2*3=6", 6.0)],
)  # fmt: skip
def test_notations_of_mathematics_are_read(text: str, value: float) -> None:
    assert parse_number(text) == pytest.approx(value)


def test_percent_stays_percent_where_that_is_the_unit() -> None:
    assert parse_number("75 %", "%") == 75.0
    assert parse_number("75 %") == 0.75


CLOZE = Cloze(text="No single ___ separates the classes.", answers=["line", "hyperplane"])


@pytest.mark.parametrize(
    "answer", ["line", "Line.", "a line", "lines", "hyperplan", "No single hyperplane separates the classes."]
)
def test_a_blank_takes_the_word_its_ending_and_a_small_typo(answer: str) -> None:
    assert fills(CLOZE, answer)


@pytest.mark.parametrize("answer", ["", "lime", "not line", "curve", "line segment of the plane"])
def test_a_blank_does_not_take_another_word(answer: str) -> None:
    assert not fills(CLOZE, answer)


def test_symbols_and_signs_in_a_blank_count() -> None:
    cloze = Cloze(text="The sign is ___.", answers=["-1"])
    assert fills(cloze, "-1") and fills(cloze, "−1") and fills(cloze, "-1.0")
    assert not fills(cloze, "1")
    assert fills(Cloze(text="y = ___", answers=["W @ x"]), "W@x")
    assert not fills(Cloze(text="y = ___", answers=["W @ x"]), "W * x")


def test_a_cloze_question_tells_why_only_after_the_right_word() -> None:
    question = ClozeQuestion(id="q", kind="cloze", ask="Fill in.", cloze=CLOZE, why="XOR needs two.")
    assert "XOR needs two." in judge(question, "line").feedback
    assert "XOR needs two." not in judge(question, "curve").feedback


def test_the_right_order_is_right_by_number_and_by_text() -> None:
    shown = shuffle_items(ORDER)
    places = [shown.index(item) + 1 for item in ORDER.items]
    assert judge(ORDER, ", ".join(map(str, places))).correct is True
    assert judge(ORDER, "".join(map(str, places))).correct is True
    assert judge(ORDER, "forward pass -> loss -> backward pass -> step").correct is True


def test_a_wrong_order_scores_the_pairs_that_are_right() -> None:
    shown = shuffle_items(ORDER)
    swapped = [ORDER.items[1], ORDER.items[0], *ORDER.items[2:]]
    verdict = judge(ORDER, " ".join(str(shown.index(item) + 1) for item in swapped))
    assert verdict.correct is False
    assert verdict.score == pytest.approx(5 / 6)


@pytest.mark.parametrize("answer", ["1, 2", "1, 1, 2, 3", "5, 1, 2, 3", "first the loss"])
def test_a_list_that_is_no_order_of_all_items_cannot_be_judged(answer: str) -> None:
    assert judge(ORDER, answer).correct is None


def test_a_prediction_is_compared_as_printed_and_within_tolerance() -> None:
    exact = PredictQuestion(
        id="q", kind="predict", ask="?", code="print((2, 3))", answer="(2, 3)", why="Rows first."
    )
    assert judge(exact, "(2,3)").correct is True
    assert judge(exact, "2, 3").correct is True
    assert judge(exact, "(3, 2)").correct is False
    near = PredictQuestion(
        id="q", kind="predict", ask="?", code="print(x)", answer="[0.33 0.67]", tolerance=0.01, why="A third."
    )
    assert judge(near, "[0.333, 0.667]").correct is True
    assert judge(near, "[0.5, 0.5]").correct is False
    word = PredictQuestion(id="q", kind="predict", ask="?", code="print(a == b)", answer="True", why="Equal.")
    assert judge(word, "true").correct is True
    assert judge(word, "False").correct is False


def test_code_is_never_judged_by_its_words() -> None:
    with pytest.raises(TutorError) as caught:
        judge(CodeQuestion(id="q", kind="code", ask="Write it."), "w = w - lr * g")
    assert caught.value.code == "needs-grading"


def test_an_explanation_counts_what_was_said_before() -> None:
    question = explain_question()
    verdict = judge_answer(
        question, question.expectations[1].variants[0], misconceptions=MISCONCEPTIONS,
        covered_before=frozenset({"uphill", "overshoot"}),
    )  # fmt: skip
    assert verdict.covered == ("step-size",)
    assert verdict.correct is True and verdict.score == 1.0


def test_a_partial_explanation_is_confirmed_and_left_open() -> None:
    question = explain_question()
    verdict = judge(question, question.expectations[0].says)
    assert verdict.correct is None and verdict.score == pytest.approx(1 / 3)
    assert "1 of 3 ideas" in verdict.feedback
