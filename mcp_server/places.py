"""What a learner elsewhere is not told: where the server keeps its files.

The rule owned here: a path in an answer begins at the learner's own workspaces, or is left out. It
holds for every answer, so that no tool can forget it.
"""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import ErrorData

if TYPE_CHECKING:
    from mcp_server.context import ServerContext

_ELSEWHERE = "(on the server)"


def hide_places(context: ServerContext) -> ServerMiddleware[Any]:
    """A middleware for a server of many learners: paths in answers and errors are cut short."""
    hidden = [str(place) for place in _own_places(context.home)]

    async def cut(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        own = str(context.workspaces)
        try:
            return _without(await call_next(ctx), own, hidden)
        except MCPError as error:
            told = error.error
            raise MCPError.from_error_data(
                ErrorData(code=told.code, message=_cut(told.message, own, hidden), data=told.data)
            ) from None

    return cut


def _own_places(home: Path) -> list[Path]:
    """The longest first: a folder's own name is not left behind when what is above it is cut."""
    package = Path(__file__).resolve().parent.parent
    found = {home, home.resolve(), package, Path(sysconfig.get_paths()["purelib"])}
    return sorted(found, key=lambda place: -len(str(place)))


def _without(value: Any, own: str, hidden: list[str]) -> Any:
    if isinstance(value, str):
        return _cut(value, own, hidden)
    if isinstance(value, dict):
        return {key: _without(inner, own, hidden) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_without(inner, own, hidden) for inner in cast("list[Any]", value)]
    return value


def _cut(text: str, own: str, hidden: list[str]) -> str:
    text = text.replace(f"{own}/", "").replace(own, ".")
    for place in hidden:
        text = text.replace(place, _ELSEWHERE)
    return text
