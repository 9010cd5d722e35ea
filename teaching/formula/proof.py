"""SymPy's word on whether two formulas are equal, from a process that can be ended.

`simplify` may run for minutes on a short text, so it runs in a process of its own with a
clock and bounds on memory. The one rule owned here: the process builds SymPy's objects
node by node from checked trees; SymPy's own parser, which evaluates Python, never sees
what a learner typed.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from teaching.formula.points import ITEMS
from teaching.formula.tree import Formula, parse_plain

Proof = Literal["equal", "different", "unknown"]
SECONDS = 6
_MEMORY_BYTES = 2 * 1024**3
_ENDED_BY_LIMITS = (3, -9, -24)
"""Exit by a MemoryError, and the signals KILL and XCPU: the limits did their work."""


def prove(one: Formula, other: Formula, up_to: str | None = None, seconds: float = SECONDS) -> Proof:
    """Whether SymPy finds the difference zero (up_to: `constant`, or the ratio, `factor`).

    `unknown` when it finds neither, or in time nothing. Raises RuntimeError when the process fails.
    """
    asked = {
        "formulas": [one.plain, other.plain], "up_to": up_to,
        "symbols": {key: [s.domain, s.each] for key, s in one.symbols.items()},
    }  # fmt: skip
    root = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([root, *filter(None, sys.path)])}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "teaching.formula.proof"], input=json.dumps(asked), capture_output=True,
            text=True, encoding="utf-8", timeout=seconds, env=env, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "unknown"
    if done.returncode in _ENDED_BY_LIMITS:
        return "unknown"
    if done.returncode or done.stdout not in ("equal", "different", "unknown"):
        raise RuntimeError(f"the process that compares formulas failed: {done.stderr[-500:]}")
    return done.stdout


def compare_trees(
    one: ast.expr, other: ast.expr, symbols: Mapping[str, tuple[str, bool]], up_to: str | None
) -> Proof:
    """`prove` in this process and without a clock. symbols: domain and `each`, by key."""
    import sympy

    found: list[Proof] = []
    several = any(domain == "count" or each for domain, each in symbols.values())
    for items in ITEMS if several else (1,):
        left, right = (_Builder(symbols, items).build(tree, None) for tree in (one, other))
        gap = left / right if up_to == "factor" else left - right
        for rewrite in (sympy.expand, sympy.simplify):
            gap = rewrite(gap)
            if gap == 0 or (up_to is not None and not gap.free_symbols):
                found.append("equal")
                break
        else:
            found.append("different" if gap.is_number and gap.is_zero is False else "unknown")
    return found[0] if len(set(found)) == 1 else ("different" if "different" in found else "unknown")


class _Builder:
    """SymPy's objects for a checked tree, with sums written out over so many items."""

    def __init__(self, symbols: Mapping[str, tuple[str, bool]], items: int) -> None:
        import sympy

        self.sympy: Any = sympy
        self.symbols = symbols
        self.items = items
        self.calls: dict[str, Any] = {
            "sqrt": sympy.sqrt, "exp": sympy.exp, "ln": sympy.log, "sin": sympy.sin, "cos": sympy.cos,
            "tan": sympy.tan, "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh, "abs": sympy.Abs,
            "sign": sympy.sign, "max": sympy.Max, "min": sympy.Min,
        }  # fmt: skip

    def build(self, node: ast.expr, item: int | None) -> Any:
        match node:
            case ast.Constant(value=value):
                return self.sympy.Rational(str(value))
            case ast.Name(id="c_e"):
                return self.sympy.E
            case ast.Name(id="c_pi"):
                return self.sympy.pi
            case ast.Name(id=name):
                return self._symbol(name[2:], item)
            case ast.UnaryOp(op=op, operand=operand):
                built = self.build(operand, item)
                return -built if isinstance(op, ast.USub) else built
            case ast.BinOp(left=left, op=op, right=right):
                return _combine(op, self.build(left, item), self.build(right, item))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                if name in ("f_sum", "f_mean"):
                    total = sum(self.build(arguments[0], place) for place in range(self.items))
                    return total / self.items if name == "f_mean" else total
                return self._call(name[2:], [self.build(argument, item) for argument in arguments])
            case _:
                raise ValueError(f"a checked tree has no {type(node).__name__}")

    def _call(self, name: str, built: list[Any]) -> Any:
        match name:
            case "log2" | "log10":
                return self.sympy.log(built[0]) / self.sympy.log(int(name[3:]))
            case "relu":
                return self.sympy.Max(built[0], 0)
            case "sigmoid":
                return 1 / (1 + self.sympy.exp(-built[0]))
            case "softplus":
                return self.sympy.log(1 + self.sympy.exp(built[0]))
            case _:
                return self.calls[name](*built)

    def _symbol(self, key: str, item: int | None) -> Any:
        domain, each = self.symbols[key]
        if domain == "count":
            return self.sympy.Integer(self.items)
        name = f"{key}_{item}" if each else key
        positive = domain in ("positive", "unit", "whole")
        return self.sympy.Symbol(name, real=True, positive=True if positive else None,
                                 integer=True if domain == "whole" else None)  # fmt: skip


def _combine(op: ast.operator, left: Any, right: Any) -> Any:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case _:
            return left**right


def _limit_itself() -> None:
    """Memory and processor time, where the system has such limits; the caller's clock holds everywhere."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def main() -> None:
    """Reads the two formulas from standard input and writes the word."""
    _limit_itself()
    asked = json.load(sys.stdin)
    one, other = (parse_plain(text) for text in asked["formulas"])
    symbols = {key: (domain, each) for key, (domain, each) in asked["symbols"].items()}
    try:
        sys.stdout.write(compare_trees(one, other, symbols, asked["up_to"]))
    except (MemoryError, RecursionError):
        sys.exit(3)


if __name__ == "__main__":
    main()
