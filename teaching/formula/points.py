"""The values of formulas at random points, in plain floats.

The one rule owned here: a point at which a formula has no finite real value says nothing
about it; nothing typed can overflow, hang or raise here.
"""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from teaching.formula.symbols import Symbol
    from teaching.formula.tree import Formula

POINTS = 48
ITEMS = (2, 3)
"""How many items a sum runs over, by turns, so that `n` cannot pass for a number."""

Value = float | list[float]


def _sign(x: float) -> float:
    return float((x > 0) - (x < 0))


def _relu(x: float) -> float:
    return max(x, 0.0)


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def _softplus(x: float) -> float:
    return math.log1p(math.exp(x))


_CALLS: dict[str, Callable[..., float]] = {
    "sqrt": math.sqrt, "exp": math.exp, "ln": math.log, "log2": math.log2, "log10": math.log10,
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "sinh": math.sinh, "cosh": math.cosh,
    "tanh": math.tanh, "abs": math.fabs, "max": max, "min": min,
    "sign": _sign, "relu": _relu, "sigmoid": _sigmoid, "softplus": _softplus,
}  # fmt: skip


def random_points(symbols: Mapping[str, Symbol], seed: int = 0) -> list[dict[str, Value]]:
    """Values for all symbols, by key, `POINTS` times; a symbol with a value an item gets a list."""
    chance = random.Random(seed)
    points: list[dict[str, Value]] = []
    for place in range(POINTS):
        items = ITEMS[place % len(ITEMS)]
        points.append(
            {
                key: [_draw(symbol, chance, items) for _ in range(items)]
                if symbol.each
                else _draw(symbol, chance, items)
                for key, symbol in symbols.items()
            }
        )
    return points


def _draw(symbol: Symbol, chance: random.Random, items: int) -> float:
    match symbol.domain:
        case "positive":
            return chance.uniform(0.1, 3.0)
        case "unit":
            return chance.uniform(0.05, 0.95)
        case "whole":
            return float(chance.randint(1, 9))
        case "count":
            return float(items)
        case _:
            return chance.uniform(-2.5, 2.5)


def values(formula: Formula, points: Sequence[Mapping[str, Value]]) -> list[float | None]:
    """The formula's value at each point; None where it has none."""
    return [value_at(formula.tree, point) for point in points]


def value_at(tree: ast.expr, point: Mapping[str, Value]) -> float | None:
    """The finite real value of a checked tree; None for a root of -1, a division by zero, an overflow."""
    try:
        value = _value(tree, point, None)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _value(node: ast.expr, point: Mapping[str, Value], item: int | None) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id="c_e"):
            return math.e
        case ast.Name(id="c_pi"):
            return math.pi
        case ast.Name(id=name):
            held = point[name[2:]]
            return held[item or 0] if isinstance(held, list) else held
        case ast.UnaryOp(op=op, operand=operand):
            value = _value(operand, point, item)
            return -value if isinstance(op, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            return _combine(op, _value(left, point, item), _value(right, point, item))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            if name in ("f_sum", "f_mean"):
                return _over_items(name, arguments[0], point)
            return float(_CALLS[name[2:]](*(_value(argument, point, item) for argument in arguments)))
        case _:
            raise ValueError(f"a checked tree has no {type(node).__name__}")


def _over_items(name: str, inside: ast.expr, point: Mapping[str, Value]) -> float:
    """The sum or mean over the items; over one item where nothing in the question has several."""
    items = max((len(held) for held in point.values() if isinstance(held, list)), default=1)
    found = [_value(inside, point, item) for item in range(items)]
    return math.fsum(found) / (items if name == "f_mean" else 1)


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
        case _ if left < 0 and not right.is_integer():
            raise ValueError("a root of a negative number")
        case _:
            return left**right
