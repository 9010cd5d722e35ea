"""The rule for diagrams: what stands in a `mermaid` fence is drawn in every terminal."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.diagram import MOST_COLUMNS, Undrawable, draw, mermaid_fences
from knowledge.page import Page
from teaching.prove.problem import Problem


def check_figures(where: str, page: Page) -> Iterator[Problem]:
    """Each Mermaid diagram of a page can be drawn, in at most 100 columns."""
    for fence in mermaid_fences(page.body):
        try:
            draw(fence.source)
        except Undrawable as reason:
            yield Problem(
                f"{where}, body line {fence.line}",
                f"the diagram cannot be drawn in {MOST_COLUMNS} columns: {reason}",
                "Use `flowchart` or `sequenceDiagram` with plain nodes and short labels, or a `text` fence.",
            )
