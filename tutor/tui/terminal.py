"""The terminal kept for the screen alone.

Textual draws on stderr. A child process or a C library that writes to file descriptor 2 would
write over the picture, so while the screen is up descriptor 2 leads to a log.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def stderr_to_log(log: Path) -> Generator[None]:
    """Within the block `sys.__stderr__` is the terminal and descriptor 2 appends to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    terminal, usual = os.dup(2), sys.__stderr__
    with log.open("ab") as sink, os.fdopen(os.dup(terminal), "w", encoding="utf-8") as screen:
        os.dup2(sink.fileno(), 2)
        sys.__stderr__ = screen  # type: ignore[misc]
        try:
            yield
        finally:
            sys.__stderr__ = usual  # type: ignore[misc]
            os.dup2(terminal, 2)
            os.close(terminal)
