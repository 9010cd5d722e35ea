"""From nothing to a kernel that listens: the process, its files, its limits, its sockets.

It owns one rule: a kernel is handed on only when it said that its limits hold and its sockets
are bound; whatever goes wrong before is one clear error, and nothing of it stays behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from sandbox.fork import Fork
from sandbox.gpu import visible_devices
from sandbox.isolation import Tier, sandbox_command, sandbox_variables
from sandbox.lab import BASE, Lab
from sandbox.limits import Limits
from sandbox.measure import share_of
from sandbox.mounts import DEVICES, HOME, KIT, SCRATCH, SOCKETS, kit_view, leased_devices, readable_paths
from sandbox.pool import Barred, shared_pool
from sandbox.process import end, family_of, last_of_chain, launch
from sandbox.workspace import open_folder
from sandbox.zygote import Place, new_key
from tutor_error import TutorError

START_SECONDS = 60.0
MAX_ANSWER = 16 * 1024
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Started:
    """A running kernel process.

    process: the zygote's fork, or a fresh one. folder: descriptor of its home; workspace: descriptor
    of its working folder; key: signs the Jupyter messages; channel: the host's end of the inherited
    socket pair; private: the folder of this machine that stands for its home where there are no
    namespaces; inherited_mb: memory that it shares with its zygote; device: what it computes on, as its
    own code names it: the first GPU that was leased, or the CPU.
    """

    process: subprocess.Popen[bytes] | Fork
    key: str
    folder: int
    workspace: int
    channel: socket.socket | None
    private: Path | None = None
    inherited_mb: int = 0
    device: str = "cpu"

    @property
    def sockets(self) -> str:
        """The path that the names of its sockets begin with, as the host reaches them."""
        return f"/proc/self/fd/{self.folder}/.sockets/k"

    def end(self) -> None:
        """Kill it with all that it started; may be called again, and by another thread."""
        if isinstance(self.process, Fork):
            self.process.end()
        else:
            end(self.process)

    def close(self) -> None:
        self.end()
        if isinstance(self.process, Fork):
            self.process.close()
        else:
            os.close(self.folder)
            os.close(self.workspace)
        if self.channel is not None:
            self.channel.close()
        if self.private is not None:
            shutil.rmtree(self.private, ignore_errors=True)


def start_kernel(
    tier: Tier,
    files: Mapping[str, bytes],
    limits: Limits,
    with_channel: bool,
    lab: Lab = BASE,
    gpus: tuple[int, ...] | None = None,
) -> Started:
    """Start a kernel in `tier` with `files` in its workspace, which sees the `/dev/nvidiaN` in `gpus` alone.

    Raises TutorError `kernel-failed` when it does not come up.
    """
    _refuse_outside(files)
    ours, theirs = socket.socketpair() if with_channel else (None, None)
    device = "cuda:0" if gpus else "cpu"
    try:
        if tier == "namespaces":
            with contextlib.suppress(Barred):
                return replace(_start_fork(files, limits, ours, theirs, lab, gpus), device=device)
        return replace(_start_fresh(tier, files, limits, ours, theirs, lab, gpus), device=device)
    except BaseException:
        if ours is not None:
            ours.close()
        raise
    finally:
        if theirs is not None:
            theirs.close()


def _start_fork(
    files: Mapping[str, bytes],
    limits: Limits,
    ours: socket.socket | None,
    theirs: socket.socket | None,
    lab: Lab,
    gpus: tuple[int, ...] | None,
) -> Started:
    forked = shared_pool(lab).take_kernel(Place(limits.disk_mb, limits.files, gpus))
    fork = forked.fork
    try:
        descriptors = [theirs.fileno()] if theirs else []
        order = {"limits": _inner_limits(limits, confined=True, gpus=gpus)}
        fork.arm(order, files, descriptors, START_SECONDS)
    except BaseException:
        fork.close()
        raise
    inherited = max((share_of(pid).resident_bytes for pid in family_of(fork.pid)), default=0)
    return Started(fork, forked.key, fork.home, fork.workspace, ours, inherited_mb=inherited // _MEGABYTE)


def _start_fresh(
    tier: Tier,
    files: Mapping[str, bytes],
    limits: Limits,
    ours: socket.socket | None,
    theirs: socket.socket | None,
    lab: Lab,
    gpus: tuple[int, ...] | None,
) -> Started:
    private = None if tier == "namespaces" else _make_private()
    process: subprocess.Popen[bytes] | None = None
    try:
        process = _spawn(limits, private, theirs, lab, gpus)
        key = new_key()
        inner = _inner_limits(limits, confined=private is None, gpus=gpus)
        _await_ready(process, _write_order(files, inner, key, private, tier, lab))
        home = str(private) if private else f"/proc/{last_of_chain(process.pid)}/root{HOME}"
        return Started(process, key, open_folder(home), open_folder(f"{home}/work"), ours, private)
    except BaseException:
        if process is not None:
            end(process)
        if private is not None:
            shutil.rmtree(private, ignore_errors=True)
        raise


def _spawn(
    limits: Limits,
    private: Path | None,
    channel: socket.socket | None,
    lab: Lab,
    gpus: tuple[int, ...] | None,
) -> subprocess.Popen[bytes]:
    home = str(private) if private else HOME
    kit = f"{private}/kit" if private else KIT
    variables = sandbox_variables(home, f"{private}/tmp" if private else SCRATCH, kit, lab) | {
        "MLTUTOR_KERNEL": "1",
        "CUDA_VISIBLE_DEVICES": visible_devices(gpus),
    }
    pass_fds: tuple[int, ...] = ()
    if channel is not None:
        variables["MLTUTOR_CHANNEL"] = str(channel.fileno())
        pass_fds = (channel.fileno(),)
    argv = [str(lab.python), f"{kit}/mltutor_boot.py"]
    command = argv
    if private is None:
        devices = leased_devices(gpus)
        command = sandbox_command(argv, view=kit_view(), disk_mb=limits.disk_mb, lab=lab, devices=devices)
    work = private / "work" if private else None
    return launch(command, variables=variables, pass_fds=pass_fds, folder=work)


def _make_private() -> Path:
    """A folder that stands for the sandbox's home, with the kit beside the workspace."""
    private = Path(tempfile.mkdtemp(prefix="mltutor-"))
    for name in ("work", "tmp", ".sockets", "kit"):
        (private / name).mkdir()
    for inside, source in kit_view().items():
        target = private / "kit" / PurePosixPath(inside).relative_to(KIT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)  # a link would lead to where Landlock gives no right
    return private


def _refuse_outside(files: Mapping[str, bytes]) -> None:
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise ValueError(f"{name!r} is no path inside a workspace")


def _write_order(
    files: Mapping[str, bytes], inner: dict[str, int], key: str, private: Path | None, tier: Tier, lab: Lab
) -> bytes:
    order = {
        "key": key,
        "sockets": f"{private}/.sockets/k" if private else f"{SOCKETS}/k",
        "files": [(name, len(content)) for name, content in files.items()],
        "limits": inner,
        "tier": tier,
        "readable": readable_paths(lab) if tier == "landlock" else [],
        "writable": [str(private), *DEVICES],
    }
    return json.dumps(order).encode("ascii") + b"\n" + b"".join(files.values())


def _inner_limits(limits: Limits, *, confined: bool, gpus: tuple[int, ...] | None) -> dict[str, int]:
    inner = {"RLIMIT_CORE": 0, "RLIMIT_NOFILE": 1024, "RLIMIT_FSIZE": limits.disk_mb * _MEGABYTE}
    if not gpus:
        # A CUDA context reserves more private memory than it uses; there the supervisor alone counts.
        inner["RLIMIT_DATA"] = limits.memory_mb * _MEGABYTE
    if confined:
        # Outside a user namespace of its own this would count all processes of the user.
        inner["RLIMIT_NPROC"] = limits.threads
    return inner


def _await_ready(process: subprocess.Popen[bytes], order: bytes) -> None:
    """Hand over `order` and read the answer, in bounded time whatever the process does."""
    assert process.stdin and process.stdout and process.stderr
    deadline = time.monotonic() + START_SECONDS
    to_write, written, answer = process.stdin.fileno(), 0, b""
    os.set_blocking(to_write, False)
    while not answer.endswith(b"\n"):
        writable = [to_write] if written < len(order) else []
        left = deadline - time.monotonic()
        if left <= 0:
            raise _failure("it did not answer in time")
        readable, writable, _ = select.select([process.stdout], writable, [], left)
        if readable:
            piece = os.read(process.stdout.fileno(), MAX_ANSWER)
            if not piece or len(answer) > MAX_ANSWER:
                raise _failure(_last_words(process))
            answer += piece
        elif writable:
            try:
                written += os.write(to_write, order[written : written + 64 * 1024])
            except BrokenPipeError:
                raise _failure(_last_words(process)) from None
    _check_answer(answer)


def _check_answer(answer: bytes) -> None:
    said = json.loads(answer)
    if said.get("ready") is not True:
        raise _failure(str(said.get("failed", said)).strip().splitlines()[-1])


def _last_words(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr
    ready = select.select([process.stderr], [], [], 1.0)[0]
    said = os.read(process.stderr.fileno(), 4096).decode("utf-8", errors="replace").strip() if ready else ""
    return said.splitlines()[-1] if said else "it ended without a word"


def _failure(why: str) -> TutorError:
    return TutorError(
        "kernel-failed",
        f"The sandbox did not start: {why}.",
        "`mltutor doctor` shows what this machine can isolate.",
    )
