"""The tutor's hands: the tools of an MCP server, called through a real MCP client.

The rule owned here: whatever runs code or changes evidence is called through this module,
and every call is told as events: started, progressed, finished.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from tutor.events import Event, ToolFinished, ToolProgressed, ToolStarted
from tutor_error import TutorError

if TYPE_CHECKING:
    from mcp import Client
    from mcp.server import MCPServer
    from mcp.types import CallToolResult

Emit = Callable[[Event], None]
_QUIET = frozenset({"answer", "files", "code"})
"""Arguments that are the learner's own text: long, and on their screen already."""


@dataclass(frozen=True)
class Found:
    """A passage that answers; `score` compares within one search."""

    unit: str
    section: str
    text: str
    score: float
    ranking: str


@dataclass(frozen=True)
class ToolSpec:
    """A tool as its server describes it. schema: of its arguments; reads: it says that it changes nothing."""

    name: str
    description: str
    schema: dict[str, Any]
    reads: bool


class Toolbox:
    """Calls tools by name. A failed call is a TutorError with the server's code and remedy."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def call(self, tool: str, arguments: dict[str, Any], emit: Emit | None = None) -> dict[str, Any]:
        """The structured content of a tool's result; `emit` receives the call's events."""
        call = f"call-{secrets.token_hex(4)}"
        told = emit or _nobody
        shown = {key: value for key, value in arguments.items() if key not in _QUIET}
        told(ToolStarted(call, tool, shown))

        async def on_progress(progress: float, total: float | None, message: str | None) -> None:
            told(ToolProgressed(call, tool, progress, total, message or ""))

        given = {key: value for key, value in arguments.items() if value is not None}
        outcome = await self._client.call_tool(tool, given, progress_callback=on_progress)
        if outcome.is_error:
            error = _error_of(outcome, tool)
            told(ToolFinished(call, tool, {}, error=str(error)))
            raise error
        content = cast("dict[str, Any]", outcome.structured_content or {})
        told(ToolFinished(call, tool, content))
        return content

    async def tools(self) -> tuple[ToolSpec, ...]:
        """What the server offers, in its order."""
        found: list[ToolSpec] = []
        cursor: str | None = None
        while True:
            page = await self._client.list_tools(cursor=cursor)
            for one in page.tools:
                reads = one.annotations is not None and one.annotations.read_only_hint is True
                found.append(ToolSpec(one.name, one.description or "", one.input_schema, reads))
            if not page.next_cursor:
                return tuple(found)
            cursor = page.next_cursor

    async def search(self, query: str, limit: int = 5, emit: Emit | None = None) -> list[Found]:
        reply = await self.call("search_curriculum", {"query": query[:2000], "limit": limit}, emit)
        return [
            Found(hit["unit"], hit["section"], hit["text"], hit["score"], hit["ranking"])
            for hit in reply["hits"]
        ]

    async def grade(self, project: str, path: str, attempt: str, emit: Emit | None = None) -> dict[str, Any]:
        return await self.call(
            "grade_project", {"project": project, "path": path, "attempt_id": attempt}, emit
        )

    async def check(self, project: str, path: str, emit: Emit | None = None) -> dict[str, Any]:
        return await self.call("check_project", {"project": project, "path": path}, emit)

    async def start(self, project: str, emit: Emit | None = None) -> dict[str, Any]:
        return await self.call("start_project", {"id": project}, emit)

    async def hint(self, project: str, check: str | None, emit: Emit | None = None) -> dict[str, Any]:
        return await self.call("give_hint", {"project": project, "check": check}, emit)

    async def run(
        self, code: str, session: str | None, seconds: float, emit: Emit | None = None
    ) -> dict[str, Any]:
        return await self.call("run_code", {"code": code, "session": session, "seconds": seconds}, emit)

    async def answer(
        self,
        question: str,
        answer: str,
        attempt: str,
        emit: Emit | None = None,
        *,
        confidence: float | None = None,
        placement: str | None = None,
    ) -> dict[str, Any]:
        """The verdict on an answer, kept as evidence under `attempt`. placement: its session."""
        arguments: dict[str, Any] = {"question": question, "answer": answer, "attempt_id": attempt}
        arguments |= {"confidence": confidence, "placement": placement}
        return await self.call("answer_question", arguments, emit)

    async def recommend(self, programme: str | None = None, emit: Emit | None = None) -> dict[str, Any]:
        return await self.call("recommend_next", {"programme": programme}, emit)

    async def progress(self, emit: Emit | None = None) -> dict[str, Any]:
        return await self.call("progress", {}, emit)


@asynccontextmanager
async def open_toolbox(server: MCPServer[Any]) -> AsyncGenerator[Toolbox]:
    """A toolbox over a server in this process, for as long as the block lasts."""
    # Imported late: the SDK costs 0.7 s, which a front end spends after its first paint.
    from mcp import Client

    try:
        async with Client(server) as client:
            yield Toolbox(client)
    except BaseExceptionGroup as group:
        # The client's task group wraps what the block raised; its user expects that error itself.
        raise _only_error(group) from None


def _only_error(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    if len(group.exceptions) > 1:
        return group
    return _only_error(inner) if isinstance(inner, BaseExceptionGroup) else inner  # pyright: ignore[reportUnknownArgumentType]


def _error_of(outcome: CallToolResult, tool: str) -> TutorError:
    content = cast("dict[str, Any]", outcome.structured_content or {})
    told = content.get("error")
    if isinstance(told, dict):
        known = cast("dict[str, str]", told)
        return TutorError(known.get("code", "tool-failed"), known.get("message", ""), known.get("remedy", ""))
    texts = [block.text for block in outcome.content if block.type == "text"]
    return TutorError("tool-failed", " ".join(texts) or f"The tool {tool} failed.", "Ask again.")


def _nobody(_: Event) -> None:
    """Events of a call that nobody watches."""
