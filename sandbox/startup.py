"""From nothing to a kernel that listens: the process, its files, its limits, its sockets.

It owns one rule: a kernel is handed on only when it said that its limits hold and its sockets
are bound; whatever goes wrong before is one clear error, and nothing of it stays behind.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sandbox.isolation import Tier, sandbox_command, sandbox_variables
from sandbox.limits import Limits
from sandbox.mounts import HOME, KIT, SCRATCH, SOCKETS, gpu_devices, kit_view
from sandbox.process import end, last_of_chain, launch
from sandbox.supervisor import THREADS_EACH
from sandbox.workspace import open_folder
from tutor_error import TutorError

START_SECONDS = 60.0
MAX_ANSWER = 16 * 1024
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Started:
    """A running kernel process.

    folder: descriptor of its home; workspace: descriptor of its working folder; key: signs the
    Jupyter messages; channel: the host's end of the inherited socket pair; private: the folder
    of this machine that stands for its home where there are no namespaces.
    """

    process: subprocess.Popen[bytes]
    key: str
    folder: int
    workspace: int
    channel: socket.socket | None
    private: Path | None

    @property
    def sockets(self) -> str:
        """The path that the names of its sockets begin with, as the host reaches them."""
        return f"/proc/self/fd/{self.folder}/.sockets/k"

    def close(self) -> None:
        end(self.process)
        os.close(self.folder)
        os.close(self.workspace)
        if self.channel is not None:
            self.channel.close()
        if self.private is not None:
            shutil.rmtree(self.private, ignore_errors=True)


def start_kernel(
    tier: Tier, files: Mapping[str, bytes], limits: Limits, modules: Mapping[str, Path], with_channel: bool
) -> Started:
    """Start a kernel in `tier` with `files` in its workspace and `modules` on its import path.

    Raises TutorError `kernel-failed` when it does not come up.
    """
    view = kit_view() | {f"{KIT}/{name}": source for name, source in modules.items()}
    private = None if tier == "namespaces" else _make_private(view)
    ours, theirs = socket.socketpair() if with_channel else (None, None)
    process: subprocess.Popen[bytes] | None = None
    try:
        process = _spawn(view, limits, private, theirs)
        key = secrets.token_hex(32)
        order = _write_order(files, limits, key, private)
        _await_ready(process, order)
        home = str(private) if private else f"/proc/{last_of_chain(process.pid)}/root{HOME}"
        folder = open_folder(home)
        work = open_folder(f"{home}/work")
    except BaseException:
        if process is not None:
            end(process)
        if ours is not None:
            ours.close()
        if private is not None:
            shutil.rmtree(private, ignore_errors=True)
        raise
    finally:
        if theirs is not None:
            theirs.close()
    return Started(process, key, folder, work, ours, private)


def _spawn(
    view: Mapping[str, Path], limits: Limits, private: Path | None, channel: socket.socket | None
) -> subprocess.Popen[bytes]:
    home = str(private) if private else HOME
    kit = f"{private}/kit" if private else KIT
    variables = sandbox_variables(home, f"{private}/tmp" if private else SCRATCH, kit) | {
        "MLTUTOR_KERNEL": "1"
    }
    pass_fds: tuple[int, ...] = ()
    if channel is not None:
        variables["MLTUTOR_CHANNEL"] = str(channel.fileno())
        pass_fds = (channel.fileno(),)
    argv = [sys.executable, f"{kit}/mltutor_boot.py"]
    command = argv if private else sandbox_command(argv, view=view, disk_mb=limits.disk_mb)
    work = private / "work" if private else None
    return launch(command, variables=variables, pass_fds=pass_fds, folder=work)


def _make_private(view: Mapping[str, Path]) -> Path:
    """A folder that stands for the sandbox's home, with the kit beside the workspace."""
    private = Path(tempfile.mkdtemp(prefix="mltutor-"))
    for name in ("work", "tmp", ".sockets", "kit"):
        (private / name).mkdir()
    for inside, source in view.items():
        target = private / "kit" / PurePosixPath(inside).relative_to(KIT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(source.resolve())
    return private


def _write_order(files: Mapping[str, bytes], limits: Limits, key: str, private: Path | None) -> bytes:
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise ValueError(f"{name!r} is no path inside a workspace")
    order = {
        "key": key,
        "sockets": f"{private}/.sockets/k" if private else f"{SOCKETS}/k",
        "files": [(name, len(content)) for name, content in files.items()],
        "limits": _inner_limits(limits, confined=private is None),
        "confined": private is None,
    }
    return json.dumps(order).encode("ascii") + b"\n" + b"".join(files.values())


def _inner_limits(limits: Limits, *, confined: bool) -> dict[str, int]:
    inner = {"RLIMIT_CORE": 0, "RLIMIT_NOFILE": 1024, "RLIMIT_FSIZE": limits.disk_mb * _MEGABYTE}
    if not gpu_devices():
        # A CUDA context reserves more private memory than it uses; there the supervisor alone counts.
        inner["RLIMIT_DATA"] = limits.memory_mb * _MEGABYTE
    if confined:
        # Outside a user namespace of its own this would count all processes of the user.
        inner["RLIMIT_NPROC"] = limits.processes * THREADS_EACH
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
