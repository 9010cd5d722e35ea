"""The names that a question lets a formula use, and the functions that all may use.

The one rule owned here: a name is known by its key, so that `x_1`, `x1` and `x₁` are one symbol.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.unit import FormulaQuestion
from teaching.formula.notation import symbol_key

FUNCTIONS = {
    "sqrt": "sqrt", "exp": "exp", "ln": "ln", "log": "ln", "log2": "log2", "log10": "log10", "sin": "sin",
    "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "abs": "abs", "sign": "sign",
    "sgn": "sign", "max": "max", "min": "min", "relu": "relu", "sigmoid": "sigmoid", "logistic": "sigmoid",
    "sigma": "sigmoid", "softplus": "softplus", "sum": "sum", "mean": "mean", "avg": "mean",
}  # fmt: skip
"""What may stand before a bracket, and the name it goes by; `log` is the natural logarithm."""


class FormulaError(Exception):
    """Why a text is no formula that can be read; the message is for the one who typed it."""


@dataclass(frozen=True)
class Symbol:
    """A name that a formula may use. each: one value an item of the data, met under `sum` or `mean`."""

    name: str
    says: str
    domain: str = "real"
    each: bool = False
    also: tuple[str, ...] = ()


def symbols_of(question: FormulaQuestion) -> dict[str, Symbol]:
    """The question's symbols by the key of their name."""
    found: dict[str, Symbol] = {}
    for name, told in question.symbols.items():
        if isinstance(told, str):
            found[symbol_key(name)] = Symbol(name, told)
        else:
            found[symbol_key(name)] = Symbol(name, told.says, told.domain, told.each, tuple(told.also))
    return found


def tell_symbols(symbols: Mapping[str, Symbol]) -> str:
    told = ", ".join(f"{symbol.name} ({symbol.says})" for symbol in symbols.values())
    return f"Write it in terms of {told}." if told else "Write it with numbers and + - * / ^."
