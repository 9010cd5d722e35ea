"""The command palette: every action that has no key in the status line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp


@dataclass(frozen=True)
class Command:
    """`send` goes to the tutor at once; with a blank at its end it waits in the input line."""

    title: str
    help: str
    send: str = ""
    action: str = ""


COMMANDS = (
    Command("Learn a unit", "a lesson with questions", send="/learn "),
    Command("Start a project", "a workspace with brief and starter", send="/start "),
    Command("Check my work", "the visible checks on the current workspace", action="check"),
    Command("Grade my work", "all checks on the current workspace", action="grade"),
    Command("Hint", "the next rung for the first failed check", send="/hint"),
    Command("Run a file", "a .py or .ipynb in the sandbox", send="/run "),
    Command("Predict, then run", "what will it print? then it runs", send="/predict "),
    Command("Worked example", "a lesson's code with its output", send="/example "),
    Command("Compare", "two to four units side by side", send="/compare "),
    Command("Plan", "a programme laid out in days", send="/plan "),
    Command("Summary", "this conversation in short", send="/summary"),
    Command("What is next?", "a recommendation with its reason", send="/next"),
    Command("Find out what I know", "a few questions; what you know is passed over", send="/place"),
    Command("Progress", "mastery with its evidence", send="/progress"),
    Command("Tokens used", "what a model took, and its cost", send="/usage"),
    Command("Review", "what is due today", send="/review"),
    Command("How sure am I?", "before an answer: unsure, fairly sure, sure (F3)", action="confidence"),
    Command("Terms", "what the terms on the screen mean (F2)", action="terms"),
    Command("Help", "what the tutor understands", send="/help"),
    Command("Copy the last code block", "of the tutor's last message", action="copy_code"),
    Command("Open in the editor", "the main file of the current project", action="open_editor"),
    Command("Check on save", "on or off, for the main file of the current project", action="toggle_watch"),
    Command("Show or hide the side pane", "task, output and figures", action="toggle_side"),
)


class TutorCommands(Provider):
    """Searches COMMANDS by their titles."""

    async def discover(self) -> Hits:
        for command in COMMANDS:
            yield DiscoveryHit(command.title, partial(self._do, command), help=command.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in COMMANDS:
            score = matcher.match(command.title)
            if score > 0:
                yield Hit(
                    score, matcher.highlight(command.title), partial(self._do, command), help=command.help
                )

    async def _do(self, command: Command) -> None:
        app = cast("TutorApp", self.app)
        if command.action:
            await app.run_action(command.action)
        elif command.send.endswith(" "):
            app.prefill(command.send)
        else:
            app.submit(command.send)
