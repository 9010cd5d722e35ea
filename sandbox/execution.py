"""What one execution came to: the record, and how its outcome is told from what happened.

It owns one rule: a run that met a limit is named after the limit, whichever way it showed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sandbox.harvest import Mark
from sandbox.limits import Limits, Outcome
from sandbox.report import RunError

Stop = Literal["timeout", "output", "cancelled"]
_DISK_ERRORS = ("[errno 28]", "[errno 27]", "[errno 122]")  # ENOSPC, EFBIG, EDQUOT
_MEMORY_ERRORS = ("MemoryError", "OutOfMemoryError")  # the second is PyTorch's, of a device


@dataclass(frozen=True)
class Execution:
    """What one execution did. figures: PNG files; kept: the workspace files asked for, by name.

    marks: one for each cell that was run, the last of which may have failed.
    """

    outcome: Outcome
    seconds: float
    stdout: str
    stderr: str
    truncated: bool
    error: RunError | None
    figures: tuple[bytes, ...]
    metrics: tuple[dict[str, Any], ...]
    kept: dict[str, bytes]
    marks: tuple[Mark, ...] = ()


def tell_broken_limit(limit: Outcome, limits: Limits) -> RunError:
    """The error of a run whose kernel the supervisor ended."""
    if limit == "memory":
        return RunError("OutOfMemory", f"ended: it used more than {limits.memory_mb} MB of memory", None)
    if limit == "timeout":
        return RunError("Timeout", f"ended: it used more than {limits.cpu_seconds:g} s of CPU time", None)
    if limit == "disk":
        bounds = f"{limits.disk_mb} MB or {limits.files} files"
        return RunError("DiskFull", f"ended: it wrote more than {bounds}", None)
    if limit == "crashed":
        return RunError("KernelDied", "ended: this machine refused to set its limits", None)
    return RunError("TooManyProcesses", f"ended: it started more than {limits.processes} processes", None)


def tell_stop(stop: Stop, seconds: float, line: int | None) -> tuple[Outcome, RunError]:
    """Outcome and error of a run that the host interrupted at `line`."""
    if stop == "timeout":
        return "timeout", RunError("Timeout", f"stopped after {seconds:g} s", line)
    if stop == "output":
        return "output", RunError("TooMuchOutput", "stopped: it printed without end", line)
    return "error", RunError("Cancelled", "stopped on request", line)


def tell_error(error: RunError | None, limits: Limits) -> RunError | None:
    """The error of the code itself; Python says nothing of a MemoryError but its name."""
    if error is None or error.name != "MemoryError" or error.message:
        return error
    return RunError(
        error.name, f"it asked for more than the {limits.memory_mb} MB that it may use", error.line
    )


def name_outcome(error: RunError | None) -> Outcome:
    """The outcome of a run that ended by itself, with or without an exception."""
    if error is None:
        return "ok"
    message = error.message.lower()
    if error.name in _MEMORY_ERRORS or "can't allocate memory" in message:
        return "memory"
    if error.name == "OSError" and message.startswith("[errno 12]"):  # ENOMEM
        return "memory"
    if error.name == "OSError" and message.startswith(_DISK_ERRORS):
        return "disk"
    if message.startswith("[errno 11]") or "can't start new thread" in message:
        return "processes"
    return "error"
