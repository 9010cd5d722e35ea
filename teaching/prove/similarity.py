"""How much of one program stands in another, whatever the names: by statements of the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator


class _Anonymous(ast.NodeTransformer):
    """Names, arguments and constants lose their identity; attributes keep it, since they are API."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(id="_", ctx=ast.Load())

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(arg="_", annotation=None)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(value=type(node.value).__name__)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.name = "_"
        node.returns = None
        return node


_SKIPPED = (ast.Import, ast.ImportFrom, ast.Assert)


def _statements(code: str) -> Iterator[tuple[str, int]]:
    """Each statement without an own body, as an anonymous text with its number of nodes."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.stmt) or isinstance(node, _SKIPPED):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(
            node, ast.FunctionDef | ast.ClassDef | ast.For | ast.While | ast.If | ast.With | ast.Try
        ):
            continue
        size = sum(1 for _ in ast.walk(node))
        if size >= 6:
            yield ast.dump(_Anonymous().visit(node)), size


def read_statements(code: str) -> dict[str, int]:
    """The anonymous statements of a program with their sizes in nodes. Raises what `ast.parse` raises."""
    return dict(_statements(code))


def syntax_overlap(block: str, reference: str) -> float:
    """The share of `block`'s statements, weighted by size, that stand in `reference` too (0 to 1)."""
    try:
        known = {text for text, _ in _statements(reference)}
        mine = list(_statements(block))
    except (SyntaxError, ValueError, RecursionError):  # no program, or none that a person wrote
        return 0.0
    total = sum(size for _, size in mine)
    return sum(size for text, size in mine if text in known) / total if total else 0.0
