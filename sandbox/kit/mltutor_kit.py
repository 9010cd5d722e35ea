"""What a learner's code may import in every lab: `track` records numbers for the learning curves.

It owns one rule: outside the tutor's sandbox it does nothing at all, so that a script runs the
same anywhere.
"""

from __future__ import annotations

import os
from typing import Any

MIME = "application/vnd.mltutor.metrics+json"


def track(step: Any, **values: Any) -> None:
    """Record the numbers of one step: `track(epoch, loss=loss, accuracy=accuracy)`.

    Values may be Python numbers or strings, or NumPy and PyTorch scalars.
    """
    if "MLTUTOR_KERNEL" not in os.environ:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None:
        record = {"step": _plain(step)} | {name: _plain(value) for name, value in values.items()}
        shell.display_pub.publish(data={MIME: record})


def _plain(value: Any) -> bool | int | float | str:
    scalar = value.item() if hasattr(value, "item") else value
    return scalar if isinstance(scalar, bool | int | float | str) else str(scalar)
