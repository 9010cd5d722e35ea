"""A formula read into a checked syntax tree: names that the question knows, listed functions, limits.

The one rule owned here: what a learner typed is never evaluated as Python. It becomes tokens,
each of which is known, then a tree of which every node is allowed, bounded in size, depth and
powers; anything else is a FormulaError in words for the one who typed it.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from teaching.formula.arithmetic import write_arithmetic
from teaching.formula.notation import plain_form, sides
from teaching.formula.points import value_at
from teaching.formula.symbols import FormulaError, Symbol, tell_symbols

LONGEST = 400
MOST_NODES = 160
DEEPEST = 30
LARGEST_POWER = 20
_SEVERAL = {"max", "min"}
_OVER_ITEMS = {"sum", "mean"}


@dataclass(frozen=True)
class Formula:
    """A checked tree. Variables are `v_<key>` in it, functions `f_<name>`, numbers `c_e` and `c_pi`."""

    text: str
    tree: ast.expr
    symbols: Mapping[str, Symbol] = field(default_factory=dict[str, Symbol])

    @property
    def plain(self) -> str:
        """The tree as text again: equal texts are one formula, and the proof reads this."""
        return ast.unparse(self.tree)


def read_formulas(text: str, symbols: Mapping[str, Symbol], *, up_to: str | None = None) -> list[Formula]:
    """The formulas of a text: one, or each that follows an equals sign. Raises FormulaError."""
    if len(text) > LONGEST:
        raise FormulaError(
            f"A formula of more than {LONGEST} characters is too long to read; write it shorter."
        )
    plain = plain_form(text)
    if not plain:
        raise FormulaError(f"There is no formula in it. {tell_symbols(symbols)}")
    return [_read(piece, symbols, up_to) for piece in sides(plain)]


def read_formula(text: str, symbols: Mapping[str, Symbol], *, up_to: str | None = None) -> Formula:
    """The one formula of an authored text; the last where equals signs join several."""
    return read_formulas(text, symbols, up_to=up_to)[-1]


def parse_plain(plain: str) -> ast.expr:
    """The tree of `Formula.plain`, checked anew; for the process that proves."""
    try:
        tree = ast.parse(plain, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError("A sign or a bracket is missing somewhere; look it through once more.") from error
    _check(tree, 0)
    if sum(1 for _ in ast.walk(tree)) > 2 * MOST_NODES:
        raise FormulaError("That formula is too large to compare; write it shorter.")
    return tree


def _read(piece: str, symbols: Mapping[str, Symbol], up_to: str | None) -> Formula:
    if not piece:
        raise FormulaError("Nothing stands on one side of the equals sign.")
    tree = parse_plain(write_arithmetic(piece, symbols, up_to))
    _check_items(tree, symbols, inside=False)
    return Formula(piece, tree, symbols)


def _check(node: ast.expr, depth: int) -> None:
    """Raises FormulaError for a node that is not allowed or too deep, and for a power out of hand."""
    if depth > DEEPEST:
        raise FormulaError("It is nested too deeply; write it simpler.")
    match node:
        case ast.Constant(value=bool()):
            raise FormulaError("True and False are no numbers.")
        case ast.Constant(value=int() | float()):
            return
        case ast.Name(id=name) if name.startswith("v_") or name in ("c_e", "c_pi"):
            return
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _check(operand, depth + 1)
        case ast.BinOp(
            left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow() as op, right=right
        ):
            _check(left, depth + 1)
            _check(right, depth + 1)
            if isinstance(op, ast.Pow):
                _check_power(left, right)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name.startswith("f_"):
            if len(arguments) != 1 and name[2:] not in _SEVERAL:
                raise FormulaError(f"`{name[2:]}` takes one thing in its brackets.")
            if not 1 <= len(arguments) <= 4:
                raise FormulaError(f"`{name[2:]}` takes two things in its brackets.")
            for argument in arguments:
                _check(argument, depth + 1)
        case _:
            raise FormulaError("That is no formula of numbers, names, + - * / ^ and brackets.")


def _check_power(base: ast.expr, exponent: ast.expr) -> None:
    if not variables_in([exponent]):
        power = constant_value(exponent)
        if power is None or abs(power) > LARGEST_POWER:
            raise FormulaError(f"A power above {LARGEST_POWER} is more than I compare; is it meant?")
        if not variables_in([base]):
            value = constant_value(base)
            if value and abs(power * math.log(abs(value))) > 600:
                raise FormulaError("A number in it is too large to compare; is it meant?")


def constant_value(node: ast.expr) -> float | None:
    """The value of a tree without symbols; None where it has none."""
    return value_at(node, {})


def variables_in(nodes: Iterable[ast.expr]) -> set[str]:
    """Keys of the symbols in trees; the numbers e and pi are none."""
    names = {n.id for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name)}
    return {name[2:] for name in names if name.startswith("v_")}


def _check_items(tree: ast.expr, symbols: Mapping[str, Symbol], *, inside: bool) -> None:
    """A symbol with a value an item is met under a sum or a mean, and these do not nest."""
    if isinstance(tree, ast.Name):
        symbol = symbols.get(tree.id[2:])
        if symbol is not None and symbol.each and not inside:
            raise FormulaError(f"`{symbol.name}` has a value an item: put it under sum(...) or mean(...).")
    under = inside
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id[2:] in _OVER_ITEMS:
        if inside:
            raise FormulaError("A sum inside a sum is more than I compare.")
        under = True
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.expr) and not (isinstance(tree, ast.Call) and child is tree.func):
            _check_items(child, symbols, inside=under)
