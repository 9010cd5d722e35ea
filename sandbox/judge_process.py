"""The host's side of the judge: its process, confined, and the frames between the two.

One rule: the host reads bounded frames and executes nothing of a project. A judge that
dies, hangs or sends what is no frame ends as JudgeFailed, with the reason.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from sandbox.fork import Fork
from sandbox.frame import MAX_JUDGE_HEADER, BrokenFrame, Frame, receive_frame, send_frame
from sandbox.isolation import current_isolation, sandbox_command, sandbox_variables
from sandbox.lab import BASE, Lab
from sandbox.limits import Limits
from sandbox.mounts import DEVICES, HOME, readable_paths
from sandbox.pool import Barred, shared_pool
from sandbox.process import end, launch
from sandbox.zygote import START_SECONDS, Place
from tutor_error import TutorError

MEMORY_MB = 4096
DISK_MB = 512
_PACKAGE = Path(__file__).parent
_INSIDE = "/opt/judge"
_FRAME_SECONDS = 60.0
_TICK = 0.1


class JudgeFailed(Exception):
    """The judge's process ended, hung or broke the protocol; the message says how."""


class Cancelled(Exception):
    """The caller's event was set."""


class JudgeProcess:
    """A judge for one project; `with` ends it. Raises TutorError `unisolated` without a sandbox."""

    def __init__(
        self,
        project: Path,
        *,
        lab: Lab = BASE,
        cancel: threading.Event | None = None,
        allow_unisolated: bool = False,
    ) -> None:
        isolation = current_isolation()
        if isolation.tier == "none" and not allow_unisolated:
            message = f"Code cannot be isolated on this machine: {isolation.reason}"
            raise TutorError("unisolated", message, isolation.remedy)
        self._lab, self._cancel = lab, cancel
        self._channel, theirs = socket.socketpair()
        self._channel.settimeout(_FRAME_SECONDS)
        confined = isolation.tier == "namespaces"
        # A folder on the disk would outlive a host that is killed: only where there is no other way.
        self._scratch = None if confined else tempfile.TemporaryDirectory(prefix="mltutor-judge-")
        try:
            with theirs:
                self._process, stderr = self._start(project.resolve(), theirs.fileno())
        except BaseException:
            self._channel.close()
            raise
        self._last_words = b""
        self._reader = threading.Thread(
            target=self._drain, args=(stderr,), name="mltutor-judge-stderr", daemon=True
        )
        self._reader.start()

    def __enter__(self) -> JudgeProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._channel.close()
        if isinstance(self._process, Fork):
            self._process.close()
        else:
            end(self._process)
        self._reader.join(5.0)
        if self._scratch is not None:
            self._scratch.cleanup()

    def send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        try:
            send_frame(self._channel, header, payload, max_header=MAX_JUDGE_HEADER)
        except OSError as error:
            raise JudgeFailed(self._cause_of_death()) from error

    def receive(self, seconds: float) -> Frame:
        """The judge's next frame, within `seconds` of its own work."""
        deadline = time.monotonic() + seconds
        while not select.select([self._channel], [], [], _TICK)[0]:
            if self._cancel is not None and self._cancel.is_set():
                raise Cancelled
            if time.monotonic() > deadline:
                raise JudgeFailed(f"the project's own code took more than {seconds:g} s")
        try:
            return receive_frame(self._channel, max_header=MAX_JUDGE_HEADER)
        except (BrokenFrame, OSError) as error:
            raise JudgeFailed(self._cause_of_death()) from error

    def _start(self, project: Path, channel: int) -> tuple[subprocess.Popen[bytes] | Fork, int]:
        """The judge's process and a descriptor of its stderr."""
        if self._scratch is None:
            with contextlib.suppress(Barred):
                return _start_fork(project, channel, self._lab)
        process = self._launch(project, channel)
        assert process.stderr is not None
        return process, os.dup(process.stderr.fileno())  # its own, so that no other can be read in error

    def _launch(self, project: Path, channel: int) -> subprocess.Popen[bytes]:
        if self._scratch is not None:
            home, path = self._scratch.name, str(_PACKAGE.parent)
            variables = _variables(home, home, path, channel, self._lab)
            if current_isolation().tier == "landlock":
                readable = [*readable_paths(self._lab), str(_PACKAGE), str(project)]
                paths = {"readable": readable, "writable": [home, *DEVICES]}
                variables["MLTUTOR_LANDLOCK"] = json.dumps(paths)
            return launch(
                _command(str(project), self._lab),
                variables=variables,
                pass_fds=(channel,),
                folder=Path(self._scratch.name),
            )
        variables = _variables(HOME, f"{HOME}/tmp", _INSIDE, channel, self._lab)
        with contextlib.ExitStack() as stack:
            data = {
                f"{_INSIDE}/project/{name}": stack.enter_context(_in_memory(content)).fileno()
                for name, content in _read_folder(project)
            }
            command = sandbox_command(
                _command(f"{_INSIDE}/project", self._lab),
                view={f"{_INSIDE}/sandbox": _PACKAGE},
                data=data,
                disk_mb=DISK_MB,
                lab=self._lab,
            )
            return launch(command, variables=variables, pass_fds=(channel, *data.values()))

    def _drain(self, stderr: int) -> None:
        """Keep the end of what the judge says on stderr, so that its pipe never fills."""
        with os.fdopen(stderr, "rb", buffering=0) as stream:
            while part := stream.read(65536):
                self._last_words = (self._last_words + part)[-4096:]

    def _cause_of_death(self) -> str:
        if self._process.poll() is None:
            self._reader.join(1.0)
        lines = self._last_words.decode("utf-8", errors="replace").strip().splitlines()
        said = f": {lines[-1]}" if lines else ""
        return f"the judge of the project ended before its verdict{said}"


def _start_fork(project: Path, channel: int, lab: Lab) -> tuple[Fork, int]:
    fork = shared_pool(lab).take_judge(Place(DISK_MB, Limits().files)).fork
    reading, writing = os.pipe()
    try:
        files = dict(_read_folder(project))
        fork.arm({"variables": _limits()}, files, [channel, writing], START_SECONDS)
    except BaseException:
        fork.close()
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return fork, reading


def _limits() -> dict[str, str]:
    return {"MLTUTOR_JUDGE_LIMITS": json.dumps({"memory": MEMORY_MB * 2**20})}


def _command(folder: str, lab: Lab) -> list[str]:
    return [str(lab.python), "-m", "sandbox.judge_main", folder]


def _variables(home: str, scratch: str, path: str, channel: int, lab: Lab) -> dict[str, str]:
    return sandbox_variables(home, scratch, path, lab) | {
        "MLTUTOR_CHANNEL": str(channel),
        **_limits(),
        "MPLBACKEND": "agg",
        # Solutions are run in forks of the judge, which a pool of threads would not survive.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


def _read_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The project's files by relative path, as they are at this moment."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if "__pycache__" not in name.parts and path.is_file():
            yield name.as_posix(), path.read_bytes()


def _in_memory(content: bytes) -> BinaryIO:
    """A file with no place on the disk: it is gone when the last process that holds it is."""
    file = os.fdopen(os.memfd_create("project", os.MFD_CLOEXEC), "w+b")
    file.write(content)
    file.seek(0)
    return file
