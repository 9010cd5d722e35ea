"""Numbers as learners type them: 0.75, 0,75, 3/4, 75 %, 1e-3, 1×10^-3, √2, π/4, 5 ms.

The one rule owned here: a text is a number only when all of it is; anything else is
None, which is "not a number" and never a wrong number.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable

from teaching.hedging import bare_answer

_LONGEST = 120
_LARGEST_POWER = 400
_LEAD = re.compile(
    r"^(?:(?:about|around|roughly|approximately|approx|ca|circa|nearly|almost|exactly|"
    r"a total of)\b[.:]?\s*|[≈~=:]\s*)+"
)
_COUNTED = {
    name: str(value)
    for value, name in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ]
    )
}
_PARTS = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "fifth": 5,
    "fifths": 5,
}
_SCALES = {"k": 1e3, "thousand": 1e3, "million": 1e6, "billion": 1e9}
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
    plain = bare_answer(text[:_LONGEST]).strip("`$ ").rstrip(".!")
    for sign, ascii_sign in _SIGNS.items():
        plain = plain.replace(sign, ascii_sign)
    plain = _LEAD.sub("", bare_answer(plain.rsplit("=", 1)[-1]).strip()).strip()
    if unit and unit != "%":
        plain = plain.removesuffix(unit.lower()).removesuffix(unit.lower().rstrip("s")).strip()
    percent = re.search(r"(?:%|percent|per cent)$", plain)
    if percent:
        plain = plain[: percent.start()].strip()
    scale = re.search(r"(?<=[\d ])(?:k|thousand|million|billion)$", plain)
    if scale:
        plain = plain[: scale.start()].strip()
    plain = re.sub(r"√\s*\(", "sqrt(", plain)
    plain = re.sub(r"√\s*(\d+(?:\.\d+)?)", r"sqrt(\1)", plain)
    value = _evaluate(_plain_digits(_plain_words(plain)))
    if value is None or not math.isfinite(value):
        return None
    value *= _SCALES[scale[0]] if scale else 1.0
    return value / 100 if percent and unit != "%" else value


def _plain_words(text: str) -> str:
    """Small numbers in words and shares as people say them: "minus two", "three quarters", "6 out of 8"."""
    text = re.sub(r"^(?:minus|negative) (?=[\d.(a-z])", "-", text)
    text = re.sub(r"(?<=\d)\s*x\s*(?=\d)", "*", text)
    text = re.sub(rf"\b(?:{'|'.join(_COUNTED)})\b", lambda word: _COUNTED[word[0]], text)
    text = re.sub(r"^(?:a|an) (?=half|third|quarter|fifth)", "1 ", text)
    text = re.sub(r"^half$", "1/2", text)
    part = re.fullmatch(rf"(-?\d+)[ -]({'|'.join(_PARTS)})", text)
    if part:
        return f"{part[1]}/{_PARTS[part[2]]}"
    return re.sub(r"^(\d+) (?:out of|of|in|over|divided by) (\d+)$", r"\1/\2", text)


def _plain_digits(text: str) -> str:
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", text):
        return text.replace(",", "")
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+,\d+", text):
        return text.replace(".", "").replace(",", ".")
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
