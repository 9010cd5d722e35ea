"""The right-hand pane: the task at hand, the output of what ran, and its figures."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.widgets import OptionList, Static, TabbedContent, TabPane
from textual.widgets.option_list import Option

from knowledge.terms import Term
from tutor import plain
from tutor.events import CoverageChanged, TaskShown
from tutor.tui.chat import Prose
from tutor.tui.report import outcome_blocks
from tutor_error import TutorError

NO_TASK = "*No task yet.* `/learn UNIT` begins a lesson, `/start PROJECT` a project."


def open_outside(path: str) -> None:
    """Show a file in the desktop's own viewer. TutorError when there is none."""
    viewer = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if viewer is None:
        raise TutorError("no-viewer", "There is no viewer for pictures here.", f"The figure is {path}")
    nowhere = subprocess.DEVNULL
    subprocess.Popen([viewer, path], start_new_session=True, stdin=nowhere, stdout=nowhere, stderr=nowhere)


class FigureList(OptionList):
    """Paths of figures, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("o", "select", "Open the figure", show=False)]


class Side(Vertical):
    """Tabs Task, Output and Figure; each shows what came last."""

    tabs = query_one(TabbedContent)
    prose = query_one("#task-text", Prose)
    ideas = query_one("#ideas", Static)
    output = query_one("#output", VerticalScroll)
    figures = query_one(FigureList)

    def __init__(self) -> None:
        super().__init__()
        self._question = ""

    def compose(self) -> ComposeResult:
        with TabbedContent():
            with TabPane("Task", id="task-tab"), VerticalScroll():
                yield Static("", id="ideas", markup=False)
                yield Prose(NO_TASK, id="task-text")
            with TabPane("Output", id="output-tab"), VerticalScroll(id="output"):
                yield Static("Reports and output of runs appear here.", markup=False)
            with TabPane("Figure", id="figure-tab"):
                yield Static("o or Enter opens a figure.", markup=False)
                yield FigureList()

    async def show_task(self, event: TaskShown) -> None:
        title, body = plain.strip_escapes(event.title), plain.strip_escapes(event.markdown)
        await self.prose.show(f"### {title}\n\n{body}")
        self.tabs.active = "task-tab"

    async def link(self, terms: Sequence[Term]) -> None:
        """A link on each of `terms` in the task."""
        if terms:
            await self.prose.show(self.prose.said, terms)

    def enter_question(self, question: str) -> None:
        """Forget the ideas of another question."""
        if question != self._question:
            self._question = question
            self.ideas.update("")

    def show_coverage(self, event: CoverageChanged) -> None:
        self.enter_question(event.question)
        self.ideas.update(plain.describe_coverage(event))

    async def show_outcome(self, outcome: Mapping[str, Any]) -> bool:
        """Show a report or a run in place of the last; False when the outcome is neither."""
        blocks = outcome_blocks(outcome)
        if not blocks:
            return False
        with self.app.batch_update():
            await self.output.remove_children()
            await self.output.mount(*blocks)
        self.output.scroll_home(animate=False)
        self.tabs.active = "output-tab"
        return True

    def add_figures(self, paths: Iterable[str]) -> None:
        known = [option.id for option in self.figures.options if option.id]
        newest = [path for path in paths if path not in known]
        if not newest:
            return
        self.figures.clear_options()
        self.figures.add_options(
            Option(Content(plain.strip_escapes(path)), id=path) for path in [*reversed(newest), *known]
        )
        self.figures.highlighted = 0
