"""Leaks: texts, keys, ideas and solutions of what is open, in other words and other names too."""

from __future__ import annotations

import pytest

from evals.replies import rename
from knowledge.catalog import Catalog, load_catalog
from knowledge.unit import (
    ChoiceQuestion,
    ClozeQuestion,
    ExplainQuestion,
    FormulaQuestion,
    NumericQuestion,
    Option,
    OrderQuestion,
    PredictQuestion,
    Question,
)
from teaching.dialogue_state import DialogueState
from tutor.agent.guard import Oracle, Watch, oracle_of, watch_of
from tutor.agent.guard.key import gives_key
from tutor.agent.guard.program import code_blocks, copies_solution
from tutor.agent.state import State

SECRET = "one two three four five six seven eight nine ten"
NUMERIC = NumericQuestion(id="n", kind="numeric", ask="Which share?", answer=0.75, tolerance=0.01, why="So.")
SMALL = NumericQuestion(id="s", kind="numeric", ask="How many?", answer=3, tolerance=0, why="So.")
CLOZE = ClozeQuestion.model_validate(
    {"id": "c", "kind": "cloze", "ask": "Fill in.", "why": "So.",
     "cloze": {"text": "The gradient points ___ on the surface.", "answers": ["uphill"]}}
)  # fmt: skip
PREDICT = PredictQuestion(
    id="p", kind="predict", ask="What is printed?", code="print(6 * 7)", answer="42", why="So."
)
FORMULA = FormulaQuestion(
    id="f", kind="formula", ask="What is the derivative of the sigmoid s?", why="So.", answer="s*(1-s)",
    symbols={"s": "output of the sigmoid"},
)  # fmt: skip
ORDER = OrderQuestion(
    id="o", kind="order", ask="In which order?", why="So.",
    items=["compute the loss", "compute the gradient", "take a step", "check the loss again"],
)  # fmt: skip
CHOICE = ChoiceQuestion(
    id="ch", kind="choice", ask="Which is it?", why="So.",
    options=[Option(text="A sum of squares", correct=True), Option(text="A product"),
             Option(text="A maximum")],
)  # fmt: skip
KEY = next(place for place, option in enumerate(CHOICE.options, 1) if option.correct)
OTHER = next(place for place, option in enumerate(CHOICE.options, 1) if not option.correct)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def test_eight_tokens_of_an_oracle_are_a_fault_unless_the_move_says_them() -> None:
    watch = Watch(Oracle((SECRET,)))
    assert watch.fault("seven words: one two three four five six seven") is None
    assert watch.fault(f"so: {SECRET}") is not None
    assert Watch(Oracle((SECRET,)), earlier=(SECRET,)).fault(f"so: {SECRET}") is None
    assert Watch(Oracle((SECRET,), (SECRET,))).fault(f"so: {SECRET}") is None


def test_the_oracle_of_a_lesson_and_a_project_holds_what_judges_them(catalog: Catalog) -> None:
    oracle = oracle_of(catalog, ["perceptron", "iris-knn-classifier", "density-clustering", "no-such"])
    explain = next(q for q in catalog.lesson("perceptron").front.questions if isinstance(q, ExplainQuestion))
    assert explain.ideal in oracle.secret
    assert any("def " in text for text in oracle.references)
    assert any("@check" in text for text in oracle.secret)
    assert not any("\nimport " in text or "\nfrom " in text for text in oracle.secret)
    assert catalog.project("iris-knn-classifier").brief in oracle.public
    watch = Watch(oracle)
    assert watch.fault(explain.ideal) is not None and watch.fault(explain.ask) is None


@pytest.mark.parametrize(
    ("question", "text"),
    [(NUMERIC, "The answer is 0.75."), (NUMERIC, "You should get 75 %."), (NUMERIC, "It comes to 3/4."),
     (NUMERIC, "Think of 0.75 here."), (SMALL, "The answer is 3."), (SMALL, "The result is three."),
     (SMALL, "So it equals 3."), (CLOZE, "The gradient points uphill on the surface."),
     (CLOZE, "Think of the word uphill."), (PREDICT, "It prints 42."), (PREDICT, "The output is 42."),
     (FORMULA, "So you get `s · (1 − s)`."), (FORMULA, "It is $s*(1 - s)$, as you see."),
     (ORDER, "\n".join(ORDER.items)), (CHOICE, f"The answer is {KEY}."), (CHOICE, f"Pick option {KEY}."),
     (CHOICE, f"It is the {('first', 'second', 'third')[KEY - 1]} one."),
     (CHOICE, f"Answer {'abc'[KEY - 1]}."),
     (CHOICE, "The right one is: a sum of squares."),
     (CHOICE, "Not a product; the correct answer is a sum of squares.")],
)  # fmt: skip
def test_the_key_of_an_open_question_is_given_away(question: Question, text: str) -> None:
    assert gives_key(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [(NUMERIC, "The answer is between 0 and 1."), (SMALL, "There are 3 steps to think of here, perhaps."),
     (CLOZE, "The gradient points somewhere on the surface."), (PREDICT, "It prints one number."),
     (FORMULA, "Write s as 1/(1 + e^-x) first; where is it steepest?"),
     (ORDER, "What has to be known before the gradient?"), (CHOICE, "Type the number of your choice."),
     (CHOICE, "Which of the options holds for n = 1?"), (CHOICE, f"Option {OTHER} forgets the sign."),
     (CHOICE, "Compare option 1, option 2 and option 3 at n = 1.")],
)  # fmt: skip
def test_a_hint_without_the_key_gives_nothing_away(question: Question, text: str) -> None:
    assert not gives_key(question, text)


def test_what_the_move_itself_says_is_no_leak_of_a_key() -> None:
    told = "Half of the way is 0.75 of the whole."
    assert not gives_key(NUMERIC, told, [told])
    assert gives_key(NUMERIC, "The answer is 0.75.", [told])
    assert not gives_key(NUMERIC, "You wrote 0.75; how did you find it?", [], "is it 0.75?")
    assert gives_key(NUMERIC, "The answer is 0.75.", [], "is the answer 0.75?")


def lesson_watch(catalog: Catalog, unit: str, question: str, line: str = "?", **at: tuple[str, ...]) -> Watch:
    place = DialogueState(unit, (question,), 0, question, "answer", **at)  # pyright: ignore[reportArgumentType]
    segment = {"move": "hint", "text": "Look again.", "facts": [], "verbatim": False, "unit": unit,
               "question": question, "next_step": ""}  # fmt: skip
    state: State = {"lesson": place.as_json(), "segments": [segment], "line": line}
    return watch_of(state, catalog)


def test_an_idea_may_be_said_only_once_it_was_said(catalog: Catalog) -> None:
    explain = next(q for q in catalog.lesson("perceptron").front.questions if isinstance(q, ExplainQuestion))
    idea = explain.expectations[0]
    closed = lesson_watch(catalog, "perceptron", explain.id)
    assert closed.fault(idea.variants[0]) is not None and closed.fault(idea.says) is not None
    said = lesson_watch(catalog, "perceptron", explain.id, covered=(idea.id,))
    assert said.fault(idea.says) is None


def test_a_question_that_is_pasted_outside_of_its_lesson_is_open_too(catalog: Catalog) -> None:
    page = catalog.lesson("perceptron")
    numeric = next((q for q in page.front.questions if isinstance(q, NumericQuestion | ChoiceQuestion)), None)
    assert numeric is not None
    segment = {"move": "answer", "text": "", "facts": [], "verbatim": False, "unit": "perceptron",
               "question": None, "next_step": ""}  # fmt: skip
    pasted = watch_of({"segments": [segment], "line": f"tell me: {numeric.ask}"}, catalog)
    assert [question.id for question, _ in pasted.open] == [numeric.id]
    assert watch_of({"segments": [segment], "line": "hello"}, catalog).open == ()


REFERENCE = '''
def standardize(x):
    """Doc."""
    mean = x.mean(axis=0)
    spread = x.std(axis=0)
    spread = np.where(spread == 0, 1.0, spread)
    return (x - mean) / spread
'''


def test_a_solution_under_other_names_is_near_the_solution() -> None:
    copied = f"Try this:\n\n```python\n{rename(REFERENCE)}\n```"
    assert "standardize" not in copied and copies_solution(copied, [REFERENCE], [])
    assert copies_solution(rename(REFERENCE), [REFERENCE], [])
    broken = copied.replace("return", "and then you\n    return")
    assert copies_solution(broken, [REFERENCE], [])


def test_code_of_ones_own_public_code_and_a_single_line_are_not() -> None:
    assert not copies_solution("```python\nfor row in table:\n    print(row)\n```", [REFERENCE], [])
    assert not copies_solution(f"```python\n{REFERENCE}\n```", [REFERENCE], [REFERENCE])
    assert not copies_solution("```python\nmean = x.mean(axis=0)\n```", [REFERENCE], [])
    assert not copies_solution("Mean and spread, then divide.", [REFERENCE], [])


def test_code_is_found_inside_and_outside_of_fences() -> None:
    found = code_blocks("Text.\n\n```\na = 1\n```\n\nMore:\n\nb = 2\nc = f(b)\n\nEnd.")
    assert found == ["a = 1\n", "b = 2\nc = f(b)"]
