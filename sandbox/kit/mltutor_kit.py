"""What a learner's code may import in every lab: `track` records numbers for the learning curves.

It owns one rule: outside the tutor's sandbox it does nothing at all, so that a script runs the
same anywhere.
"""

from __future__ import annotations

import os
import time
from typing import Any

MIME = "application/vnd.mltutor.metrics+json"


EVERY = 0.05  # seconds between messages: a loop may track each of its steps
MOST = 1000  # records that wait at a time; beyond them every second one is left out

_waiting: list[dict[str, Any]] = []
_told = 0.0
_listens = False


def track(step: Any, **values: Any) -> None:
    """Record the numbers of one step: `track(epoch, loss=loss, accuracy=accuracy)`.

    Values may be Python numbers or strings, or NumPy and PyTorch scalars. They are shown while the
    code runs; of very many the curve keeps its shape, not every point.
    """
    global _listens
    if "MLTUTOR_KERNEL" not in os.environ:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    if not _listens:
        _listens = True
        shell.events.register("post_execute", _tell)
    _waiting.append({"step": _plain(step)} | {name: _plain(value) for name, value in values.items()})
    if len(_waiting) > MOST:
        del _waiting[-2::-2]
    if time.monotonic() - _told >= EVERY:
        _tell()


def _tell() -> None:
    """Hand over what waits; also at the end of each execution."""
    global _told
    from IPython import get_ipython

    if _waiting:
        get_ipython().display_pub.publish(data={MIME: list(_waiting)})
        _waiting.clear()
    _told = time.monotonic()


def _plain(value: Any) -> bool | int | float | str:
    scalar = value.item() if hasattr(value, "item") else value
    return scalar if isinstance(scalar, bool | int | float | str) else str(scalar)
