import ast
import time

import pytest

from teaching.formula.symbols import FormulaError, Symbol
from teaching.formula.tree import LONGEST, read_formula, read_formulas

SYMBOLS = {
    **{name: Symbol(name, f"the {name}") for name in ("w", "g", "x", "y")},
    "lr": Symbol("lr", "learning rate", "positive", also=("eta", "alpha")),
    "s": Symbol("s", "output", "unit"),
    "yhat": Symbol("y_hat", "prediction"),
    "n": Symbol("n", "number of items", "count"),
    "r": Symbol("r", "residual", each=True),
}


def plain(text: str) -> str:
    return read_formula(text, SYMBOLS).plain.replace("v_", "").replace("f_", "").replace("c_", "")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("s(1-s)", "s * (1 - s)"),
        ("s·(1−s)", "s * (1 - s)"),
        ("s - s²", "s - s ** 2"),
        ("$s(1-s)$.", "s * (1 - s)"),
        ("I think it's s(1-s), right?", "s * (1 - s)"),
        ("s' = s(1-s)", "s * (1 - s)"),
        ("w - lr*g", "w - lr * g"),
        ("w -= lr*g", "w - lr * g"),
        ("w := w − ηg", "w - lr * g"),
        ("w ← w - α·g", "w - lr * g"),
        ("W - LR*G", "w - lr * g"),
        ("2wx", "2 * w * x"),
        ("0,5x", "0.5 * x"),
        ("½(ŷ - y)^2", "1 / 2 * (yhat - y) ** 2"),
        ("1/2(y_hat-y)**2", "1 / 2 * (yhat - y) ** 2"),
        (r"\frac{1}{2}(\hat{y}-y)^{2}", "1 / 2 * (yhat - y) ** 2"),
        ("e^{-x}", "e ** (-x)"),
        (r"\sqrt{x}", "sqrt(x)"),
        ("√x", "sqrt(x)"),
        ("ln x + log(y)", "ln(x) + ln(y)"),
        ("sin²(x)", "sin(x) ** 2"),
        ("|x|", "abs(x)"),
        ("max(0, x)", "max(0, x)"),
        ("1/n sum(r_i)", "1 / n * sum(r)"),
        ("x[1-s]", "x * (1 - s)"),
        ("2π", "2 * pi"),
    ],
)
def test_a_formula_is_read_however_it_is_typed(typed: str, read: str) -> None:
    assert plain(typed) == read


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "no formula"),
        ("1/2x", "two ways"),
        ("log 2x", "brackets after `log`"),
        ("z + 1", "do not know `z`"),
        ("z + 1", "lr (learning rate)"),
        ("((x", "not closed"),
        ("x))", "not opened"),
        ("x +", "missing"),
        ("1 2", "side by side"),
        ("r + 1", "under sum"),
        ("sum(r*sum(r))", "sum inside a sum"),
        ("x =", "one side"),
        ("x ? y", "`?`"),
        ("sin(x, y)", "one thing"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_reason(typed: str, said: str) -> None:
    with pytest.raises(FormulaError) as caught:
        read_formula(typed, SYMBOLS)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "typed",
    [
        "9**9**9**9", "9^9^9", "((9^20)^20)^20", "x^1000000", "1" * 300, "x" * 10_000, "(" * 390,
        "-" * 399 + "x", "__import__('os').system('id')", "lambda: 1", "x.__class__", "x if x else y",
        "[x for x in y]",
        "open('/etc/passwd')", "exec(x)", "f'{x}'", "x\x00y", "x;y", "print(x)", "v_x", "f_sqrt",
        "𝕩\u202ex", "x+" * 199,
    ],
)  # fmt: skip
def test_a_hostile_text_ends_in_a_kind_answer_at_once(typed: str) -> None:
    before = time.process_time()
    with pytest.raises(FormulaError) as caught:
        read_formulas(typed, SYMBOLS)
    assert 10 < len(str(caught.value)) < LONGEST
    assert time.process_time() - before < 2


def test_only_listed_names_are_ever_in_a_tree() -> None:
    for typed in ("sqrt(x)+e^y", "mean(r)*pi", "lr*w"):
        names = {n.id for n in ast.walk(read_formula(typed, SYMBOLS).tree) if isinstance(n, ast.Name)}
        assert all(name.startswith(("v_", "f_", "c_")) for name in names)


def test_every_right_hand_side_is_read() -> None:
    assert [f.plain for f in read_formulas("f = x + x = 2x", SYMBOLS)] == ["v_x + v_x", "2 * v_x"]
