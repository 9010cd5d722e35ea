"""Connections whose other end is slow.

The rule owned here: a client that does not read, or does not finish the head of its request, keeps
its connection for a bounded time.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

SECONDS = 30.0


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 in plain Python, which is strict about what it parses, with two bounds."""

    seconds = SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._has_asked = False
        self._abort: Any = self.loop.call_later(self.seconds, self._end_silent)

    def connection_lost(self, exc: Exception | None) -> None:
        self._abort.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client reads slower than it is told; it has a while to catch up."""
        super().pause_writing()
        self._abort.cancel()
        self._abort = self.loop.call_later(self.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._abort.cancel()

    def handle_events(self) -> None:
        super().handle_events()
        self._has_asked = self._has_asked or bool(self.headers)

    def _end_silent(self) -> None:
        if not self._has_asked:
            self.transport.abort()
