"""An alarm for what has not been used for long: it sleeps until there is something to end.

It owns one rule: no thread while nothing is waited for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

Look = Callable[[], float | None]


class Alarm:
    """Calls `look` when it rings, which says in how many seconds it should ring again, if at all."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._closed = False

    def ring_in(self, seconds: float) -> None:
        """Ring after `seconds`, unless it is set already: then it rings no later than it was to."""
        with self._lock:
            if self._timer is None and not self._closed:
                self._timer = self._started(seconds)

    def close(self) -> None:
        """Ring no more. A look in progress goes on."""
        with self._lock:
            self._closed = True
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _started(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._ring)
        timer.name, timer.daemon = "mltutor-idle", True
        timer.start()
        return timer

    def _ring(self) -> None:
        with self._lock:
            self._timer = None
        seconds = self._look()
        if seconds is not None:
            self.ring_in(seconds)
