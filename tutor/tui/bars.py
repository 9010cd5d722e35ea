"""The two single lines of the screen: where the learner is (top), what happens now (bottom)."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import reactive
from textual.widgets import Static

from tutor import plain
from tutor.events import ToolProgressed

KEYS = "Esc stop  ^O edit  ^T pane  ^P menu  ^Q quit"


class TopLine(Static):
    """Unit, concept and mastery; before a lesson, the name of the program."""

    unit: reactive[str] = reactive("")
    concept: reactive[str] = reactive("")
    mastery: reactive[float | None] = reactive(None)

    def __init__(self) -> None:
        super().__init__("mltutor", markup=False)

    def watch_unit(self) -> None:
        self._redraw()

    def watch_concept(self) -> None:
        self._redraw()

    def watch_mastery(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        places = [plain.strip_escapes(part) for part in (self.unit or "mltutor", self.concept) if part]
        if self.mastery is not None:
            places.insert(1, plain.describe_mastery(self.mastery))
        self.update(" · ".join(places))


class StatusLine(Horizontal):
    """What the tutor does, with a bar while a tool counts; at the right at most five keys."""

    doing: reactive[str] = reactive("")
    fraction: reactive[float | None] = reactive(None)

    def compose(self) -> ComposeResult:
        yield Static("", id="doing", markup=False)
        yield Static(KEYS, id="keys", markup=False)

    def progress(self, event: ToolProgressed) -> None:
        self.fraction = event.done / event.total if event.total else None
        self.doing = plain.describe_progress(event)

    def say(self, text: str) -> None:
        self.fraction = None
        self.doing = text

    def watch_doing(self) -> None:
        self._redraw()

    def watch_fraction(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        if not self.is_mounted:
            return
        bar = "" if self.fraction is None else f"{plain.draw_bar(self.fraction, 6)} "
        self.query_one("#doing", Static).update(f"{bar}{plain.strip_escapes(self.doing)}")
