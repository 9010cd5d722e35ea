"""What processes and folders hold, read from the operating system: memory, threads, time, files.

It owns one rule: what has gone while it was being measured counts as nothing, and what cannot be
measured exactly is measured too high.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Share:
    """One process: its threads, and its anonymous and shared memory (too high where it is shared)."""

    threads: int
    resident_bytes: int


def share_of(pid: int) -> Share:
    fields = _fields(f"/proc/{pid}/status")
    resident = sum(_kilobytes(fields.get(name, "0")) for name in ("RssAnon", "RssShmem"))
    return Share(int(fields.get("Threads", "0")), resident)


def proportional_bytes(pid: int) -> int:
    """Its memory with each shared page divided among its holders, where the kernel tells."""
    fields = _fields(f"/proc/{pid}/smaps_rollup")
    if "Pss_Anon" not in fields:
        return share_of(pid).resident_bytes
    return sum(_kilobytes(fields.get(name, "0")) for name in ("Pss_Anon", "Pss_Shmem"))


def held_bytes(pid: int) -> int:
    """Memory files (memfd) that a process holds open: they need not be mapped to fill memory."""
    total = 0
    folder = Path(f"/proc/{pid}/fd")
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208
            with contextlib.suppress(OSError):
                if str((folder / name).readlink()).startswith("/memfd:"):
                    total += (folder / name).stat().st_blocks * 512
    return total


def cpu_seconds_of(family: Sequence[int]) -> float:
    """CPU time of processes and of the children that they waited for."""
    ticks = 0
    for pid in family:
        with contextlib.suppress(OSError):
            # The name in brackets may hold spaces; user, system and both of waited children follow it.
            text = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2]
            ticks += sum(map(int, text.split()[11:15]))
    return ticks / _TICKS


def size_of_folder(folder: Path, most_files: int, most_bytes: int) -> tuple[int, int]:
    """Files and bytes below `folder`, counted no further than just over either bound."""
    files = size = 0
    left = [str(folder)]
    while left:
        with contextlib.suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                files += 1
                with contextlib.suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)
                if files > most_files or size > most_bytes:
                    return files, size
    return files, size


def _fields(path: str) -> dict[str, str]:
    try:
        text = Path(path).read_text("ascii", errors="replace")
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}


def _kilobytes(text: str) -> int:
    return int(text.split()[0]) * 1024
