"""Who may use which GPU: leases of whole GPUs, or of shares of their memory.

It owns one rule: a lease is served in its turn, and whoever waits in vain is told who holds what.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from sandbox.claims import Claim, drop, enqueue, living, table, write
from sandbox.gpu import DEVICES, Choice, Gpu, Need, Survey, choose_device, usable_gpus
from sandbox.lab import BASE, Lab
from sandbox.nvml import LIBRARY
from tutor_error import TutorError

FOLDER = "leases"
WAIT_SECONDS = 600.0
_POLL = 0.1  # nobody is told when a file lock is let go


class Lease:
    """Leased GPUs; `with` or `close` gives them back, and so does the end of this process."""

    def __init__(self, gpus: tuple[Gpu, ...], path: Path, descriptor: int) -> None:
        self.gpus = gpus
        self._path, self._descriptor = path, descriptor

    @property
    def minors(self) -> tuple[int, ...]:
        """The N of each `/dev/nvidiaN`, as `open_kernel` takes them."""
        return tuple(gpu.minor for gpu in self.gpus)

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give them back. May be called again."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            drop(self._path, descriptor)


@dataclass(frozen=True)
class Granted:
    """What a grade runs on: minors is None on the CPU."""

    choice: Choice
    minors: tuple[int, ...] | None


@contextlib.contextmanager
def lease_device(
    need: Need,
    home: Path | None,
    *,
    purpose: str,
    lab: Lab = BASE,
    seconds_to_wait: float = WAIT_SECONDS,
    cancel: threading.Event | None = None,
    library: str = LIBRARY,
    devices: Path = DEVICES,
) -> Generator[Granted]:
    """The device of a project with `budget.gpu: need`, for as long as the `with` lasts.

    Where there is a GPU, one that is optional is waited for too: the scale of a grade hangs on the
    machine and never on the moment. home: the state folder; without one nothing can be leased.
    Raises TutorError `gpu-required`, `gpu-busy`, `cancelled`.
    """
    survey = Survey((), ("No state folder was given to lease a GPU in.",))
    if need == "none" or home is None:
        yield Granted(choose_device(need, (), survey.why_none), None)
        return
    survey = usable_gpus(lab, library, devices)
    choice = choose_device(need, survey.gpus, survey.why_none)
    if not survey.gpus:
        yield Granted(choice, None)
        return
    with lease_gpu(
        home, survey.gpus, purpose=purpose, seconds_to_wait=seconds_to_wait, cancel=cancel
    ) as lease:
        yield Granted(choose_device(need, lease.gpus), lease.minors)


def lease_gpu(
    home: Path,
    gpus: Sequence[Gpu],
    *,
    purpose: str,
    share_mb: int | None = None,
    count: int = 1,
    seconds_to_wait: float = WAIT_SECONDS,
    cancel: threading.Event | None = None,
) -> Lease:
    """Lease `count` of `gpus`: whole, or `share_mb` MiB of each beside other shares.

    home: the state folder (MLTUTOR_HOME). A share is kept account of, not enforced by the device.
    Raises TutorError `gpu-too-small` for what these GPUs can never give, `gpu-busy` with the names
    of the holders after `seconds_to_wait`, `cancelled`.
    """
    _refuse_impossible(gpus, share_mb, count)
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    deadline = time.monotonic() + seconds_to_wait
    stopped = cancel or threading.Event()
    claim = Claim(
        pid=os.getpid(),
        host=socket.gethostname(),
        purpose=purpose,
        since=datetime.now(UTC),
        wants=tuple(gpu.uuid for gpu in gpus),
    )
    path, descriptor = enqueue(folder, claim)
    try:
        while True:
            with table(folder):
                others = living(folder, path)
                chosen = None if _is_behind(claim, path, others) else _choose(gpus, others, share_mb, count)
                if chosen is not None:
                    holds = {gpu.uuid: share_mb for gpu in chosen}
                    write(descriptor, claim.model_copy(update={"holds": holds, "since": datetime.now(UTC)}))
                    return Lease(tuple(chosen), path, descriptor)
            if stopped.is_set():
                raise TutorError("cancelled", "Waiting for a GPU was stopped.", "Try again.")
            if (left := deadline - time.monotonic()) <= 0:
                raise _busy(claim, others, seconds_to_wait)
            stopped.wait(min(_POLL, left))
    except BaseException:
        drop(path, descriptor)
        raise


def read_claims(home: Path) -> list[Claim]:
    """The claims of living processes, the first to come first; for a person to look at."""
    folder = home / FOLDER
    if not folder.is_dir():
        return []
    with table(folder):
        return list(living(folder).values())


def _refuse_impossible(gpus: Sequence[Gpu], share_mb: int | None, count: int) -> None:
    enough = [gpu for gpu in gpus if share_mb is None or share_mb <= (gpu.memory_total_mb or 0)]
    if count < 1 or (share_mb is not None and share_mb < 1):
        raise ValueError("a lease is of at least one GPU and one MiB")
    if len(enough) < count:
        size = "" if share_mb is None else f" with {share_mb} MiB of memory"
        raise TutorError(
            "gpu-too-small",
            f"{count} GPU{'s' if count > 1 else ''}{size} cannot be had here: {len(enough)} could be used.",
            "`mltutor doctor` lists the GPUs of this machine.",
        )


def _is_behind(claim: Claim, own: Path, others: dict[Path, Claim]) -> bool:
    """Whether someone who came earlier waits for a GPU that this claim wants too."""
    waiting = (other for path, other in others.items() if path < own and not other.holds)
    return any(set(other.wants) & set(claim.wants) for other in waiting)


def _choose(
    gpus: Sequence[Gpu], others: dict[Path, Claim], share_mb: int | None, count: int
) -> list[Gpu] | None:
    """The GPUs that fit best: a whole one with most free memory, a share where least would be left."""
    held: dict[str, list[int | None]] = {}
    for other in others.values():
        for uuid, share in other.holds.items():
            held.setdefault(uuid, []).append(share)
    left = {gpu.uuid: _left(gpu, held.get(gpu.uuid, []), share_mb) for gpu in gpus}
    fitting = [gpu for gpu in gpus if left[gpu.uuid] is not None]
    if share_mb is None:
        fitting.sort(key=lambda gpu: -(gpu.memory_free_mb or 0))
    else:
        fitting.sort(key=lambda gpu: left[gpu.uuid] or 0)
    return fitting[:count] if len(fitting) >= count else None


def _left(gpu: Gpu, shares: list[int | None], share_mb: int | None) -> int | None:
    """The MiB that a lease would leave of a GPU; None where it does not fit."""
    if share_mb is None:
        return None if shares else 0
    taken = [share for share in shares if share is not None]
    if len(taken) < len(shares):
        return None
    left = (gpu.memory_total_mb or 0) - sum(taken) - share_mb
    return left if left >= 0 else None


def _busy(claim: Claim, others: dict[Path, Claim], seconds: float) -> TutorError:
    rivals = [other for other in others.values() if set(other.wants) & set(claim.wants)]
    holders = "; ".join(str(other) for other in rivals if other.holds)
    waiting = sum(1 for other in rivals if not other.holds)
    behind = f" {waiting} more wait for it." if waiting else ""
    waited = f" after {seconds:g} s" if seconds > 0 else ""
    return TutorError(
        "gpu-busy",
        f"No GPU is free{waited}: leased by {holders or 'none, but others came first'}.{behind}",
        "Wait for it to end, or end that process, and its lease ends too. With CUDA_VISIBLE_DEVICES set to "
        "nothing the tutor goes without a GPU where the project can.",
    )
