"""How a tool is registered, and how its failure is told.

The rule owned here: a client sees a `TutorError` with its message and remedy, and of any
other exception only that there was one; its traceback goes to a log file.
"""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError
from mcp.types import CallToolResult, TextContent, ToolAnnotations

from mcp_server.context import ServerContext
from tutor_error import TutorError

LOG = "mcp.log"
Register = Callable[[Callable[..., Any]], Callable[..., Any]]


def tool(
    server: MCPServer[Any],
    context: ServerContext,
    *,
    title: str,
    reads: bool = False,
    idempotent: bool = False,
) -> Register:
    """Register a function as a tool under its own name; its docstring is the description.

    reads: the tool changes nothing. idempotent: the same call again changes nothing more.
    No tool destroys anything or reaches beyond this machine.
    """
    hints = ToolAnnotations(
        title=title,
        read_only_hint=reads,
        destructive_hint=False,
        idempotent_hint=reads or idempotent,
        open_world_hint=False,
    )

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        server.tool(
            name=function.__name__, title=title, description=inspect.getdoc(function), annotations=hints
        )(_guard(function, context.logs))
        return function

    return register


def _guard(function: Callable[..., Any], logs: Path) -> Callable[..., Any]:
    """The function, with errors turned into results. Its signature stays the schema."""
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def answer_async(*args: Any, **kwargs: Any) -> Any:
            try:
                return await function(*args, **kwargs)
            except Exception as error:
                return failed_call(error, function.__name__, logs)

        return answer_async

    @functools.wraps(function)
    def answer(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            return failed_call(error, function.__name__, logs)

    return answer


def failed_call(error: Exception, name: str, logs: Path) -> CallToolResult:
    """An error as a tool's result: a sentence for the model, and the same as structured content."""
    told = error if isinstance(error, TutorError) else _unexpected(error, name, logs)
    return CallToolResult(
        content=[TextContent(type="text", text=str(told))], structured_content=told.as_json(), is_error=True
    )


def as_resource(read: Callable[[], str], name: str, logs: Path) -> str:
    """The text of a resource; a failure as the error that MCP has for resources."""
    try:
        return read()
    except TutorError as error:
        raise ResourceError(str(error)) from error
    except Exception as error:
        raise ResourceError(str(_unexpected(error, name, logs))) from error


def _unexpected(error: Exception, name: str, logs: Path) -> TutorError:
    path = log_failure(error, name, logs)
    return TutorError("unexpected", f"Error executing tool {name}.", f"The details are in {path}.")


def log_failure(error: Exception, name: str, logs: Path) -> Path:
    """Append a traceback to the log and tell where it is."""
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = logs / LOG
    trace = "".join(traceback.format_exception(error))
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {name}\n{trace}\n")
    return path
