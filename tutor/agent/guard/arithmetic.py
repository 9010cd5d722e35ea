"""Sums that a learner states: a true one is never disputed.

The rule owned here: only what plain arithmetic settles is settled here, whole and decimal
numbers and one operation; everything else is none of this module's business.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_TO_TWELVE = "zero one two three four five six seven eight nine ten eleven twelve"
_WORDS = tuple(_TO_TWELVE.split())
_OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
}  # fmt: skip
_SPELLED = (
    (r"\b(?:added to|plus|and)\b", "+"),
    (r"\bminus\b|−", "-"),
    (r"\b(?:multiplied by|times)\b|[×·]|(?<=\d)\s*x\s*(?=\d)", "*"),
    (r"\b(?:that |it )?(?:is|equals?|makes?|gives?|are)(?: equal to| exactly| always)?\b", "="),
    (r"\b(?:sums? (?:up )?to|adds? up to|comes? to)\b", "="),
)
_DENIES = re.compile(r"^\W*(?:no|nope|wrong|false|incorrect|not (?:quite|right|true))\b", re.IGNORECASE)
_SUM = re.compile(
    r"(?<![\d.])(-?\d+(?:\.\d+)?)\s*([-+*])\s*(-?\d+(?:\.\d+)?)\s*=\s*(not\s+)?(-?\d+(?:\.\d+)?)(?!\.?\d)"
)
_TURNED = re.compile(r"=\s*(-?\d+(?:\.\d+)?)\s*([-+*])\s*(-?\d+(?:\.\d+)?)\s+(?:=\s*)?(-?\d+(?:\.\d+)?)")
Sum = tuple[float, str, float]


def disputed_sum(line: str, text: str) -> bool:
    """Whether the learner's line states a true sum that the text denies or states otherwise."""
    stated, _ = _sums(line)
    true = {whole for whole, value in stated if abs(_value(whole) - value) < 1e-9}
    if not true:
        return False
    told, denied = _sums(text)
    if any(whole in true and abs(_value(whole) - value) > 1e-9 for whole, value in told):
        return True
    if any(whole in true and abs(_value(whole) - value) < 1e-9 for whole, value in denied):
        return True
    return (
        re.match(r"^\W*(?:no|nope|wrong|false|incorrect|not (?:quite|right|true))\b", text, re.IGNORECASE)
        is not None
    )


def _value(whole: Sum) -> float:
    return _OPERATIONS[whole[1]](whole[0], whole[2])


def _sums(text: str) -> tuple[list[tuple[Sum, float]], list[tuple[Sum, float]]]:
    """(stated, denied): sums with the value that the text gives, or denies."""
    plain = re.sub(r"n['’]t\b", " not", text.lower())
    for number, word in enumerate(_WORDS):
        plain = re.sub(rf"\b{word}\b", str(number), plain)
    for pattern, sign in _SPELLED:
        plain = re.sub(pattern, f" {sign} ", plain)
    plain = plain.replace("≠", "= not ")
    stated: list[tuple[Sum, float]] = []
    denied: list[tuple[Sum, float]] = []
    for match in _SUM.finditer(plain):
        whole = (float(match.group(1)), match.group(2), float(match.group(3)))
        (denied if match.group(4) else stated).append((whole, float(match.group(5))))
    for match in _TURNED.finditer(plain):
        stated.append(((float(match.group(1)), match.group(2), float(match.group(3))), float(match.group(4))))
    return stated, denied
