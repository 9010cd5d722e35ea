"""One turn on the screen: each event goes to the pane where it belongs.

The rule of this module: tokens are written at most some sixteen times a second, because the
cost of a Markdown widget grows with the number of its updates.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

from tutor import plain
from tutor.events import (
    ConfidenceInvited,
    ConfirmationAsked,
    CoverageChanged,
    Event,
    MasteryChanged,
    MoveChosen,
    NoticeShown,
    TaskShown,
    TokenStreamed,
    ToolFinished,
    ToolProgressed,
    ToolStarted,
    TurnFailed,
    TurnFinished,
)
from tutor.tui.bars import StatusLine, TopLine
from tutor.tui.chat import Chat, ErrorPanel, Notice, TutorMessage
from tutor.tui.side import Side

BATCH_SECONDS = 0.06


async def batch_tokens(
    arrived: asyncio.Queue[Event | None], seconds: float = BATCH_SECONDS
) -> AsyncIterator[Event]:
    """The events until None, tokens that come within `seconds` of the first joined into one."""
    clock = asyncio.get_running_loop().time
    event = await arrived.get()
    while event is not None:
        if not isinstance(event, TokenStreamed):
            yield event
            event = await arrived.get()
            continue
        text, until = event.text, clock() + seconds
        try:
            async with asyncio.timeout_at(until):
                while isinstance(event := await arrived.get(), TokenStreamed):
                    text += event.text
        except TimeoutError:
            yield TokenStreamed(text)
            event = await arrived.get()
            continue
        yield TokenStreamed(text)


class TurnView:
    """Shows the events of one turn; `message` is the tutor's block in the chat."""

    def __init__(self, chat: Chat, side: Side, top: TopLine, status: StatusLine) -> None:
        self.message = TutorMessage()
        self.filled_side = False
        self.awaits_leave = False
        self.invited: str | None = None
        """The question whose next answer may come with a confidence."""
        self._tool_errors: list[str] = []
        self.has_failed = False
        self._chat = chat
        self._side = side
        self._top = top
        self._status = status

    async def show(self, event: Event) -> None:
        match event:
            case TokenStreamed(text):
                await self.message.write(text)
            case MoveChosen(_, unit, question) if unit:
                self._enter_unit(unit)
                self._side.enter_question(question or "")
            case ToolStarted():
                self._status.say(f"{plain.describe_tool(event.tool)}…")
            case ToolProgressed():
                self._status.progress(event)
            case ToolFinished():
                await self._show_outcome(event)
            case TaskShown():
                await self._show_task(event)
            case CoverageChanged():
                self._side.show_coverage(event)
            case MasteryChanged(unit, mastery):
                self._enter_unit(unit)
                self._top.mastery = mastery
            case NoticeShown(text):
                await self._chat.add(Notice(text))
            case ConfidenceInvited(question):
                self.invited = question
            case ConfirmationAsked():
                self.awaits_leave = True
                await self._chat.add(Notice("yes or no: type it below"))
            case TurnFinished():
                await self._finish(event)
            case TurnFailed(_, message, remedy):
                self.has_failed = True
                await self._chat.add(ErrorPanel(message, remedy))
            case _:
                return

    async def end(self, *, was_stopped: bool) -> None:
        """Close the stream; keep what was said, and say so when it is not the whole."""
        await self.message.stop()
        if not self.message.text:
            await self.message.remove()
            # A failed tool is told by the answer or by the turn's own failure; else it is told here.
            for error in () if self.has_failed else self._tool_errors:
                await self._chat.add(ErrorPanel(error, ""))
        if was_stopped:
            await self._chat.add(Notice("(stopped)"))

    def _enter_unit(self, unit: str) -> None:
        if unit != self._top.unit:
            self._top.unit, self._top.concept, self._top.mastery = unit, "", None

    async def _show_task(self, task: TaskShown) -> None:
        self._top.concept = task.title
        await self._side.show_task(task)
        self.filled_side = True

    async def _show_outcome(self, event: ToolFinished) -> None:
        self._status.say("answering…")
        if event.error:
            self._tool_errors.append(f"{plain.describe_tool(event.tool)}: {event.error}")
            return
        if event.tool == "start_project":
            await self._show_task(plain.brief_of(event))
        self.filled_side |= await self._side.show_outcome(event.outcome)
        self._side.add_figures(cast("list[str]", event.outcome.get("figures") or []))

    async def _finish(self, event: TurnFinished) -> None:
        if event.answer.strip() != self.message.text.strip():
            await self.message.replace(event.answer)
        sources = plain.describe_citations(event.citations)
        if sources:
            await self._chat.add(Notice(sources))
