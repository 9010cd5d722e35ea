"""Terms in what is shown: links in the text, and a card that tells what one means.

The rule of this module: a term is linked once in a text, where it first stands, never inside code,
another link or a heading; and what the mouse can open, `F2` opens, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote, unquote

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Markdown, OptionList, Static
from textual.widgets.option_list import Option

from knowledge.terms import Term

if TYPE_CHECKING:
    from knowledge.definition import Definition

SCHEME = "term:"
# What no link is put into: fences, code, links and citations, headings, tables, addresses.
_KEPT = re.compile(
    r"^(?P<fence>`{3,}|~{3,}).*?(?:^(?P=fence)[^\n]*$|\Z)|`[^`\n]*`|!?\[[^\]\n]*\](?:\([^)\n]*\))?|"
    r"^#{1,6} [^\n]*$|^\|[^\n]*$|https?://\S+",
    re.MULTILINE | re.DOTALL,
)


def link_terms(markdown: str, terms: Sequence[Term]) -> str:
    """Markdown in which each of `terms` is a link where it first stands in prose."""
    kept = [match.span() for match in _KEPT.finditer(markdown)]
    taken: list[tuple[int, int, Term]] = []
    # The longer first: in "stochastic gradient descent" no other term is meant.
    for term in sorted(terms, key=lambda one: -len(one.term)):
        for start, end in term.places_in(markdown):
            if not any(start < b and a < end for a, b in kept):
                kept.append((start, end))
                taken.append((start, end, term))
                break
    for start, end, term in sorted(taken, key=lambda one: one[:2], reverse=True):
        link = f"[{markdown[start:end]}]({SCHEME}{quote(term.term, safe='')})"
        markdown = f"{markdown[:start]}{link}{markdown[end:]}"
    return markdown


def term_of_link(href: str) -> str | None:
    """The term that a link of `link_terms` names."""
    return unquote(href.removeprefix(SCHEME)) if href.startswith(SCHEME) else None


class TermCard(ModalScreen[str | None]):
    """The terms of what is shown, the highlighted one explained; gives the unit to learn, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Close")]

    def __init__(
        self, terms: Sequence[Term], define: Callable[[Term], Definition], first: Term | None = None
    ) -> None:
        super().__init__()
        self._terms, self._define = list(terms), define
        self._first = self._terms.index(first) if first in self._terms else 0

    def compose(self) -> ComposeResult:
        with Vertical(id="term-card"):
            yield OptionList(*(Option(Content(term.term)) for term in self._terms), id="term-list")
            with VerticalScroll(id="term-text"):
                yield Markdown(open_links=False)
            yield Static("Enter opens the lesson, Esc closes", markup=False, id="term-keys")

    def on_mount(self) -> None:
        listed = self.query_one(OptionList)
        listed.highlighted = self._first
        listed.focus()

    async def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        told = self._define(self._terms[event.option_index])
        short = f" ({', '.join(told.abbreviations)})" if told.abbreviations else ""
        await self.query_one(Markdown).update(
            f"### {told.term}{short}\n\n{told.text}\n\n*{told.title} › {told.section}*: `/learn {told.unit}`"
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._terms[event.option_index].unit)

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        event.stop()

    def action_leave(self) -> None:
        self.dismiss(None)
