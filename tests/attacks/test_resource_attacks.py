"""R1-R7: each attack meets its limit, is named after it, and siblings go on. Asserted from the host."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.kernel import Kernel, open_kernel
from sandbox.limits import Limits, Outcome
from sandbox.run import run_code
from tests.attacks.arena import forks

SMALL = Limits(seconds=4, memory_mb=200, processes=24, disk_mb=20, output_bytes=50_000, figures=3)
LOOP = "\nwhile True: pass"

BOMB: set[Outcome] = {"processes", "memory", "timeout"}
"""On a busy machine a bomb whose forks are refused can meet the next bound before the first is told."""

ATTACKS: dict[str, tuple[str, set[Outcome]]] = {
    "r1_fork_bomb": ("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", BOMB),
    "r1_fork_bomb_in_sessions": (
        "import os\nwhile True:\n    try:\n        if os.fork() == 0: os.setsid()\n    except OSError: pass",
        BOMB,
    ),
    "r1_threads": (
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(99,)).start()",
        {"processes"},
    ),
    "r2_heap": ("x = []\nwhile True: x.append(bytearray(10 ** 7))", {"memory"}),
    "r2_shared_map": (
        "import mmap\nm = mmap.mmap(-1, 10 ** 9)\nfor i in range(0, 10 ** 9, 4096): m[i] = 1",
        {"memory"},
    ),
    "r2_memory_files": (
        "import os\nfs = [os.memfd_create(str(i)) for i in range(60)]\nfor f in fs: os.write(f, b'x' * 10 ** 7)" + LOOP,
        {"memory"},
    ),
    "r2_many_small": (
        "import os, time\nfor i in range(12):\n    if os.fork() == 0:\n        x = os.urandom(40_000_000)\n"
        "        time.sleep(60)\ntime.sleep(60)",
        {"memory"},
    ),
    "r2_huge_number": ("x = 10 ** 8\nwhile True: x = x * x", {"memory", "timeout", "error"}),
    "r3_spin": ("while True: pass", {"timeout"}),
    "r3_sleep": ("import time\ntime.sleep(600)", {"timeout"}),
    "r3_ignored_interrupt": (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n"
        "    try:\n        while True: pass\n    except BaseException: pass",
        {"timeout"},
    ),
    "r3_c_loop": ("sum(range(10 ** 12))", {"timeout"}),
    "r3_stopped": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", {"timeout"}),
    "r3_regular_expression": ("import re\nre.match(r'(a+)+$', 'a' * 40 + 'b')", {"timeout"}),
    "r3_repr": ("class A:\n    def __repr__(self):\n        while True: pass\nA()", {"timeout"}),
    "r3_message": ("class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E", {"timeout"}),
    # Where the host is kept from reading, what waits to be sent fills the kernel's own memory first.
    "r4_print": ("while True: print('x' * 10000)", {"output", "memory", "crashed"}),
    # Once in a thousand times ipykernel's own thread, which reads the descriptor, crashes its process.
    "r4_descriptor": ("import os\nwhile True: os.write(1, b'x' * 65536)", {"output", "timeout", "crashed"}),
    "r4_display": ("from IPython.display import display\nwhile True: display('x' * 1000)", {"output", "timeout"}),
    "r4_figures": (
        "import matplotlib.pyplot as plt\nwhile True:\n    plt.plot([1]); plt.show()",
        {"output", "timeout"},
    ),
    "r4_figure_without_end": (
        "import matplotlib.pyplot as plt\nplt.figure(figsize=(600, 600)); plt.plot([1]); plt.show()",
        {"memory", "error"},
    ),
    "r5_disk": ("f = open('x', 'wb')\nwhile True: f.write(b'x' * 10 ** 6)", {"disk"}),
    "r5_tmp": ("f = open('/tmp/x', 'wb')\nwhile True: f.write(b'x' * 10 ** 6)", {"disk"}),
    "r5_files": ("i = 0\nwhile True:\n    open(str(i), 'w').close(); i += 1", {"disk"}),
    "r5_sparse": ("open('x', 'wb').truncate(10 ** 13)", {"disk"}),
    "r6_daemon": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(600)\n"
        "    os._exit(0)",
        {"ok"},
    ),
    "r6_program_left_behind": ("import subprocess\nsubprocess.Popen(['sleep', '600'])", {"ok"}),
    "r7_threads_of_libraries": (
        "import numpy as np\na = np.random.rand(500, 500)\nwhile True: a @ a",
        {"timeout"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_resources_are_bounded_and_the_outcome_names_the_bound(name: str) -> None:
    code, outcomes = ATTACKS[name]
    report = run_code(code, limits=SMALL)
    assert report.outcome in outcomes, report
    assert report.seconds < SMALL.seconds + 8  # a crowd contends with whoever is to end it
    assert len(report.stdout) + len(report.stderr) <= SMALL.output_bytes
    assert len(report.figures) <= SMALL.figures
    if report.outcome != "ok":
        assert report.error is not None and report.error.message


def works(kernel: Kernel) -> bool:
    return kernel.execute("print(6 * 7)").stdout == "42\n"


@pytest.mark.parametrize("name", ["r1_fork_bomb", "r2_shared_map", "r4_print", "r5_disk"])
def test_a_sibling_goes_on_while_another_is_attacking(name: str) -> None:
    with open_kernel(limits=SMALL) as sibling, open_kernel(limits=SMALL) as attacker:
        assert works(sibling)
        attacker.execute(ATTACKS[name][0])
        assert works(sibling)


def test_r1_limit_holds_also_for_what_is_forked_from_a_fork() -> None:
    with open_kernel(limits=SMALL) as kernel:
        done = kernel.execute("import os, time\nfor i in range(500):\n    if os.fork(): time.sleep(60)")
        assert done.outcome == "processes"


def test_r3_the_kernel_lives_on_after_a_loop_was_stopped() -> None:
    with open_kernel(limits=SMALL) as kernel:
        assert kernel.execute("kept = 1\nwhile True: pass", seconds=1).outcome == "timeout"
        assert kernel.execute("print(kept)").stdout == "1\n"


def test_r6_the_end_of_a_kernel_is_the_end_of_its_family() -> None:
    with open_kernel() as kernel:
        kernel.execute(
            "import os, time\nfor i in range(5):\n    if os.fork() == 0:\n        os.setsid(); time.sleep(600)"
        )
        (init,) = forks()
        assert Path(f"/proc/{init}").exists()
        pidfd = os.pidfd_open(init)
    with pytest.raises(ProcessLookupError):
        import signal

        signal.pidfd_send_signal(pidfd, 0)
    os.close(pidfd)
