"""How much of the machine one kernel may use, and how a run that met a limit is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["ok", "error", "timeout", "memory", "processes", "disk", "output", "crashed", "refused"]


@dataclass(frozen=True)
class Limits:
    """Bounds of one kernel. Seconds are wall clock per execution; sizes are per kernel.

    processes: members of its family, the few of bubblewrap included; each may have 16 threads.
    disk_mb: of each place that can be written, the workspace with its home, /tmp and /dev/shm.
    """

    seconds: float = 60.0
    memory_mb: int = 2048
    processes: int = 64
    disk_mb: int = 256
    output_bytes: int = 1_000_000
    figures: int = 20
    figure_bytes: int = 2_000_000
