"""Who is told when a resource changes: one list for both wires of the protocol.

The rule owned here: a change of a learner's is told to that learner's clients alone, and telling it
never delays what changed.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp.server.subscriptions import ServerEvent

PROGRESS = "learner://progress"
MOST_SUBSCRIBED = 200
"""Addresses that one connection of the earlier wire may watch."""
_log = logging.getLogger(__name__)

Send = Callable[[str], Awaitable[None]]


class News:
    """A `SubscriptionBus` of the SDK that knows learners. whose: the learner of the present call."""

    def __init__(self, whose: Callable[[], str]) -> None:
        self._whose = whose
        self._listeners: dict[object, tuple[str, Callable[[ServerEvent], None]]] = {}
        self._watched: dict[int, tuple[str, dict[str, Send]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    def attach(self) -> None:
        """Remember the loop that serves, so that other threads can tell changes."""
        self._loop = asyncio.get_running_loop()

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        """A stream of the 2026-07-28 wire, for the learner who opened it."""
        token = object()
        with self._lock:
            self._listeners[token] = (self._whose(), listener)
        return lambda: self._forget(token)

    async def publish(self, event: ServerEvent) -> None:
        """Tell an event of the SDK's own to the streams of the present learner."""
        self._pass_on(event, self._whose())

    def watch(self, connection: int, uri: str, send: Send) -> bool:
        """A client of the earlier wire asks for news of `uri`; False when it watches too many already."""
        with self._lock:
            _, known = self._watched.setdefault(connection, (self._whose(), {}))
            if len(known) >= MOST_SUBSCRIBED and uri not in known:
                return False
            known[uri] = send
            return True

    def unwatch(self, connection: int, uri: str) -> None:
        """No more news; also when the connection ends."""
        with self._lock:
            _, known = self._watched.get(connection, ("", {}))
            known.pop(uri, None)
            if not known:
                self._watched.pop(connection, None)

    def tell(self, uri: str, learner: str | None = None) -> None:
        """Say that `uri` changed, from any thread; returns at once. learner: by default the present one."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        telling = self._tell(uri, learner or self._whose())
        try:
            told = asyncio.run_coroutine_threadsafe(telling, loop)
        except RuntimeError:
            # The loop ended between the test and the call: nobody listens any more.
            telling.close()
            return
        told.add_done_callback(_log_failure)

    async def _tell(self, uri: str, learner: str) -> None:
        # Imported late: naming the wire's types loads the SDK.
        from mcp.server.subscriptions import ResourceUpdated

        self._pass_on(ResourceUpdated(uri=uri), learner)
        with self._lock:
            found = [(one, kept) for one, (whose, kept) in self._watched.items() if whose == learner]
            sends = [(one, kept[uri]) for one, kept in found if uri in kept]
        for key, send in sends:
            try:
                await send(uri)
            except Exception as error:  # a client that has left; the others are still told
                _log.info("a watcher of %r is gone: %r", uri, error)
                with self._lock:
                    self._watched.pop(key, None)

    def _pass_on(self, event: ServerEvent, learner: str) -> None:
        with self._lock:
            listeners = [listener for whose, listener in self._listeners.values() if whose == learner]
        for listener in listeners:
            listener(event)

    def _forget(self, token: object) -> None:
        with self._lock:
            self._listeners.pop(token, None)


def _log_failure(told: Future[Any]) -> None:
    if not told.cancelled() and (error := told.exception()) is not None:
        _log.error("a change could not be told", exc_info=error)
