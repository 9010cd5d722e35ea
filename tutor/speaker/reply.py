"""A model's reply put together from the pieces in which its server sends it.

The rule owned here: servers number, name and cut tool calls in their own ways, and however
they do it, each call comes out once, whole and under an id of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tutor.speaker.usage import Usage

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessage
    from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall

_THINKING = re.compile(r"\A\s*<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)\s*", re.DOTALL)
_OPENINGS = ("<think>", "<thinking>")


@dataclass(frozen=True)
class ToolCall:
    """A call as the model wrote it: `arguments` is text that ought to be a JSON object."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Reply:
    """What one completion said. finish: why it ended; None when it was cut off. usage: None when not told."""

    text: str
    calls: tuple[ToolCall, ...] = ()
    finish: str | None = None
    usage: Usage | None = None


class CallsSoFar:
    """Joins the pieces of tool calls.

    Servers are known to number parallel calls all 0, to repeat a name with every piece, to leave
    out ids, or to give one id to all.
    """

    def __init__(self) -> None:
        self._calls: list[ToolCall] = []
        self._at: dict[int, int] = {}

    def add(self, piece: ChoiceDeltaToolCall) -> None:
        number = piece.index or 0
        name = (piece.function and piece.function.name) or ""
        arguments = (piece.function and piece.function.arguments) or ""
        place = self._at.get(number)
        if place is None or _begins_another(self._calls[place], piece.id or "", name, arguments):
            place = self._at[number] = len(self._calls)
            self._calls.append(ToolCall(piece.id or "", "", ""))
        call = self._calls[place]
        self._calls[place] = replace(
            call,
            id=call.id or piece.id or "",
            name=call.name or name,
            arguments=call.arguments + arguments,
        )

    def whole(self) -> tuple[ToolCall, ...]:
        return with_own_ids(self._calls)


def _begins_another(call: ToolCall, id: str, name: str, arguments: str) -> bool:
    """Whether a piece under a call's number belongs to the next call instead."""
    if id and call.id and id != call.id:
        return True
    return bool(not id and name and arguments and call.name and _is_object(call.arguments))


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def with_own_ids(calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
    """The calls, each with an id that no other has."""
    taken: set[str] = set()
    named: list[ToolCall] = []
    for number, call in enumerate(calls):
        id = call.id if call.id and call.id not in taken else f"call_{number}"
        while id in taken:
            id += "x"
        taken.add(id)
        named.append(replace(call, id=id))
    return tuple(named)


def reply_of_message(message: ChatCompletionMessage, finish: str | None, usage: Usage | None) -> Reply:
    """The reply of a server that answers at once although a stream was asked for."""
    told = [
        ToolCall(call.id or "", call.function.name, call.function.arguments or "")
        for call in message.tool_calls or ()
        if call.type == "function"
    ]
    text = _THINKING.sub("", message.content or "").strip()
    return Reply(text, with_own_ids(told), finish or ("tool_calls" if told else "stop"), usage)


class Speech:
    """Passes a reply's words on as they come, without the thinking that some models put in front."""

    def __init__(self, emit: Callable[[str], None]) -> None:
        self._emit = emit
        self._heard = ""
        self._is_open = False

    @property
    def heard(self) -> int:
        """Characters that came, thinking included."""
        return len(self._heard)

    @property
    def text(self) -> str:
        return _THINKING.sub("", self._heard)

    def add(self, piece: str) -> None:
        self._heard += piece
        if self._is_open:
            self._emit(piece)
            return
        start = self._heard.lstrip()
        if any(opening.startswith(start[: len(opening)]) for opening in _OPENINGS) and "</think" not in start:
            return
        if "</think" in start and not re.search(r"</think(?:ing)?>", start):
            return
        if self.text:
            self._is_open = True
            self._emit(self.text)

    def finish(self) -> None:
        """Let out what was held back because it might have become thinking."""
        if not self._is_open and self.text:
            self._emit(self.text)
