"""Whether a formula equals the wanted one, and what the difference is when it is a plain one.

Values at random points tell formulas apart; where they agree, SymPy is asked for the proof.
The one rule owned here: a formula is right when SymPy proves it or no point speaks against
it, and wrong only when a point or SymPy does.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from teaching.formula.points import Value, random_points, value_at, values
from teaching.formula.proof import Proof, prove
from teaching.formula.tree import Formula

Both = Sequence[tuple[float, float, dict[str, Value]]]
Prover = Callable[[Formula, Formula, str | None], Proof]
_FEWEST = 8
_AGREE = 1e-9
_DIFFER = 1e-4


@dataclass(frozen=True)
class Comparison:
    """equal: None when the formula has a value at too few points. by: what settled it."""

    equal: bool | None
    by: Literal["text", "points", "proof"] = "points"


def compare(said: Formula, wanted: Formula, up_to: str | None = None, prover: Prover = prove) -> Comparison:
    """Whether two formulas over the same symbols are equal, up to a `constant` or a `factor`."""
    if said.plain == wanted.plain:
        return Comparison(True, "text")
    points = random_points(wanted.symbols)
    gaps = _gaps(values(said, points), values(wanted, points), up_to)
    if len(gaps) < _FEWEST:
        return Comparison(None)
    widest = max(gaps)
    if widest > _DIFFER:
        return Comparison(False)
    word = prover(said, wanted, up_to)
    if word != "unknown":
        return Comparison(word == "equal", "proof")
    return Comparison(widest <= _AGREE)


def _gaps(said: Sequence[float | None], wanted: Sequence[float | None], up_to: str | None) -> list[float]:
    """How far apart, relative to their size, at each point where both have a value."""
    pairs = [(a, b) for a, b in zip(said, wanted, strict=True) if a is not None and b is not None]
    if not pairs:
        return []
    if up_to == "constant":
        shift = sorted(a - b for a, b in pairs)[len(pairs) // 2]
        pairs = [(a - shift, b) for a, b in pairs]
    if up_to == "factor":
        ratios = sorted(a / b for a, b in pairs if abs(b) > 1e-9)
        factor = ratios[len(ratios) // 2] if ratios else 1.0
        if factor == 0.0:
            return [1.0] * len(pairs)
        pairs = [(a / factor, b) for a, b in pairs]
    return [abs(a - b) / max(abs(a), abs(b), 1e-3) for a, b in pairs]


def tell_difference(said: Formula, wanted: Formula) -> str:
    """A sentence on a difference that is exactly a sign, a factor or a term; empty for any other.

    It names the kind, and a factor or term only where that is the learner's own to take away.
    """
    points = random_points(wanted.symbols)
    both = [
        (a, b, point)
        for a, b, point in zip(values(said, points), values(wanted, points), points, strict=True)
        if a is not None and b is not None
    ]
    if len(both) < _FEWEST:
        return ""
    if all(_near(a, -b) for a, b, _ in both):
        return "All but the sign is right: look at what is subtracted from what."
    if (factor := _constant_ratio(both)) is not None:
        return _tell_factor(factor)
    if _is_power_of_a_symbol(both):
        return "You are off by a factor: one of the symbols is there once too often, or once too few."
    return _tell_terms(said, wanted, both)


def _tell_factor(factor: float) -> str:
    if abs(factor - 1) < 0.01:
        return "A number in it is rounded; write it exactly, such as 1/3 or sqrt(2)."
    near = Fraction(factor).limit_denominator(60)
    shown = str(near) if _near(float(near), factor) else f"{factor:.4g}"
    return f"You are off by a constant factor: yours is {shown} times what is wanted."


def _constant_ratio(both: Both) -> float | None:
    ratios = [a / b for a, b, _ in both if abs(b) > 1e-9]
    if not ratios or ratios[0] == 0.0 or not all(_near(ratio, ratios[0]) for ratio in ratios):
        return None
    return ratios[0]


def _is_power_of_a_symbol(both: Both) -> bool:
    for key, held in both[0][2].items():
        if isinstance(held, list):
            continue
        for power in (1, -1):
            factors = [(a, b * _held(point, key) ** power) for a, b, point in both]
            if all(_near(a, b) for a, b in factors):
                return True
    return False


def _held(point: dict[str, Value], key: str) -> float:
    held = point[key]
    assert not isinstance(held, list), "only symbols with one value are asked for"
    return held


def _tell_terms(said: Formula, wanted: Formula, both: Both) -> str:
    gaps = [(a - b, point) for a, b, point in both]
    for sign, term in _terms(wanted.tree):
        held = [(gap, value_at(term, point)) for gap, point in gaps]
        if all(value is not None and _near(gap, -sign * value) for gap, value in held):
            return "One term is missing; the rest is right."
        if all(value is not None and _near(gap, -2 * sign * value) for gap, value in held):
            return "One term has the wrong sign; the rest is right."
        if _is_factor_of_a_term(sign, term, gaps):
            return "In one term a factor is missing or too many; the rest is right."
    for sign, term in _terms(said.tree):
        held = [(gap, value_at(term, point)) for gap, point in gaps]
        if all(value is not None and _near(gap, sign * value) for gap, value in held):
            return f"One term too many: without `{_shown(term, said)}` it would be right."
    return ""


def _is_factor_of_a_term(sign: int, term: ast.expr, gaps: Sequence[tuple[float, dict[str, Value]]]) -> bool:
    """Whether the gap is what a constant or a symbol too many or too few at `term` would leave."""
    found: list[tuple[float, float, dict[str, Value]]] = []
    for gap, point in gaps:
        value = value_at(term, point)
        if value is None or value == 0.0:
            return False
        found.append((sign * value + gap, sign * value, point))
    return _constant_ratio(found) is not None or _is_power_of_a_symbol(found)


def _terms(tree: ast.expr, sign: int = 1) -> Iterator[tuple[int, ast.expr]]:
    """What is added up, with signs; nothing when it is one term alone."""
    match tree:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            yield from _parts(left, sign)
            yield from _parts(right, sign if isinstance(op, ast.Add) else -sign)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield from _terms(operand, -sign)
        case _:
            return


def _parts(tree: ast.expr, sign: int) -> Iterator[tuple[int, ast.expr]]:
    inner = list(_terms(tree, sign))
    yield from inner or [(sign, tree)]


def _shown(term: ast.expr, said: Formula) -> str:
    text = ast.unparse(term).replace("**", "^").replace("f_", "").replace("c_", "")
    for key, symbol in said.symbols.items():
        text = text.replace(f"v_{key}", symbol.name)
    return text


def _near(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-7, abs_tol=1e-10)
