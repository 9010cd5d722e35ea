"""The dialogue on the screen: one block a message, the tutor's as Markdown that grows.

The rule of this module: whatever was said is shown as it was said. No console markup is read
in it, no HTML is dropped from it, and only web links open.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from markdown_it import MarkdownIt
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Markdown, Static

from knowledge.diagram import FenceStream, draw_fences
from knowledge.terms import Term
from tutor.plain import strip_escapes
from tutor.tui.terms import link_terms, term_of_link
from tutor.turns import Said

_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)


def parse_without_html() -> MarkdownIt:
    """Markdown whose `<unk>` and `<b>` stay visible: as HTML they would vanish."""
    return MarkdownIt("gfm-like", {"html": False})


def last_code_block(markdown: str) -> str | None:
    blocks = _FENCE.findall(markdown)
    return blocks[-1] if blocks else None


class TermChosen(Message):
    """A link on a term was activated."""

    def __init__(self, term: str) -> None:
        super().__init__()
        self.term = term


class Prose(Markdown):
    """Markdown by the rules of this module; its diagrams are drawn. `said`: as it was given."""

    def __init__(self, markdown: str | None = None, *, id: str | None = None) -> None:
        self.said = markdown or ""
        super().__init__(draw_fences(self.said), id=id, parser_factory=parse_without_html, open_links=False)

    async def show(self, markdown: str, terms: Sequence[Term] = ()) -> None:
        """Show a text in place of what is there, with a link on each of `terms`."""
        self.said = markdown
        await self.update(draw_fences(link_terms(markdown, terms)))

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        if event.href.startswith(("http://", "https://")):
            self.app.open_url(event.href)
        elif (term := term_of_link(event.href)) is not None:
            self.post_message(TermChosen(term))


class LearnerMessage(Static):
    def __init__(self, text: str) -> None:
        words = Content.assemble(("You  ", "bold"), Content(strip_escapes(text)))
        super().__init__(words, markup=False)


class TutorMessage(Vertical):
    """A message of the tutor: streamed with `write`, ended with `stop`."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._prose = Prose(strip_escapes(text))
        self._stream = None
        self._fences = FenceStream()
        self.text = text

    def compose(self) -> ComposeResult:
        yield Static("Tutor", classes="speaker")
        yield self._prose

    async def write(self, text: str) -> None:
        if self._stream is None:
            self._stream = Markdown.get_stream(self._prose)
        self.text += text
        if shown := self._fences.feed(strip_escapes(text)):
            await self._stream.write(shown)

    async def replace(self, text: str) -> None:
        await self.stop()
        self.text = text
        await self._prose.show(strip_escapes(text))

    async def stop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            if left := self._fences.end():
                await stream.write(left)
            await stream.stop()

    async def link(self, terms: Sequence[Term]) -> None:
        """Once it is whole: a link on each of `terms` that it uses."""
        if terms and self.text:
            await self._prose.show(strip_escapes(self.text), terms)


class ErrorPanel(Static):
    """What happened, and what to type next."""

    def __init__(self, message: str, remedy: str) -> None:
        text = strip_escapes(message) + (f"\n→ {strip_escapes(remedy)}" if remedy else "")
        super().__init__(text, markup=False)
        self.border_title = "Error"


class Notice(Static):
    """A quiet line under a message: its sources, or that it was stopped."""

    def __init__(self, text: str) -> None:
        super().__init__(strip_escapes(text), markup=False)


class Chat(VerticalScroll):
    """The thread, newest last. It follows the end until the learner scrolls up."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("g", "scroll_home", "Top", show=False),
        Binding("G", "scroll_end", "End", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.follows = True

    async def add(self, *blocks: Static | TutorMessage) -> None:
        with self.app.batch_update():
            await self.mount(*blocks)

    async def follow(self) -> None:
        """Go to the end and stay there, also from the midst of a scroll upwards."""
        await self.stop_animation("scroll_y", complete=False)
        self.follows = True
        self.scroll_end(animate=False)

    def watch_virtual_size(self) -> None:
        """The thread grew: keep its end in sight."""
        if self.follows:
            self.scroll_end(animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if new_value < old_value or self.is_vertical_scroll_end:
            self.follows = self.is_vertical_scroll_end

    async def recall(self, messages: list[Said]) -> None:
        """Put an earlier conversation above what is there."""
        blocks = [
            LearnerMessage(said.text) if said.role == "learner" else TutorMessage(said.text)
            for said in messages
        ]
        if not blocks:
            return
        with self.app.batch_update():
            await self.mount(*blocks, Notice("(earlier, up to here)"), before=0 if self.children else None)
