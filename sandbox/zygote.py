"""The host's side of the zygote: one preloaded process a lab, which forks kernels and judges.

It owns one rule: the socket to the zygote is inherited, never a path, and what is asked on it
names resources (a size, a device), never a weaker confinement.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sandbox.fork import BrokenFork, Fork
from sandbox.gpu import visible_devices
from sandbox.isolation import sandbox_command, sandbox_variables
from sandbox.lab import BASE, Lab
from sandbox.mounts import (
    ENGINE,
    HOME,
    JUDGED,
    KIT,
    SCRATCH,
    gpu_devices,
    kit_view,
    leased_devices,
    readable_folders,
)
from sandbox.process import children_of, end, family_of, launch

Role = Literal["kernel", "judge"]
START_SECONDS = 60.0
DISK_MB = 1  # nothing is written in the zygote itself
_PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Place:
    """What a fork gets of the machine.

    disk_mb: size of each writable place; files: how many each may hold; gpus: numbers of the
    devices that it may use, None where no lease was asked for.
    """

    disk_mb: int
    files: int
    gpus: tuple[int, ...] | None = None


class Zygote:
    """A running zygote. Its methods may be called from any thread."""

    def __init__(self, lab: Lab = BASE) -> None:
        self._lab = lab
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._sending = threading.Lock()
        threads = {"OPENBLAS_NUM_THREADS": "1", "MLTUTOR_CONTROL": str(theirs.fileno())}
        # The zygote asks NVML what there is; CUDA would not survive the fork.
        threads |= {"PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
        command = sandbox_command(
            [str(lab.python), f"{KIT}/mltutor_zygote.py"],
            view=kit_view() | {f"{ENGINE}/sandbox": _PACKAGE},
            folders=(JUDGED,),
            disk_mb=DISK_MB,
            lab=lab,
            devices=gpu_devices(),  # each fork hides those that it did not lease
            may_nest=True,
        )
        with theirs:
            self._process = launch(
                command, variables=sandbox_variables(lab=lab) | threads, pass_fds=(theirs.fileno(),)
            )
        self._kept = _folders_in_writable_places(lab)

    @property
    def pid(self) -> int:
        """The zygote itself, below the bubblewraps that confine it."""
        family = family_of(self._process.pid)
        return next((pid for pid in family if _runs(pid, self._lab.python)), self._process.pid)

    def forks(self) -> list[int]:
        """The first processes of all forks that live."""
        return children_of(self.pid)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def load(self, packages: Iterable[str], *, now: bool) -> None:
        """Import packages of its list: before the next fork, or else in the gaps between forks."""
        self._send({"op": "import", "packages": list(packages), "now": now})

    def fork(self, role: Role, place: Place, key: str = "", *, may_wait: bool = False) -> Fork:
        """A new fork, born but not yet ready; it `may_wait` for imports. Raises BrokenFork."""
        ours, theirs = socket.socketpair()
        request = {
            "op": "fork", "role": role, "key": key, "may_wait": may_wait, "disk_mb": place.disk_mb,
            "files": place.files, "kept": self._kept, "hidden": _other_devices(place.gpus),
            "devices": visible_devices(place.gpus),
        }  # fmt: skip
        try:
            with theirs:
                self._send(request, [theirs.fileno()])
            return Fork(ours, START_SECONDS)
        except BrokenFork as error:
            ours.close()
            raise BrokenFork(self._last_words() or error.why) from error

    def close(self) -> None:
        """End the zygote and whatever was forked from it."""
        self._control.close()
        end(self._process)

    def _send(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        try:
            with self._sending:
                socket.send_fds(self._control, [json.dumps(message).encode("ascii")], list(descriptors))
        except OSError:
            raise BrokenFork(self._last_words() or "the zygote has ended") from None

    def _last_words(self) -> str:
        """What it said on stderr, once it has ended."""
        assert self._process.stderr is not None
        if self.is_alive():
            return ""
        os.set_blocking(self._process.stderr.fileno(), False)
        said = (self._process.stderr.read() or b"").decode("utf-8", errors="replace").strip()
        return said.splitlines()[-1] if said else ""


def _runs(pid: int, program: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().startswith(str(program).encode())
    except OSError:  # it has ended
        return False


def new_key() -> str:
    """A key that signs the Jupyter messages of one kernel."""
    return secrets.token_hex(32)


def _folders_in_writable_places(lab: Lab) -> list[str]:
    places = (Path(HOME), Path(SCRATCH))
    return [
        str(folder)
        for folder in readable_folders(lab)
        if any(folder.is_relative_to(place) for place in places)
    ]


def _other_devices(gpus: tuple[int, ...] | None) -> list[str]:
    """The device files of cards that were not leased."""
    leased = leased_devices(gpus)
    cards = [path for path in gpu_devices() if path.name.removeprefix("nvidia").isdigit()]
    return [str(path) for path in cards if path not in leased]
