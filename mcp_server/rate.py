"""How often somebody may ask: a bucket of requests for each, that fills up again at a steady rate.

The rule owned here: one who asks too often is refused alone, and told when to come back.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_KNOWN = 10_000


class RateLimit:
    """Buckets by key. per_second: how fast each fills; 0 limits nothing. burst: how much it holds."""

    def __init__(
        self, per_second: float, burst: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second, self._burst, self._clock = per_second, max(burst, 1.0), clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_of(self, key: str) -> float:
        """0 for a request that may pass, which is counted; else the seconds until the next may."""
        if self._per_second <= 0:
            return 0.0
        now = self._clock()
        left, since = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._per_second)
        wait = 0.0 if left >= 1 else (1 - left) / self._per_second
        self._left[key] = (left - 1 if wait == 0 else left, now)
        while len(self._left) > _MOST_KNOWN:
            self._left.popitem(last=False)
        return wait
