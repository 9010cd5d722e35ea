import ast

import pytest
import sympy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.unit import FormulaQuestion
from teaching.answers import judge_answer
from teaching.formula.comparison import Comparison, compare, tell_difference
from teaching.formula.judging import faults_of, judge_formula
from teaching.formula.points import random_points, value_at
from teaching.formula.proof import Proof, compare_trees, prove
from teaching.formula.symbols import Symbol
from teaching.formula.tree import Formula, read_formula

SYMBOLS = {
    **{name: Symbol(name, f"the {name}") for name in ("x", "y", "w", "g")},
    "p": Symbol("p", "a probability", "unit"),
    "n": Symbol("n", "number of items", "count"),
    "r": Symbol("r", "residual", each=True),
}


def here(one: Formula, other: Formula, up_to: str | None) -> Proof:
    """The proof without a process of its own, for speed."""
    return compare_trees(one.tree, other.tree, {k: (s.domain, s.each) for k, s in one.symbols.items()}, up_to)


def compared(said: str, wanted: str, up_to: str | None = None) -> Comparison:
    one, other = (read_formula(text, SYMBOLS, up_to=up_to) for text in (said, wanted))
    return compare(one, other, up_to, here)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("x^2 + 2xy + y^2", "(x+y)^2"),
        ("sin(x)^2 + cos(x)^2", "1"),
        ("1/(1+e^(-x))", "sigmoid(x)"),
        ("e^x/(1+e^x)", "sigmoid(x)"),
        ("exp(-x)/(1+exp(-x))^2", "sigmoid(x)(1-sigmoid(x))"),
        ("ln(p) - ln(1-p)", "ln(p/(1-p))"),
        ("2 sigmoid(2x) - 1", "tanh(x)"),
        ("sum(r^2)/n", "mean(r^2)"),
        ("(x + |x|)/2", "relu(x)"),
        ("1 - sum(r)/n + mean(r)", "1"),
        ("x/3", "0.5x - x/6"),
    ],
)
def test_equal_formulas_are_equal_in_any_form(said: str, wanted: str) -> None:
    assert compared(said, wanted).equal is True


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("x^2 + y^2", "(x+y)^2"),
        ("sqrt(x^2)", "x"),
        ("sum(r)", "mean(r)"),
        ("sum(r)/2", "mean(r)"),
        ("sum(r)^2", "sum(r^2)"),
        ("0.3333333x", "x/3"),
        ("x", "x + 0.00000000001"),
        ("p", "1-p"),
    ],
)
def test_formulas_that_differ_somewhere_are_not_equal(said: str, wanted: str) -> None:
    assert compared(said, wanted).equal is False


def test_up_to_a_constant_and_up_to_a_factor() -> None:
    assert compared("x^2/2 + C", "x^2/2", "constant").equal is True
    assert compared("x^2/2 - 7", "x^2/2", "constant").equal is True
    assert compared("x^2", "x^2/2", "constant").equal is False
    assert compared("-3x", "x", "factor").equal is True
    assert compared("xy", "x", "factor").equal is False
    assert compared("0", "x", "factor").equal is False


def test_a_formula_without_values_cannot_be_compared() -> None:
    assert compared("sqrt(-1 - x^2)", "x").equal is None


@pytest.mark.parametrize(
    ("said", "wanted", "told"),
    [
        ("p(p-1)", "p(1-p)", "sign"),
        ("w + p*g", "w - p*g", "One term has the wrong sign"),
        ("2p(1-p)", "p(1-p)", "2 times"),
        ("(x-y)^2", "(x-y)^2/2", "2 times"),
        ("x*g", "g", "factor"),
        ("w - g", "w - p*g", "In one term a factor"),
        ("w", "w - p*g", "missing"),
        ("x^2 + y + 1", "x^2 + y", "without `1`"),
        ("0.333x", "x/3", "rounded"),
        ("sin(x)", "exp(y)", ""),
    ],
)
def test_a_plain_difference_is_named_and_no_other(said: str, wanted: str, told: str) -> None:
    sentence = tell_difference(read_formula(said, SYMBOLS), read_formula(wanted, SYMBOLS))
    assert told in sentence and bool(told) == bool(sentence)


def test_the_proof_runs_in_a_process_with_a_clock() -> None:
    one, other = read_formula("p - p^2", SYMBOLS), read_formula("p(1-p)", SYMBOLS)
    assert prove(one, other, seconds=60) == "equal"
    assert prove(one, other, seconds=0.001) == "unknown"


_LEAVES = st.sampled_from(["x", "y", "p", "1", "2", "3", "w"])


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda a: f"({a})^2"),
        inner.map(lambda a: f"sin({a})"),
        inner.map(lambda a: f"exp(p*({a}))"),
        inner.map(lambda a: f"({a})/(1+p)"),
    )


_FORMULAS = st.recursive(_LEAVES, _grow, max_leaves=5)
_QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)


def _rewritten(text: str, rewrite: str) -> str:
    """SymPy's own rewriting of a formula, by its printer; SymPy reads no learner's text here."""
    names = {name: sympy.Symbol(name, real=True) for name in SYMBOLS}
    given_to = {**names, "exp": sympy.exp, "sin": sympy.sin}
    whole = eval(text.replace("^", "**"), {"__builtins__": {}}, given_to)  # noqa: S307  our own text
    rewrites = {
        "expand": sympy.expand,
        "factor": sympy.factor,
        "trig": sympy.expand_trig,
        "together": sympy.together,
    }
    return str(rewrites[rewrite](sympy.sympify(whole)))


@_QUICK
@given(_FORMULAS, st.sampled_from(["expand", "factor", "trig", "together"]))
def test_a_formula_rewritten_by_sympy_is_equal(text: str, rewrite: str) -> None:
    said, wanted = _rewritten(text, rewrite), text
    if (
        len(said) < 300
        and value_at(read_formula(wanted, SYMBOLS).tree, random_points(SYMBOLS)[0]) is not None
    ):
        verdict = compared(said, wanted)
        assert verdict.equal is True or verdict.equal is None


@_QUICK
@given(_FORMULAS, st.sampled_from(["({}) + 1", "({}) - x", "2*({}) + 3", "({}) + p*y", "({}) + sin(x)"]))
def test_a_formula_that_was_changed_is_not_equal(text: str, change: str) -> None:
    wanted = read_formula(text, SYMBOLS)
    said = read_formula(change.format(text), SYMBOLS)
    points = random_points(SYMBOLS)
    pairs = [(value_at(said.tree, point), value_at(wanted.tree, point)) for point in points]
    clear = [abs(a - b) > 1e-3 * max(abs(a), abs(b)) for a, b in pairs if a is not None and b is not None]
    if sum(clear) > 10:
        assert compare(said, wanted, None, here).equal is False


@_QUICK
@given(st.text(max_size=60))
def test_any_text_is_judged_or_declined_and_nothing_is_raised(text: str) -> None:
    judged = judge_formula(QUESTION, text, here)
    assert judged.correct in (True, False, None)
    assert judged.correct is not None or judged.feedback


QUESTION = FormulaQuestion.model_validate(
    {
        "id": "q", "kind": "formula", "ask": "Differentiate the sigmoid.", "answer": "s*(1-s)",
        "symbols": {"s": {"says": "output of the sigmoid", "domain": "unit", "also": ["σ"]}},
        "accepts": ["s - s^2"], "wrong": [{"formula": "s", "misconception": "slope-is-height"}],
        "hints": ["a", "b"], "why": "By the quotient rule.",
    }
)  # fmt: skip


def test_a_formula_question_is_judged_with_its_reasons() -> None:
    right = judge_answer(QUESTION, "σ - σ²", misconceptions={})
    assert right.correct is True and "quotient rule" in right.feedback
    wrong = judge_answer(QUESTION, "s(s-1)", misconceptions={})
    assert wrong.correct is False and "sign" in wrong.feedback and "quotient" not in wrong.feedback
    assert judge_answer(QUESTION, "s", misconceptions={}).misconception == "slope-is-height"
    unread = judge_answer(QUESTION, "the slope", misconceptions={})
    assert unread.correct is None and "`the`" in unread.feedback


def test_two_different_formulas_joined_by_an_equals_sign_are_asked_about() -> None:
    judged = judge_formula(QUESTION, "f = s(1-s) = s + 1", here)
    assert judged.correct is None and "Which one" in judged.feedback


def test_a_question_whose_forms_disagree_is_caught() -> None:
    broken = QUESTION.model_copy(
        update={
            "accepts": ["s + s^2", "s +"],
            "wrong": [QUESTION.wrong[0].model_copy(update={"formula": "s-s^2"})],
        }
    )
    said = "\n".join(faults_of(broken, here))
    assert "“s + s^2” does not equal" in said
    assert "“s +” cannot be read" in said
    assert "“s-s^2” equals the answer" in said
    assert list(faults_of(QUESTION, here)) == []


def test_an_answer_without_values_is_caught() -> None:
    broken = QUESTION.model_copy(update={"answer": "sqrt(-s)", "accepts": [], "wrong": []})
    assert any("domain" in fault for fault in faults_of(broken, here))


def test_a_tree_is_read_back_as_it_was_written() -> None:
    formula = read_formula("w - p*sum(r)/n", SYMBOLS)
    assert ast.unparse(ast.parse(formula.plain, mode="eval").body) == formula.plain
