"""Many gradings in a row, a fifth of them crashing in ten ways: what is left of them afterwards?

    python -m benchmarks.soak [--gradings 1000]

Counted before and after, on the host: processes, namespaces, control groups, temporary files, open
descriptors and the memory of this process and of its zygote. Exit 1 when anything is left.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sandbox.grading import grade
from sandbox.limits import Limits
from sandbox.pool import shared_pool
from sandbox.process import family_of
from sandbox.submission import submission_from_files

CHECKS = """
from sandbox.judge import check, expect

@check("it adds", points=1, visible=True)
def it_adds(submission):
    expect(submission.call("add", 2, 3)).equals(5)

@check("it adds anything", points=1)
def it_adds_anything(submission):
    expect(submission.call("add", -7, 3)).equals(-4)
"""
RIGHT = "def add(a, b):\n    return a + b\n"
CRASHES = {
    "ends itself": "import os\ndef add(a, b):\n    os._exit(3)\n",
    "ends while loading": "import sys\nsys.exit(1)\n",
    "raises while loading": "raise RuntimeError('no')\n",
    "segmentation fault": "import ctypes\ndef add(a, b):\n    ctypes.string_at(0)\n",
    "kills itself": "import os, signal\ndef add(a, b):\n    os.kill(os.getpid(), signal.SIGKILL)\n",
    "never ends": "def add(a, b):\n    while True: pass\n",
    "takes all memory": "def add(a, b):\n    return len(bytearray(10 ** 10))\n",
    "forks without end": "import os\ndef add(a, b):\n    while True: os.fork()\n",
    "prints without end": "def add(a, b):\n    while True: print('x' * 10000)\n",
    "leaves a daemon": (
        "import os, time\ndef add(a, b):\n    if os.fork() == 0:\n        os.setsid()\n"
        "        time.sleep(300)\n    os._exit(0)\n"
    ),
}
WARM_UP = 30
MEMORY_SLACK_MB = 16.0
"""What a heap may grow by without a leak that a thousand gradings would not show as more."""


def submissions(count: int) -> list[tuple[str, str]]:
    """(name, source): four of five right, the others the ten crashes in turn."""
    crashes = list(CRASHES.items())
    return [("right", RIGHT) if n % 5 else crashes[n // 5 % len(crashes)] for n in range(count)]


def measure() -> dict[str, float]:
    """What stands on this machine and belongs to this process or to none."""
    gc.collect()
    zygote = shared_pool().zygote
    own = [os.getpid(), *family_of(os.getpid())]
    names = ("pid", "mnt", "net", "ipc", "uts", "user")
    namespaces = {os.readlink(f"/proc/{pid}/ns/{name}") for pid in own for name in names}  # noqa: PTH115
    return {
        "processes": len(set(own)),
        "forks": len(zygote.forks()) if zygote else 0,
        "namespaces": len(namespaces),
        "control groups": len(list(Path("/sys/fs/cgroup").glob(f"**/mltutor-{os.getpid()}-*"))),
        "temporary files": len(list(Path(tempfile.gettempdir()).iterdir())),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "host MB": _resident_mb(os.getpid()),
        "zygote MB": _resident_mb(zygote.pid) if zygote else 0.0,
    }


def differences(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """What grew: counts by anything, memory by more than MEMORY_SLACK_MB."""
    grown = {name: after[name] - before[name] for name in before}
    return {
        name: growth
        for name, growth in grown.items()
        if growth > (MEMORY_SLACK_MB if name.endswith("MB") else 0)
    }


def grade_all(project: Path, count: int) -> dict[str, int]:
    """How many submissions of each kind came back with the verdict that is due."""
    limits = Limits(seconds=2, memory_mb=256, processes=32, output_bytes=10_000)
    due: dict[str, int] = {}
    for name, source in submissions(count):
        report = grade(project, submission_from_files({"solution.py": source}, "solution.py"), limits=limits)
        if report.passed is (name == "right"):
            due[name] = due.get(name, 0) + 1
    return due


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gradings", type=int, default=1000)
    count = parser.parse_args(arguments).gradings
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "checks.py").write_text(CHECKS, encoding="utf-8")
        grade_all(Path(folder), WARM_UP)
        before, began = measure(), time.monotonic()
        due = grade_all(Path(folder), count)
        seconds = time.monotonic() - began
        after = measure()
    grown = differences(before, after)
    print(json.dumps({"before": before, "after": after, "verdicts as due": due}, indent=2))
    right = sum(due.values())
    left = grown or "nothing"
    print(f"{count} gradings in {seconds:.0f} s; {right} verdicts as due; left behind: {left}")
    return 0 if not grown and right == count else 1


def _resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


if __name__ == "__main__":
    sys.exit(main())
