"""Mermaid diagrams drawn as text: what a fence in a page says, in boxes that any terminal shows.

It owns one rule: a drawing is bounded before it is begun. What is too large, or outside the subset
that is known here, raises Undrawable with the reason; nothing else leaves this package.
"""

from knowledge.diagram.drawing import MOST_COLUMNS, draw
from knowledge.diagram.fence import FenceStream, draw_fences, mermaid_fences
from knowledge.diagram.graph import Undrawable

__all__ = ["MOST_COLUMNS", "FenceStream", "Undrawable", "draw", "draw_fences", "mermaid_fences"]
