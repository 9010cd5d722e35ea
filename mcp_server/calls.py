"""The tool calls that this server works on, each with what would end it early.

The rule owned here: a call ends when nobody waits for it any more, and when the server is stopped
whoever waits is told so. It knows no transport: one that sees its client leave says so through the
`Departure` that it laid into the request's scope.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import anyio
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_REQUEST

from mcp_server.learners import as_learner
from tutor_error import TutorError

DEPARTURE = "mltutor.departure"
"""Where a request's scope keeps its `Departure`."""
STOPPING = TutorError("stopping", "The server is being stopped.", "Call again when it is back.")
LEFT = TutorError("cancelled", "The client left before the call had ended.", "Call again.")


class Departure:
    """Whether the client of a request has gone. For the event loop's thread alone."""

    def __init__(self) -> None:
        self._told: list[Callable[[], None]] = []
        self.gone = False

    def tell(self, listener: Callable[[], None]) -> None:
        """Call `listener` when the client goes; at once, if it has gone."""
        if self.gone:
            listener()
        else:
            self._told.append(listener)

    def leave(self) -> None:
        self.gone = True
        told, self._told = self._told, []
        for listener in told:
            listener()


class Call:
    """One tool call. `ended` is set when it has to end early, for the reason in `why`."""

    def __init__(self) -> None:
        self.ended = anyio.Event()
        self.why: TutorError | None = None

    def end(self, why: TutorError) -> None:
        if self.why is None:
            self.why = why
            self.ended.set()


_current: ContextVar[Call | None] = ContextVar("call", default=None)


def current_call() -> Call | None:
    """The call that is worked on here, None outside of any."""
    return _current.get()


class Calls:
    """All calls of one server, as a middleware of the MCP server."""

    def __init__(self) -> None:
        self._open: set[Call] = set()
        self._none_left = anyio.Event()
        self.stopping = False

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        if ctx.method != "tools/call":
            return await call_next(ctx)
        if self.stopping:
            raise MCPError(INVALID_REQUEST, str(STOPPING))
        call = Call()
        departure = _departure_of(ctx)
        if departure is not None:
            departure.tell(lambda: call.end(LEFT))
        self._open.add(call)
        token = _current.set(call)
        try:
            return await call_next(ctx)
        finally:
            _current.reset(token)
            self._open.discard(call)
            if self.stopping and not self._open:
                self._none_left.set()

    async def stop(self, patience: float) -> None:
        """Take no more calls, tell those that run, and wait up to `patience` seconds for their end."""
        self.stopping = True
        for call in list(self._open):
            call.end(STOPPING)
        if self._open:
            with anyio.move_on_after(patience):
                await self._none_left.wait()


async def for_learner_of_token(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """A middleware: the request is served for its token's learner, and without one not at all."""
    # Imported late: stdio has no tokens.
    from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser

    user = ctx.request.scope.get("user") if ctx.request is not None else None
    name = user.access_token.subject if isinstance(user, AuthenticatedUser) else None
    if not name:
        raise MCPError(INVALID_REQUEST, "This request carries no learner's token.")
    with as_learner(name):
        return await call_next(ctx)


def _departure_of(ctx: ServerRequestContext[Any, Any]) -> Departure | None:
    return ctx.request.scope.get(DEPARTURE) if ctx.request is not None else None
