"""Who may use which GPU: claims in a folder that all processes of the user share.

It owns one rule: a claim counts while the file lock on it is held, and the kernel lets go of a lock
when its holder ends in whatever way. So nothing has to be swept up after a crash, and claims are
served in the order in which they came.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox.gpu import DEVICES, Choice, Gpu, Need, choose_device, usable_gpus
from sandbox.lab import BASE, Lab
from sandbox.nvml import LIBRARY
from tutor_error import TutorError

FOLDER = "leases"
WAIT_SECONDS = 600.0
_TABLE = "table.lock"
_TABLE_SECONDS = 5.0
_POLL = 0.1  # nobody is told when a file lock is let go
_LONGEST = 64 * 1024


class Claim(BaseModel):
    """What a claim's file tells. wants: UUIDs it would take; holds: UUID to MiB, None for all of it.

    since: when it got what it holds, or else when it came. `holds` is empty while it waits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pid: int
    host: str
    purpose: str
    since: datetime
    wants: tuple[str, ...]
    holds: dict[str, int | None] = {}

    def __str__(self) -> str:
        where = "" if self.host == socket.gethostname() else f" on {self.host}"
        return f"process {self.pid}{where} since {self.since:%H:%M} UTC ({self.purpose})"


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
            _drop(self._path, descriptor)


@dataclass(frozen=True)
class Granted:
    """What a grade runs on: minors is None on the CPU."""

    choice: Choice
    minors: tuple[int, ...] | None


@contextlib.contextmanager
def lease_device(
    need: Need,
    home: Path,
    *,
    purpose: str,
    lab: Lab = BASE,
    seconds_to_wait: float = WAIT_SECONDS,
    cancel: threading.Event | None = None,
    library: str = LIBRARY,
    devices: Path = DEVICES,
) -> Iterator[Granted]:
    """The device of a project with `budget.gpu: need`, for as long as the `with` lasts.

    An optional GPU is not waited for: where all are taken, it is the CPU.
    Raises TutorError `gpu-required`, `gpu-busy`, `cancelled`.
    """
    with contextlib.ExitStack() as stack:
        if need == "none":
            granted = Granted(choose_device(need, ()), None)
        else:
            survey = usable_gpus(lab, library, devices)
            granted = Granted(choose_device(need, survey.gpus, survey.why_none), None)
            if survey.gpus:
                wait = seconds_to_wait if need == "required" else 0.0
                try:
                    lease = lease_gpu(home, survey.gpus, purpose=purpose, seconds_to_wait=wait, cancel=cancel)
                except TutorError as error:
                    if need == "required" or error.code != "gpu-busy":
                        raise
                    granted = Granted(Choice("cpu", "small", error.message), None)
                else:
                    stack.enter_context(lease)
                    granted = Granted(choose_device(need, lease.gpus), lease.minors)
        yield granted


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
    path, descriptor = _enqueue(folder, claim)
    try:
        while True:
            with _table(folder):
                others = _living(folder, path)
                chosen = None if _is_behind(claim, path, others) else _choose(gpus, others, share_mb, count)
                if chosen is not None:
                    holds = {gpu.uuid: share_mb for gpu in chosen}
                    _write(descriptor, claim.model_copy(update={"holds": holds, "since": datetime.now(UTC)}))
                    return Lease(tuple(chosen), path, descriptor)
            if stopped.is_set():
                raise TutorError("cancelled", "Waiting for a GPU was stopped.", "Try again.")
            if (left := deadline - time.monotonic()) <= 0:
                raise _busy(claim, others, seconds_to_wait)
            stopped.wait(min(_POLL, left))
    except BaseException:
        _drop(path, descriptor)
        raise


def read_claims(home: Path) -> list[Claim]:
    """The claims of living processes, the first to come first; for a person to look at."""
    folder = home / FOLDER
    if not folder.is_dir():
        return []
    with _table(folder):
        return list(_living(folder).values())


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


def _enqueue(folder: Path, claim: Claim) -> tuple[Path, int]:
    """A file behind all others, locked by this process before anyone can take it for a dead one's."""
    with _table(folder):
        last = max((int(path.stem) for path in folder.glob("*.claim")), default=0)
        path = folder / f"{last + 1:012d}.claim"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _write(descriptor, claim)
        except BaseException:
            _drop(path, descriptor)
            raise
    return path, descriptor


@contextlib.contextmanager
def _table(folder: Path) -> Iterator[None]:
    """Alone with the claims: held for the moment of reading and writing them."""
    descriptor = os.open(folder / _TABLE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + _TABLE_SECONDS
        pause = threading.Event()
        while not _may_lock(descriptor):
            if time.monotonic() > deadline:
                raise TutorError(
                    "gpu-busy",
                    f"Another process keeps {folder / _TABLE} locked; it may have been halted.",
                    f"`lsof {folder / _TABLE}` names it.",
                )
            pause.wait(0.01)
        yield
    finally:
        os.close(descriptor)


def _living(folder: Path, own: Path | None = None) -> dict[Path, Claim]:
    """All claims but one's `own` whose holders live, in order; the files of the dead are removed."""
    claims: dict[Path, Claim] = {}
    for path in sorted(folder.glob("*.claim")):
        if path == own:
            continue
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:  # given back this moment
            continue
        try:
            if _may_lock(descriptor):
                path.unlink(missing_ok=True)
            else:
                claims[path] = _read(path, descriptor)
        finally:
            os.close(descriptor)
    return claims


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
        "Wait for it to end, or end that process; a lease ends with its process.",
    )


def _may_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(descriptor: int, claim: Claim) -> None:
    content = claim.model_dump_json().encode()
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, content, 0)


def _read(path: Path, descriptor: int) -> Claim:
    try:
        return Claim.model_validate_json(os.pread(descriptor, _LONGEST, 0))
    except ValidationError:
        raise TutorError(
            "broken-lease",
            f"{path} is held by a living process and cannot be read as a lease.",
            f"`lsof {path}` names the process; end it if it is a tutor of another version.",
        ) from None


def _drop(path: Path, descriptor: int) -> None:
    path.unlink(missing_ok=True)
    os.close(descriptor)
