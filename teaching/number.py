"""Numbers as learners type them: 0.75, 0,75, 3/4, 75 %, 1e-3, 1×10^-3, √2, π/4, 5 ms.

The one rule owned here: a text is a number only when all of it is; anything else is
None, which is "not a number" and never a wrong number.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable

_LONGEST = 120
_LARGEST_POWER = 400
_LEAD = re.compile(
    r"^(?:(?:i think|i guess|i get|it is|it's|its|that is|that's|the answer is|answer|about|around|roughly|"
    r"approximately|approx|ca|exactly|maybe|probably)\b[.:]?\s*|[≈~=:]\s*)+"
)
_NAMES = {"pi": math.pi, "e": math.e, "π": math.pi}
_CALLS: dict[str, Callable[[float], float]] = {
    "sqrt": math.sqrt, "ln": math.log, "log": math.log, "exp": math.exp, "log2": math.log2,
    "log10": math.log10, "abs": abs,
}  # fmt: skip
_SIGNS = {
    "−": "-", "–": "-", "×": "*", "·": "*", "÷": "/", "^": "**", "½": "(1/2)", "¼": "(1/4)", "¾": "(3/4)",
    "⅓": "(1/3)", "⅔": "(2/3)", "²": "**2", "³": "**3",
}  # fmt: skip


def parse_number(text: str, unit: str = "") -> float | None:
    """The value of `text`, its unit taken off. A percent sign divides by 100 unless `unit` is %."""
    plain = text.strip().lower()[:_LONGEST].strip("`$ ").rstrip(".!")
    for sign, ascii_sign in _SIGNS.items():
        plain = plain.replace(sign, ascii_sign)
    plain = _LEAD.sub("", plain.rsplit("=", 1)[-1].strip()).strip()
    if unit and unit != "%":
        plain = plain.removesuffix(unit.lower()).removesuffix(unit.lower().rstrip("s")).strip()
    percent = re.search(r"(?:%|percent|per cent)$", plain)
    if percent:
        plain = plain[: percent.start()].strip()
    plain = re.sub(r"√\s*\(", "sqrt(", plain)
    plain = re.sub(r"√\s*(\d+(?:\.\d+)?)", r"sqrt(\1)", plain)
    plain = _plain_digits(plain)
    value = _evaluate(plain)
    if value is None or not math.isfinite(value):
        return None
    return value / 100 if percent and unit != "%" else value


def _plain_digits(text: str) -> str:
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", text):
        return text.replace(",", "")
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return text.replace(",", ".")
    return re.sub(r"(?<=\d)[_ ](?=\d{3}\b)", "", text)


def _evaluate(text: str) -> float | None:
    """Arithmetic on literals, by its syntax tree: no name but pi and e, no call but the listed ones."""
    try:
        return _value(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, RecursionError, MemoryError):
        return None


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=bool()):
            raise ValueError
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name) if name in _NAMES:
            return _NAMES[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _CALLS:
            return float(_CALLS[name](_value(argument)))
        case ast.BinOp(left=left, op=op, right=right):
            return _combine(op, _value(left), _value(right))
        case _:
            raise ValueError


def _combine(op: ast.operator, left: float, right: float) -> float:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow() if abs(right) <= _LARGEST_POWER and (left >= 0 or right.is_integer()):
            return left**right
        case _:
            raise ValueError
