"""Worked and faded examples, made from a page's own blocks of code.

A worked example shows a block with what it prints; a faded one shows it with an expression
missing. The rule owned here: nothing is executed. An expression is compared by its syntax tree;
whether another one does the same, a run in the sandbox tells, which the caller makes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.page import Page, RunBlock, run_blocks
from tutor_error import TutorError

BLANK = "____"
_SHORTEST, _LONGEST = 5, 60
_MOST_LEAD_LINES = 12
_DULL = re.compile(r"\b(?:plt|rng|random|default_rng|print|format|ax|fig)\b|[\"']")
"""Drawing, chance and text: their lines carry no idea, and nothing shows whether they were filled well."""


_BARE = ast.Constant | ast.Name | ast.Tuple | ast.List | ast.Subscript | ast.Attribute
"""Expressions that compute nothing."""


@dataclass(frozen=True)
class Example:
    """A block of a page: `number` from 1 of `of`; `lead` is the paragraph that announces it."""

    number: int
    of: int
    section: str
    lead: str
    code: str

    @property
    def tells(self) -> bool:
        """Whether running it shows a difference: it prints, or it asserts."""
        return "print(" in self.code or "assert " in self.code


@dataclass(frozen=True)
class Faded:
    """A block with an expression taken out. `line` counts from 1; `target` is what it was assigned to."""

    code: str
    line: int
    answer: str
    target: str


def examples(page: Page) -> tuple[Example, ...]:
    """The runnable blocks of a page, in order."""
    blocks = run_blocks(page)
    lines = page.body.split("\n")
    return tuple(
        Example(number, len(blocks), _title(page, block), _lead(lines, block.line), block.code)
        for number, block in enumerate(blocks, 1)
    )


def fade(code: str) -> Faded | None:
    """The block without its most telling expression; None when no line is worth a blank."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return None
    lines = code.split("\n")
    found = [one for one in _candidates(tree) if _is_whole(one[1], lines)]
    if not found:
        return None
    target, value = max(found, key=lambda one: (_worth(one[0], one[1], tree), -one[1].lineno))
    at = value.lineno - 1
    raw = lines[at].encode()  # offsets of the tree count bytes
    start, end = value.col_offset, int(value.end_col_offset or 0)
    answer = raw[start:end].decode()
    lines[at] = f"{raw[:start].decode()}{BLANK}{raw[end:].decode()}"
    return Faded("\n".join(lines), value.lineno, answer, target)


def read_fill(faded: Faded, said: str) -> str:
    """The expression in what a learner typed, without backticks and without `name =` in front.

    Raises TutorError `no-expression` when it is no single Python expression.
    """
    text = said.strip().strip("`").strip()
    named = re.match(rf"{re.escape(faded.target)}\s*(?:[-+*/@]?=)(?!=)\s*", text) if faded.target else None
    text = text[named.end() :] if named else text.removeprefix("return ")
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise TutorError(
            "no-expression",
            "I cannot read that as a Python expression.",
            f"Type only what stands at {BLANK}; “I don't know” helps on.",
        ) from None
    return text


def is_same(faded: Faded, fill: str) -> bool:
    """The same syntax tree as the author's, whatever the spaces and brackets."""
    return ast.dump(ast.parse(fill, mode="eval")) == ast.dump(ast.parse(faded.answer, mode="eval"))


def may_stand(faded: Faded, fill: str) -> bool:
    """Whether a run may judge it: a bare number in the place of a computation proves nothing."""
    return bool(_names(ast.parse(fill, mode="eval"))) or not _names(ast.parse(faded.answer, mode="eval"))


def put_in(faded: Faded, fill: str) -> str:
    """The block with the blank filled, to be run."""
    return faded.code.replace(BLANK, f"({fill})", 1)


def fill_hints(faded: Faded) -> tuple[str, ...]:
    """Two hints: what it is made of, then how it begins."""
    tree = ast.parse(faded.answer, mode="eval")
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(_names(tree)))
    made = f"It is made of {names}." if names else "It needs no name, only numbers."
    begins = faded.answer[: max(len(faded.answer) // 2, 2)].rstrip()
    return made, f"It begins with `{begins}`."


def _title(page: Page, block: RunBlock) -> str:
    section = page.section(block.section)
    return section.title if section else ""


def _lead(lines: list[str], first: int) -> str:
    """The paragraph right above a block whose first line of code is line `first`."""
    above: list[str] = []
    for line in reversed(lines[max(first - 2 - _MOST_LEAD_LINES, 0) : first - 2]):
        if not line.strip():
            if above:
                break
            continue
        if line.startswith(("#", "```", "~~~")):
            break
        above.append(line)
    return "\n".join(reversed(above))


def _candidates(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name | ast.Subscript):
            yield ast.unparse(node.targets[0]), node.value
        elif isinstance(node, ast.AugAssign):
            yield ast.unparse(node.target), node.value
        elif isinstance(node, ast.Return) and node.value is not None:
            yield "", node.value
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "append" and node.args:
            yield "", node.args[0]


def _is_whole(value: ast.expr, lines: list[str]) -> bool:
    if value.lineno != value.end_lineno or isinstance(value, _BARE):
        return False
    text = ast.unparse(value)
    told = lines[value.lineno - 1]
    return _SHORTEST <= len(text) <= _LONGEST and not _DULL.search(text) and BLANK not in told


def _worth(target: str, value: ast.expr, tree: ast.AST) -> float:
    """Arithmetic on names, inside a loop or a function, whose outcome is used again."""
    inner = list(ast.walk(value))
    sums = sum(isinstance(node, ast.BinOp | ast.Compare) for node in inner)
    calls = sum(isinstance(node, ast.Call) for node in inner)
    names = len(set(_names(value)))
    deep = any(
        isinstance(node, ast.For | ast.While | ast.FunctionDef)
        and node.lineno < value.lineno <= int(node.end_lineno or 0)
        for node in ast.walk(tree)
    )
    name = target.split("[")[0]
    used = sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree)) > 1
    return min(sums, 4) + 0.5 * min(calls, 2) + 0.5 * min(names, 4) + 2.0 * deep + 1.0 * (used or not target)


def _names(tree: ast.AST) -> list[str]:
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
