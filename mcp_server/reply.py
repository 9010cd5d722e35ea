"""How a tool is registered, how its result is told, and how its failure is.

The rule owned here: a result is one object, shown as fields to programs and as short Markdown to the
model; of a failure a client sees the `TutorError` with its message and remedy, and of any other exception
only that there was one; its traceback goes to a log file.
"""

from __future__ import annotations

import base64
import functools
import inspect
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import ElicitationResult, Resolve
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.types import CallToolResult, ContentBlock, ImageContent, TextContent, ToolAnnotations
from pydantic import BaseModel

from mcp_server.context import ServerContext
from mcp_server.news import PROGRESS
from tutor_error import TutorError

LOG = "mcp.log"
Register = Callable[[Callable[..., Any]], Callable[..., Any]]
_BROKEN_CHECKS = (
    "The checks broke down before they judged anything: a mistake of the tutor's, and none of yours.",
    "`mltutor verify` with the unit's id tells its author more.",
)
"""What a check raised may hold what it checks, so it goes to the log alone."""
_CODE_ROOT = f"{Path(__file__).resolve().parents[1]}/"


class Reply(BaseModel):
    """What a tool gives: its fields are the structured content."""

    def as_text(self) -> str:
        """The same in short Markdown, for the model that reads it."""
        raise NotImplementedError(type(self).__name__)

    def images(self) -> list[bytes]:
        """PNG files that go with it."""
        return []


class Yes(BaseModel):
    """What a learner is asked to confirm."""

    yes: bool


def tool(
    server: MCPServer[Any],
    context: ServerContext,
    *,
    title: str,
    reads: bool = False,
    idempotent: bool = False,
    destroys: bool = False,
    runs_code: bool = False,
    moves_progress: bool = False,
    asks: Mapping[str, Callable[..., Any]] | None = None,
) -> Register:
    """Register a function as a tool under its own name; its docstring is the description.

    reads: the tool changes nothing. idempotent: the same call again changes nothing more. destroys: it ends
    or removes something. runs_code: where the learner agreed to run code without isolation, that code can do
    anything. moves_progress: a call that succeeds is told to who watches the learner's progress.
    asks: parameters that the learner answers and no model, each with what asks for it.
    """
    unheld = runs_code and context.allow_unisolated
    hints = ToolAnnotations(
        title=title,
        read_only_hint=reads,
        destructive_hint=destroys or unheld,
        idempotent_hint=reads or idempotent,
        open_world_hint=unheld,
    )

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        for name, ask in (asks or {}).items():
            function.__annotations__[name] = Annotated[ElicitationResult[Yes], Resolve(ask)]
        server.tool(
            name=function.__name__, title=title, description=inspect.getdoc(function), annotations=hints
        )(_guard(function, context, moves_progress))
        return function

    return register


def _guard(function: Callable[..., Any], context: ServerContext, moves_progress: bool) -> Callable[..., Any]:
    """The function with its result and its errors told. Its signature stays the schema."""

    def finish(reply: Any) -> Any:
        if moves_progress:
            context.news.tell(PROGRESS)
        return as_result(reply, context) if isinstance(reply, Reply) else reply

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def answer_async(*args: Any, **kwargs: Any) -> Any:
            try:
                return finish(await function(*args, **kwargs))
            except Exception as error:
                return failed_call(error, function.__name__, context)

        return answer_async

    @functools.wraps(function)
    def answer(*args: Any, **kwargs: Any) -> Any:
        try:
            return finish(function(*args, **kwargs))
        except Exception as error:
            return failed_call(error, function.__name__, context)

    return answer


def as_result(reply: Reply, context: ServerContext) -> CallToolResult:
    """Text for the model, images, and the fields for programs."""
    content: list[ContentBlock] = [TextContent(type="text", text=reply.as_text())]
    for png in reply.images():
        image = base64.b64encode(png).decode()
        content.append(ImageContent(type="image", data=image, mime_type="image/png"))
    fields = reply.model_dump(mode="json")
    if context.by_token:
        _shorten_places(fields)
    return CallToolResult(content=content, structured_content=fields)


def _shorten_places(fields: dict[str, Any]) -> None:
    """A client on another machine gets the names of figures, and not where they lie on this one."""
    if "figures" in fields:
        fields["figures"] = [Path(figure).name for figure in fields["figures"]]
    if isinstance(fields.get("report"), dict):
        _shorten_places(fields["report"])


def failed_call(error: Exception, name: str, context: ServerContext) -> CallToolResult:
    """An error as a tool's result: a sentence for the model, and the same as structured content."""
    told = _told(error, name, context)
    return CallToolResult(
        content=[TextContent(type="text", text=str(told))], structured_content=told.as_json(), is_error=True
    )


def as_resource(read: Callable[[], str], name: str, context: ServerContext) -> str:
    """The text of a resource; a failure as the error that MCP has for resources."""
    try:
        return read()
    except TutorError as error:
        raise ResourceNotFoundError(str(_told(error, name, context))) from error
    except Exception as error:
        raise ResourceError(str(_told(error, name, context))) from error


def _told(error: Exception, name: str, context: ServerContext) -> TutorError:
    """The error that a client may see; no path of this program stands in it."""
    if not isinstance(error, TutorError):
        path = log_failure(error, name, context.logs)
        where = "The server's log has the details." if context.by_token else f"The details are in {path}."
        return TutorError("unexpected", f"Error executing tool {name}.", where)
    if error.code == "broken-checks":
        log_failure(error, name, context.logs)
        return TutorError(error.code, *_BROKEN_CHECKS)
    message, remedy = (text.replace(_CODE_ROOT, "") for text in (error.message, error.remedy))
    return TutorError(error.code, message, remedy)


def log_failure(error: Exception, name: str, logs: Path) -> Path:
    """Append a traceback to the log and tell where it is."""
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = logs / LOG
    trace = "".join(traceback.format_exception(error))
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {name}\n{trace}\n")
    return path
