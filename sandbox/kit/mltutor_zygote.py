"""A process that imports the scientific stack and forks each kernel and each judge from itself.

It owns one rule: it imports and never computes. A library that has computed may keep threads,
which a fork loses and then waits for; so an import that leaves a thread behind is taken back by
starting anew without it. What may be asked of it is on the host's inherited socket alone, and
nothing there can make a child less confined.
"""

from __future__ import annotations

import array
import contextlib
import functools
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

import mltutor_fork
import mltutor_shell

CONTROL, WITHOUT, AGAIN = "MLTUTOR_CONTROL", "MLTUTOR_WITHOUT", "MLTUTOR_AGAIN"
REQUEST_BYTES = 64 * 1024
_SKLEARN = (
    "cluster", "compose", "datasets", "decomposition", "ensemble", "feature_extraction.text", "impute",
    "linear_model", "metrics", "model_selection", "naive_bayes", "neighbors", "pipeline", "preprocessing",
    "svm", "tree",
)  # fmt: skip
PACKAGES = {
    "numpy": ("numpy",),
    "scipy": ("numpy", "scipy.stats", "scipy.optimize", "scipy.sparse", "scipy.linalg", "scipy.special"),
    "pandas": ("numpy", "pandas"),
    "matplotlib": ("numpy", "matplotlib.pyplot", "matplotlib.backends.backend_agg"),
    "sklearn": ("numpy", "sklearn", *(f"sklearn.{name}" for name in _SKLEARN)),
    "torch": ("numpy", "torch", "torch.utils.data", "torch._dynamo"),
}
"""What may be imported ahead, by the name that a program imports; what a lab lacks is left out."""


class Zygote:
    """Serves the host: forks at once, imports in the gaps, then forks what may wait."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._later: deque[Callable[[], None]] = deque()
        self._queued: set[int] = set()
        self._without = set(filter(None, os.environ.get(WITHOUT, "").split(",")))
        self._imported: list[str] = []
        for name in filter(None, os.environ.get(AGAIN, "").split(",")):
            self._import(name)

    def serve(self) -> None:
        """Until the host hangs up."""
        while True:
            if self._later and not select.select([self._control], [], [], 0)[0]:
                self._later.popleft()()
                continue
            message, descriptors = self._receive()
            if message is None:
                return
            if message["op"] == "import":
                self._plan_imports(message["packages"], now=message["now"])
                continue
            do = functools.partial(self._fork, message, descriptors[0])
            if message["may_wait"]:
                self._queued.add(descriptors[0])
                self._later.append(do)
            else:
                do()

    def _receive(self) -> tuple[dict[str, Any] | None, list[int]]:
        size = array.array("i").itemsize
        data, ancillary, *_ = self._control.recvmsg(
            REQUEST_BYTES, socket.CMSG_SPACE(4 * size), socket.MSG_CMSG_CLOEXEC
        )
        descriptors = array.array("i")
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(content[: len(content) - len(content) % size])
        return (json.loads(data) if data else None), list(descriptors)

    def _plan_imports(self, packages: list[str], *, now: bool) -> None:
        for name in [name for package in packages for name in PACKAGES.get(package, ())]:
            if now:
                self._import(name)
            else:
                self._later.append(functools.partial(self._import, name))

    def _fork(self, message: dict[str, Any], descriptor: int) -> None:
        self._queued.discard(descriptor)
        if message["role"] == "judge":
            mltutor_fork.load_engine()
        with contextlib.closing(socket.socket(fileno=descriptor)) as order:
            mltutor_fork.fork(message, order, [self._control.fileno(), *self._queued])

    def _import(self, name: str) -> None:
        if name in sys.modules or name in self._without:
            return
        with contextlib.suppress(ImportError):  # this lab does not hold it
            importlib.import_module(name)
        if len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208
            self._start_anew({*self._without, name})
        self._imported.append(name)
        mltutor_fork.note_libraries()
        gc.collect()
        gc.freeze()  # a collection in a child would write to, and so copy, every page

    def _start_anew(self, without: set[str]) -> None:
        os.environ[WITHOUT] = ",".join(sorted(without))
        os.environ[AGAIN] = ",".join(self._imported)
        os.set_inheritable(self._control.fileno(), True)
        os.execv(sys.executable, [sys.executable, *sys.argv])


def main() -> None:
    control = socket.socket(fileno=int(os.environ[CONTROL]))
    control.set_inheritable(False)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for children; the host watches them
    mltutor_shell.draft_app()
    Zygote(control).serve()


if __name__ == "__main__":
    main()
