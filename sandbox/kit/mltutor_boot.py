"""The first program of a fresh kernel: takes its files and limits, becomes a Jupyter kernel, says so.

It owns one rule: nothing of the learner runs before the limits hold. The host writes one JSON
line and the files' bytes to standard input, and reads one JSON line from standard output when
the sockets are bound; afterwards the three standard descriptors lead nowhere.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, BinaryIO

import mltutor_landlock
import mltutor_namespaces
import mltutor_seccomp
from mltutor_shell import LearnerKernelApp, make_app

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    answer = os.dup(1)
    try:
        app = start_app(sys.stdin.buffer)
    except BaseException:
        say(answer, {"failed": traceback.format_exc()[-4000:]})
        raise
    say(answer, {"ready": True})
    os.close(answer)
    app.start()


def start_app(stream: BinaryIO) -> LearnerKernelApp:
    order = json.loads(stream.readline())
    unpack(order["files"], stream)
    tier = order["tier"]
    if tier == "namespaces":
        mltutor_seccomp.install()
    else:
        # What bubblewrap does elsewhere: end with the host, and stay the parent of orphans.
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    go_first()
    if tier == "landlock":
        mltutor_namespaces.drop_capabilities()  # root's would open what Landlock closes
        mltutor_landlock.restrict(order["readable"], order["writable"])
    Path(order["sockets"]).parent.mkdir(exist_ok=True)
    app = make_app(order["sockets"], order["key"])
    if tier == "landlock":
        mltutor_seccomp.install(network=False)  # the kernel's own sockets are bound
    sys.path.insert(0, str(Path.cwd()))
    set_limits(order["limits"])
    return app


def unpack(files: list[tuple[str, int]], stream: BinaryIO) -> None:
    """Write the host's files into the working folder; their bytes follow each other in `stream`."""
    for name, size in files:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stream.read(size))


def set_limits(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        number = getattr(resource, name)
        hard = resource.getrlimit(number)[1]
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (least, least))


def go_first() -> None:
    """When the whole machine runs out of memory, the learner's process is the first to go."""
    Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def say(descriptor: int, message: dict[str, Any]) -> None:
    os.write(descriptor, json.dumps(message).encode("ascii") + b"\n")


if __name__ == "__main__":
    main()
