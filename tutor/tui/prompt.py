"""The input line: grows with what is written, sends with Enter, remembers what was sent."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

PATH_COMMANDS = ("/check", "/grade", "/run")


def complete_path(text: str) -> str:
    """A command with its path written on as far as the files agree; unchanged when none fits."""
    command, _, written = text.partition(" ")
    folder, slash, start = written.rpartition("/")
    try:
        entries = list(Path(f"{folder}{slash}" or ".").expanduser().iterdir())
    except OSError:
        return text
    names = (entry.name + "/" * entry.is_dir() for entry in entries if start or entry.name[0] != ".")
    fitting = [name for name in names if name.startswith(start)]
    return f"{command} {folder}{slash}{shared_start(fitting)}" if fitting else text


def shared_start(names: list[str]) -> str:
    """The longest text with which all of the names begin."""
    alike = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike)


class Prompt(TextArea):
    """Enter sends, Ctrl+J breaks the line, Tab completes a path.

    Up and Down at the edges walk through what was sent.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,shift+enter", "break_line", "New line", show=False),
    ]

    @dataclass
    class Submitted(Message):
        text: str

    def __init__(self) -> None:
        super().__init__(
            id="prompt",
            compact=True,
            show_line_numbers=False,
            highlight_cursor_line=False,
            placeholder="Ask, answer, or type /help",
        )
        self._sent: list[str] = []
        self._place = 0

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self._send()
            return
        if event.key == "tab" and self.text.startswith(tuple(f"{command} " for command in PATH_COMMANDS)):
            event.stop()
            event.prevent_default()
            self.text = complete_path(self.text)
            self.move_cursor(self.document.end)
            return
        await super()._on_key(event)

    def _send(self) -> None:
        text = self.text.strip()
        if not text:
            return
        self._sent.append(text)
        self._place = len(self._sent)
        self.clear()
        self.post_message(self.Submitted(text))

    def action_break_line(self) -> None:
        self.insert("\n")

    def action_cursor_up(self, select: bool = False) -> None:
        if self.cursor_location[0] > 0 or self.wrapped_document.height > 1 or not self._recall(-1):
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if self.cursor_location[0] < self.document.line_count - 1 or not self._recall(1):
            super().action_cursor_down(select)

    def _recall(self, step: int) -> bool:
        """Show what was sent before (-1) or after (1) the shown message; False when there is none."""
        place = self._place + step
        if not 0 <= place <= len(self._sent):
            return False
        self._place = place
        self.text = self._sent[place] if place < len(self._sent) else ""
        self.move_cursor(self.document.end)
        return True
