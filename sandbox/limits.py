"""How much of the machine one kernel may use, and how a run that met a limit is named."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["ok", "error", "timeout", "memory", "processes", "disk", "output", "crashed", "refused"]


@dataclass(frozen=True)
class Limits:
    """Bounds of one kernel. Seconds are wall clock per execution; sizes are per kernel.

    cpu_seconds: CPU time of all its processes together, per execution; None for no bound but the
    wall clock's. memory_mb: of all its processes together; where control groups hold, the files that
    it keeps in memory may add `disk_mb` to it, and not more.
    processes: members of its family, the few of bubblewrap included.
    cores: how many processors' worth of time it gets at once, where control groups hold.
    disk_mb: of each place that can be written, the workspace with its home, /tmp and /dev/shm.
    files: how many each of these places may hold.
    """

    seconds: float = 60.0
    cpu_seconds: float | None = None
    memory_mb: int = 2048
    processes: int = 64
    cores: float = 4.0
    disk_mb: int = 256
    files: int = 10_000
    output_bytes: int = 1_000_000
    figures: int = 20
    figure_bytes: int = 2_000_000

    @property
    def threads(self) -> int:
        """Of all its processes together: a crowd shall meet this bound before it fills memory."""
        return 64 + 4 * self.processes


def usable_cores() -> int:
    """The processors that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
