"""A guided self-review of a submission: what no check decides, with what can be counted beside it.

The rule owned here: it gives questions and evidence, never points; nothing of it moves mastery.
The code is parsed, never executed.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LONG = 40
_CHANCE = frozenset(
    {"random", "rand", "randn", "default_rng", "shuffle", "permutation", "choice", "manual_seed"}
)
_FITS = frozenset({"fit", "fit_transform", "partial_fit"})


@dataclass(frozen=True)
class ReviewPart:
    """A question of the rubric, and the evidence shown beside it."""

    title: str
    asks: str
    evidence: str


def review_parts(source: str, report: Mapping[str, Any]) -> tuple[ReviewPart, ...]:
    """The rubric for a submission: `source` is its main file, `report` that of its checks."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        tree = ast.Module([], [])
    checks = list(report.get("checks", ()))
    passed = sum(row["status"] == "passed" for row in checks)
    return (
        ReviewPart(
            "Reading",
            "Could somebody who knows the subject and not your code follow it from top to bottom? "
            "Where would they stop?",
            _shape(source, tree),
        ),
        ReviewPart(
            "What it learns from",
            "Which rows has each fitted number seen, and may it have seen them?",
            _calls(
                tree,
                _FITS,
                "Lines that fit something",
                "Nothing in it is fitted by name; means and deviations count too.",
            ),
        ),
        ReviewPart(
            "Again",
            "Would you get the same numbers tomorrow, and on another machine?",
            _calls(tree, _CHANCE, "Lines where chance enters", "No random numbers by name."),
        ),
        ReviewPart(
            "Limits",
            "On which input would it fail first, and would it say so?",
            f"{passed} of {len(checks)} visible checks pass. {_guards(tree)}{_cost(report)}",
        ),
        ReviewPart(
            "Claim",
            "Which single number would you report for it, beside which baseline, and how far would it "
            "move by luck?",
            _tracked(report),
        ),
    )


def _shape(source: str, tree: ast.AST) -> str:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lines = sum(bool(line.strip()) for line in source.splitlines())
    if not functions:
        return f"{lines} lines, no function."
    longest = max(functions, key=lambda one: int(one.end_lineno or one.lineno) - one.lineno)
    length = int(longest.end_lineno or longest.lineno) - longest.lineno + 1
    silent = [one.name for one in functions if not ast.get_docstring(one)]
    told = f"{lines} lines, {len(functions)} functions; the longest is `{longest.name}` with {length} lines"
    told += ", which is long" if length > _LONG else ""
    return f"{told}. Without a docstring: {', '.join(silent[:5]) or 'none'}."


def _calls(tree: ast.AST, names: frozenset[str], found: str, none: str) -> str:
    lines = sorted({
        node.lineno for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _called(node.func) in names
    })  # fmt: skip
    return f"{found}: {', '.join(map(str, lines[:12]))}." if lines else none


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _guards(tree: ast.AST) -> str:
    raises = sum(isinstance(node, ast.Raise | ast.Assert) for node in ast.walk(tree))
    bare = [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    told = f"It refuses bad input in {raises} places. " if raises else "It refuses no input. "
    return told + (f"An `except` in line {bare[0]} hides every error. " if bare else "")


def _cost(report: Mapping[str, Any]) -> str:
    memory = (report.get("usage") or {}).get("memory_mb")
    seconds = report.get("seconds")
    told = [f"{seconds:.1f} s"] if isinstance(seconds, int | float) else []
    told += [f"{memory:.0f} MB"] if isinstance(memory, int | float) else []
    return f"The checks took {' and '.join(told)}." if told else ""


def _tracked(report: Mapping[str, Any]) -> str:
    last: dict[str, Any] = {}
    for row in report.get("metrics") or ():
        last |= {
            key: value for key, value in row.get("values", row).items() if isinstance(value, int | float)
        }
    told = [f"{name} = {value:g}" for name, value in last.items() if name != "step"]
    return (
        f"Tracked last: {', '.join(told[:6])}."
        if told
        else "It tracks no number (`track(step, loss=...)` would)."
    )
