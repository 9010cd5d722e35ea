"""What becomes of a process that the zygote forked: a kernel with its init, or a judge.

It owns one rule: before a line of a learner or of a project runs, the namespaces are furnished,
the capabilities gone, the system calls filtered, the random numbers fresh and the limits set.
The host hears `born` with descriptors of the process and its folders, then `ready`, sends one
order with the files, and hears `ready` again; the end of a kernel's process is told as `exit`.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import random
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any, cast

import mltutor_namespaces as namespaces
import mltutor_seccomp
import mltutor_shell
from mltutor_boot import go_first, set_limits, unpack

SOCKETS = f"{namespaces.HOME}/.sockets/k"
WORKSPACE = f"{namespaces.HOME}/work"
PROJECT = "/opt/judge"
LINE_BYTES = 4 * 1024 * 1024
# Each kernel would import these by itself; the codec of a graded submission comes with the agent.
for _name in (
    "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.oinspect",
    "IPython.extensions.storemagic", "tornado.platform.asyncio", "mltutor_agent",
):  # fmt: skip
    importlib.import_module(_name)
_libraries: list[Any] = []
_EXCHANGE = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "sandbox"}
for _name in _EXCHANGE:  # only a grade may find them: `sandbox` may be a learner's own module
    del sys.modules[_name]
sys.path[:] = [place for place in dict.fromkeys(sys.path) if not place.endswith("/mltutor/exchange")]


_ENGINE: dict[str, Any] = {}


def load_engine() -> None:
    """Import what judges a submission, once for all judges to come; a kernel lets go of it at its birth."""
    if _ENGINE:
        return
    sys.path.insert(0, namespaces.ENGINE)
    try:
        importlib.import_module("sandbox.judge_main")
        with contextlib.suppress(ImportError):  # this lab does not hold it
            importlib.import_module("yaml")
    finally:
        sys.path.remove(namespaces.ENGINE)
        for name in [name for name in sys.modules if name.split(".")[0] == "sandbox"]:
            _ENGINE[name] = sys.modules.pop(name)
        importlib.invalidate_caches()


def fork(request: dict[str, Any], order: socket.socket, others: list[int]) -> None:
    """Fork as `request` says; the child speaks with the host on `order` and never returns.

    others: the descriptors of the zygote and of forks to come, on which it must not be able to speak.
    """
    if namespaces.born_apart() != 0:
        return
    try:
        for descriptor in others:
            os.close(descriptor)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        is_judge = request["role"] == "judge"
        namespaces.furnish(request["disk_mb"], request["files"], request["kept"], request["hidden"], is_judge)
        _tell_birth(order)
        if is_judge:
            _become_judge(order, request)
        else:
            _become_init(order, request)
    except BaseException:
        with contextlib.suppress(OSError):  # the host has gone
            order.sendall(json.dumps({"failed": traceback.format_exc()[-4000:]}).encode() + b"\n")
    finally:
        os._exit(1)


def _tell_birth(order: socket.socket) -> None:
    opened = [os.pidfd_open(os.getpid())]
    opened += [os.open(folder, os.O_RDONLY | os.O_DIRECTORY) for folder in (namespaces.HOME, WORKSPACE)]
    socket.send_fds(order, [b'{"born": true}\n'], opened)
    for descriptor in opened:
        os.close(descriptor)


def _become_init(order: socket.socket, request: dict[str, Any]) -> None:
    """PID 1 of a kernel's namespace: it waits for everyone, and tells how the kernel ended."""
    _ENGINE.clear()
    namespaces.drop_capabilities()
    kernel = os.fork()
    if kernel == 0:
        os.setsid()
        _become_kernel(order, request)
    namespaces.hide_memory()
    while True:
        with contextlib.suppress(ChildProcessError):
            pid, status = os.waitpid(-1, 0)
            if pid == kernel:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(-1, signal.SIGKILL)  # whoever it left behind goes with it
                code = os.waitstatus_to_exitcode(status)
                with contextlib.suppress(OSError):
                    order.sendall(json.dumps({"exit": code}).encode() + b"\n")
            continue
        signal.pause()  # nobody is left; the host ends this namespace


def _become_kernel(order: socket.socket, request: dict[str, Any]) -> None:
    os.chdir(WORKSPACE)
    _renew(request)
    _use_threads(int(os.environ["OMP_NUM_THREADS"]))
    app = mltutor_shell.make_app(SOCKETS, request["key"])
    mltutor_seccomp.install()
    order.sendall(b'{"ready": true}\n')
    told, stream, descriptors = _receive_order(order)
    unpack(told["files"], stream)
    os.environ["MLTUTOR_KERNEL"] = "1"
    if descriptors:
        os.environ["MLTUTOR_CHANNEL"] = str(descriptors[0])
        sys.modules.update(_EXCHANGE)
    else:
        sys.modules.pop("mltutor_agent", None)
    _forget_ourselves()
    sys.path.insert(0, WORKSPACE)
    set_limits(_with_room(told["limits"]))
    go_first()
    order.sendall(b'{"ready": true}\n')
    order.close()
    app.start()


def _become_judge(order: socket.socket, request: dict[str, Any]) -> None:
    namespaces.mount_folder(PROJECT, request["disk_mb"])
    os.chdir(PROJECT)
    order.sendall(b'{"ready": true}\n')
    told, stream, (channel, stderr) = _receive_order(order)
    unpack(told["files"], stream)
    namespaces.lock_folder(PROJECT)
    namespaces.drop_capabilities()
    os.chdir(WORKSPACE)
    mltutor_seccomp.install()
    _renew(request)
    _use_threads(1)  # solutions are run in forks of the judge, which a pool of threads would not survive
    os.dup2(stderr, 2)
    os.close(stderr)
    order.sendall(b'{"ready": true}\n')
    order.close()
    os.environ.update(told["variables"] | {"MLTUTOR_CHANNEL": str(channel)})
    _forget_ourselves()
    sys.path[:] = [namespaces.ENGINE, *(path for path in sys.path if not path.startswith("/opt/"))]
    sys.modules.update(_ENGINE)
    sys.argv = ["judge", PROJECT]
    from sandbox.judge_main import main

    main()
    signal.pause()  # the host ends it, and reads its time first


def _receive_order(order: socket.socket) -> tuple[dict[str, Any], io.BytesIO, list[int]]:
    """The host's order, the bytes of its files, and the descriptors that came with it."""
    data, descriptors, *_ = socket.recv_fds(order, LINE_BYTES, 4, socket.MSG_CMSG_CLOEXEC)
    while b"\n" not in data:
        data += _more(order)
    line, _, body = data.partition(b"\n")
    told = json.loads(line)
    files = bytearray(body)
    size = sum(size for _, size in told["files"])
    while len(files) < size:
        files += _more(order)
    return told, io.BytesIO(bytes(files)), list(descriptors)


def _more(order: socket.socket) -> bytes:
    data = order.recv(LINE_BYTES)
    if not data:  # the host let a spare kernel go
        os._exit(0)
    return data


def _renew(request: dict[str, Any]) -> None:
    """What a fork shares with its siblings and must not: random numbers, secrets, an environment."""
    for name in ("MLTUTOR_CONTROL", "MLTUTOR_WITHOUT", "MLTUTOR_AGAIN"):
        os.environ.pop(name, None)
    if request["devices"] is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = request["devices"]
    random.seed()
    loaded = cast("dict[str, Any]", sys.modules)
    if "numpy" in loaded:
        loaded["numpy"].random.seed()
    if "torch" in loaded:
        loaded["torch"].default_generator.manual_seed(int.from_bytes(os.urandom(8), "big") >> 1)
    if "multiprocessing.process" in loaded:
        loaded["multiprocessing.process"].current_process().authkey = os.urandom(32)


def _use_threads(number: int) -> None:
    """The zygote's BLAS has one thread, which a fork needs; a kernel may use more."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(number)
    for library in _libraries:
        library.set_num_threads(number)
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(number)


def note_libraries() -> None:
    """Find the libraries that compute with threads, once for all forks."""
    if "numpy" in sys.modules:
        from threadpoolctl import ThreadpoolController

        _libraries[:] = ThreadpoolController().lib_controllers


def _forget_ourselves() -> None:
    """A learner may have modules of any name."""
    for name in ("mltutor_fork", "mltutor_zygote", "mltutor_namespaces", "mltutor_seccomp", "mltutor_boot"):
        sys.modules.pop(name, None)


def _with_room(limits: dict[str, int]) -> dict[str, int]:
    """Memory is what the learner's code adds: the zygote's own data, shared with it, is no part."""
    if "RLIMIT_DATA" not in limits:
        return limits
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmData"))
    return limits | {"RLIMIT_DATA": limits["RLIMIT_DATA"] + int(kilobytes) * 1024}
