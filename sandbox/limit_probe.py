"""Shows that the limits of this machine's sandbox hold: exceeds each, in a real kernel, and looks.

It owns one rule: a limit is said to hold only after it was seen to; naming what enforces it is
another thing, done without running anything of a learner's kind.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from sandbox.cgroup import find_cgroups
from sandbox.execution import Execution
from sandbox.isolation import current_isolation
from sandbox.kernel import Kernel, open_kernel
from sandbox.limits import Limits, Outcome, usable_cores
from tutor_error import TutorError

Limit = Literal[
    "wall clock", "cpu time", "cores", "memory", "processes", "threads", "files", "disk", "output", "figures"
]
_SMALL = Limits(
    seconds=10,
    cpu_seconds=5,
    memory_mb=300,
    processes=10,
    disk_mb=4,
    files=60,
    output_bytes=20_000,
    figures=2,
    figure_bytes=100_000,
)
_DEAF = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(5)"
_SPIN = "import os\nchild = os.fork()\nwhile True: pass"
_SHARED = """import mmap
shared = mmap.mmap(-1, 900 * 2**20)
for page in range(0, len(shared), 4096): shared[page] = 1
print('not held')"""
_CROWD = """import os, threading
for _ in range(40):
    if os.fork() == 0: threading.Event().wait(60)
threading.Event().wait(2)
print('not held')"""
_THREADS = """import threading
threading.stack_size(64 * 1024)  # so that memory is not what they run out of
for _ in range(250): threading.Thread(target=threading.Event().wait, args=(60,), daemon=True).start()
threading.Event().wait(2)
print('not held')"""
_FILES = """import threading
for n in range(200): open(f'{n}.txt', 'w').close()
threading.Event().wait(2)
print('not held')"""
_DISK = """import threading
for n in range(2): open(f'{n}.bin', 'wb').write(bytes(3 * 2**20))
threading.Event().wait(2)
print('not held')"""
_CLEAN = "import os\nfor name in os.listdir('.'): os.remove(name)"
_FIGURES = """from IPython.display import Image, display
png = b'\\x89PNG\\r\\n\\x1a\\n' + bytes(1000)
for _ in range(4): display(Image(png))"""


@dataclass(frozen=True)
class LimitFinding:
    """What became of an attempt to exceed a limit. seen: in words, for a person."""

    limit: Limit
    mechanism: str
    holds: bool
    seen: str


@dataclass(frozen=True)
class _Trial:
    """Code that exceeds `limit`, and how the outcome shows that the limit held."""

    limit: Limit
    code: str
    outcomes: tuple[Outcome, ...]
    seconds: float = 6.0
    held: Callable[[Execution], bool] = lambda done: "not held" not in done.stdout
    clean: str = ""
    cpu_seconds: float | None = None  # its own, in a kernel of its own


_TRIALS = (
    _Trial("output", "while True: print('x' * 1000)", ("output",), held=lambda done: done.truncated),
    _Trial("figures", _FIGURES, ("ok",), held=lambda done: done.truncated and len(done.figures) == 2),
    _Trial("files", _FILES, ("disk",), clean=_CLEAN),
    _Trial("disk", _DISK, ("disk",), clean=_CLEAN),
    _Trial("wall clock", _DEAF, ("timeout",), seconds=0.5, held=lambda done: "CPU" not in str(done.error)),
    _Trial("cpu time", _SPIN, ("timeout",), held=lambda done: "CPU" in str(done.error), cpu_seconds=0.5),
    _Trial("memory", _SHARED, ("memory",)),
    _Trial("processes", _CROWD, ("processes",)),
    _Trial("threads", _THREADS, ("processes",)),
)
"""Those that leave the kernel alive come first, and share one."""


def name_mechanisms() -> dict[Limit, str]:
    """What enforces each limit here. Raises nothing; starts at most the probe of `find_cgroups`."""
    slots = find_cgroups().slots
    named = {name: f"cgroup v{slot.version}" for name, slot in slots.items()}
    counted = "supervisor of the host"
    has_places = current_isolation().tier == "namespaces"
    place = "tmpfs of a fixed size" if has_places else f"{counted}, each file by rlimit"
    tasks = ", ".join(filter(None, (named.get("pids"), counted, "rlimit" if has_places else "")))
    quota = f"{named['cpu']}: {min(Limits().cores, usable_cores()):g}" if "cpu" in named else ""
    return {
        "wall clock": "host: interrupt, then kill",
        "cpu time": ", ".join(filter(None, (named.get("cpuacct"), counted))),
        "cores": quota or f"none ({find_cgroups().missing.get('cpu', '')})",
        "memory": ", ".join(filter(None, (named.get("memory"), counted, "heap by rlimit"))),
        "processes": tasks,
        "threads": tasks,
        "files": "tmpfs of a fixed number" if has_places else counted,
        "disk": place,
        "output": "host: cut, then interrupt",
        "figures": "host: cut, then interrupt",
    }


def probe_limits(*, allow_unisolated: bool = False) -> list[LimitFinding]:
    """Exceed each limit in kernels with small ones; about ten seconds, at most a minute.

    Raises TutorError `unisolated` where this machine confines nothing and that was not allowed.
    """
    mechanisms = name_mechanisms()
    findings: list[LimitFinding] = []
    with contextlib.ExitStack() as stack:
        kernel: Kernel | None = None
        for trial in _TRIALS:
            if kernel is None or not kernel.is_alive() or trial.cpu_seconds:
                limits = replace(_SMALL, cpu_seconds=trial.cpu_seconds or _SMALL.cpu_seconds)
                kernel = stack.enter_context(open_kernel(limits=limits, allow_unisolated=allow_unisolated))
            findings.append(_try(kernel, trial, mechanisms[trial.limit]))
    return findings


def _try(kernel: Kernel, trial: _Trial, mechanism: str) -> LimitFinding:
    try:
        done = kernel.execute(trial.code, trial.seconds)
        if trial.clean and kernel.is_alive():
            kernel.execute(trial.clean)
    except TutorError as error:
        return LimitFinding(trial.limit, mechanism, False, error.message)
    holds = done.outcome in trial.outcomes and trial.held(done)
    said = f"{done.error.name}: {done.error.message}" if done.error else "no error"
    return LimitFinding(trial.limit, mechanism, holds, f"{done.outcome} ({said}) after {done.seconds:.1f} s")
