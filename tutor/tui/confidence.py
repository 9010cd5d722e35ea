"""How sure the learner is of the answer they are about to give: one line above the input.

The rule of this module: it may always be left alone. It takes no focus and no key that types, and
what was chosen goes with the next message.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from teaching.calibration import SAYINGS

CHOICES: tuple[tuple[str, float], ...] = (
    ("unsure", SAYINGS["guess"]),
    ("fairly sure", SAYINGS["think so"]),
    ("sure", SAYINGS["sure"]),
)


class Choice(Static):
    """One of the choices; a click chooses it, another takes that back."""

    class Picked(Message):
        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, place: int) -> None:
        super().__init__(CHOICES[place][0], markup=False)
        self._place = place

    def on_click(self) -> None:
        self.post_message(self.Picked(self._place))


class Confidence(Horizontal):
    """Shown while a question is open that nobody has helped with; `chosen` is a place in CHOICES."""

    chosen: reactive[int | None] = reactive(None)

    def __init__(self) -> None:
        super().__init__(id="confidence")
        self.display = False
        self._question = ""

    def compose(self) -> ComposeResult:
        yield Static("How sure will you be? (F3, optional)", id="confidence-asks", markup=False)
        yield from map(Choice, range(len(CHOICES)))

    @property
    def value(self) -> float | None:
        """The confidence of the next message, 0 to 1; None where none was chosen."""
        return None if self.chosen is None or not self.display else CHOICES[self.chosen][1]

    def invite(self, question: str | None) -> None:
        """Show it for a question, as it was left if it is the same again; None puts it away."""
        if question != self._question:
            self.chosen, self._question = None, question or ""
        self.display = question is not None

    def step(self) -> None:
        """The next choice; after the last one, none."""
        if self.display:
            place = 0 if self.chosen is None else self.chosen + 1
            self.chosen = place if place < len(CHOICES) else None

    def on_choice_picked(self, event: Choice.Picked) -> None:
        event.stop()
        self.chosen = None if self.chosen == event.place else event.place

    def watch_chosen(self) -> None:
        for place, choice in enumerate(self.query(Choice)):
            said = CHOICES[place][0]
            # A mark, not a colour alone, tells what is chosen.
            choice.update(f"[{said}]" if place == self.chosen else f" {said} ")
            choice.set_class(place == self.chosen, "chosen")
