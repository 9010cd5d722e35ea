"""A zygote forks kernels that are fresh, apart from each other, and gone when they end."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import pool as pool_module
from sandbox.fork import BrokenFork
from sandbox.kernel import Kernel, open_kernel
from sandbox.lab import BASE
from sandbox.limits import Limits
from sandbox.mounts import kit_view
from sandbox.pool import PACKAGES, Pool, default_place, packages_in, shared_pool, why_no_zygote
from sandbox.process import family_of
from sandbox.zygote import Zygote


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """A pool of the test's own, which kernels are taken from."""
    made = Pool()
    monkeypatch.setattr(pool_module, "shared_pool", lambda lab=BASE: made)
    monkeypatch.setattr("sandbox.startup.shared_pool", lambda lab=BASE: made)
    yield made
    made.close()


def zygote_of(pool: Pool) -> Zygote:
    assert pool.zygote is not None
    return pool.zygote


def said(kernel: Kernel, code: str) -> str:
    done = kernel.execute(code)
    assert done.error is None, done.error
    return done.stdout.strip()


def test_a_zygote_forks_on_this_machine() -> None:
    assert why_no_zygote() is None
    with open_kernel() as kernel:
        assert kernel.isolation == "namespaces"
        # Its parent is an init, not bubblewrap: it was forked.
        assert said(kernel, "import os; print(os.getpid(), os.getppid())") == "2 1"


def test_memory_files_count_also_beside_much_that_is_shared_with_the_zygote(pool: Pool) -> None:
    """Shared pages count for each process that has them, and their sum must not hide the files."""
    pool.prepare(PACKAGES)
    with open_kernel(limits=Limits(memory_mb=300)) as kernel:
        done = kernel.execute(
            "import os, time\n"
            "held = [os.memfd_create(str(n)) for n in range(6)]\n"
            "for f in held * 90: os.write(f, bytes(2**20))\n"
            "time.sleep(20)\n"
            "print('survived')"
        )
        assert (done.outcome, done.stdout) == ("memory", "")


def test_what_was_imported_ahead_is_there_and_nothing_was_computed(pool: Pool) -> None:
    pool.prepare(["numpy", "sklearn"])
    with open_kernel() as kernel:
        modules = said(kernel, "import sys; print('numpy' in sys.modules, 'sklearn.svm' in sys.modules)")
        assert modules == "True True"
    with open(f"/proc/{zygote_of(pool).pid}/status", encoding="ascii") as status:  # noqa: PTH123
        assert "Threads:\t1\n" in status.read()


def test_forks_compute_with_all_the_threads_they_may_use(pool: Pool) -> None:
    pool.prepare(["numpy", "sklearn"])
    code = (
        "import numpy as np, os\nfrom threadpoolctl import threadpool_info\n"
        "a = np.random.rand(400, 400); (a @ a).sum()\n"
        "print({one['num_threads'] for one in threadpool_info()}, os.environ['OMP_NUM_THREADS'])"
    )
    threads = str(min(4, os.cpu_count() or 1))
    with open_kernel() as kernel:
        assert said(kernel, code) == f"{{{threads}}} {threads}"


def test_forks_share_no_random_numbers(pool: Pool) -> None:
    pool.prepare(["numpy", "torch"])
    code = (
        "import random, numpy, torch, multiprocessing as m\n"
        "print(random.random(), numpy.random.rand(), torch.rand(1).item(), m.current_process().authkey.hex())"
    )
    with open_kernel() as one, open_kernel() as two:
        first, second = said(one, code).split(), said(two, code).split()
    assert len(first) == 4
    assert not set(first) & set(second)


def test_a_kernel_that_changes_a_module_changes_it_for_itself(pool: Pool) -> None:
    pool.prepare(["numpy"])
    with open_kernel() as kernel:
        said(kernel, "import numpy, json\nnumpy.mean = json.dumps = None\nnumpy.core_secret = 1")
    with open_kernel() as kernel:
        code = "import numpy, json; print(numpy.mean([1, 3]), json.dumps(1), hasattr(numpy, 'core_secret'))"
        assert said(kernel, code) == "2.0 1 False"


def test_spares_are_ready_and_replaced(pool: Pool) -> None:
    pool.warm_up(spares=1)
    with open_kernel() as kernel:
        assert said(kernel, "print(1)") == "1"
    assert pool._filler is not None
    pool._filler.join(60)
    spare = pool._spares[0].fork
    with open_kernel() as kernel:
        assert kernel._started.process is spare
        assert said(kernel, "import sys; print('torch' in sys.modules)") == "True"


def test_a_spare_that_died_is_not_handed_out(pool: Pool) -> None:
    dead = pool.take_kernel(default_place())
    pool.give_back(dead)
    os.kill(dead.fork.pid, signal.SIGKILL)
    assert dead.fork._is_gone(10)
    with open_kernel() as kernel:
        assert kernel._started.process is not dead.fork
        assert said(kernel, "print(1)") == "1"


def test_a_zygote_that_died_is_replaced(pool: Pool) -> None:
    with open_kernel():
        pass
    first = zygote_of(pool)
    os.kill(first.pid, signal.SIGKILL)
    first._process.wait(10)
    with open_kernel() as kernel:
        assert said(kernel, "print(1)") == "1"
    assert zygote_of(pool) is not first


def test_closing_a_pool_ends_every_fork(pool: Pool) -> None:
    kernel = open_kernel()
    family = family_of(zygote_of(pool).pid)
    assert len(family) == 3
    pidfds = [os.pidfd_open(member) for member in family]
    pool.close()
    for pidfd in pidfds:
        with pytest.raises(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, 0)
        os.close(pidfd)
    kernel.close()


def test_nothing_is_left_of_a_closed_kernel(pool: Pool) -> None:
    with open_kernel() as kernel:
        said(kernel, "import subprocess; subprocess.Popen(['sleep', '300'])")
        assert len(zygote_of(pool).forks()) == 1
    assert zygote_of(pool).forks() == []


def test_limits_count_what_the_code_adds_not_what_was_imported(pool: Pool) -> None:
    pool.prepare(["numpy", "torch", "sklearn"])
    with open_kernel(limits=Limits(memory_mb=256)) as kernel:
        assert said(kernel, "x = bytearray(150_000_000); print(len(x))") == "150000000"
        assert kernel.execute("y = bytearray(300_000_000)").outcome == "memory"


def test_a_fork_that_fails_for_another_reason_is_told(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.zygote._folders_in_writable_places", lambda lab: ["/nowhere"])
    with pytest.raises(BrokenFork, match="nowhere"):
        open_kernel()


def test_packages_are_found_in_scripts_and_notebooks() -> None:
    notebook = b'{"cells": [{"source": ["import torch\\n", "from sklearn import svm"]}]}'
    assert packages_in([b"import numpy as np\nimport os", notebook]) == {"numpy", "torch", "sklearn"}


def test_the_shared_pool_is_one() -> None:
    assert shared_pool() is shared_pool()


def test_a_library_that_leaves_a_thread_behind_is_left_out(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The zygote of a lab whose `pandas` starts a thread: forks go on, without it."""
    noisy = tmp_path / "noisy"
    noisy.mkdir()
    started = (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(300,), daemon=True).start()\n"
    )
    (noisy / "pandas.py").write_text(started, encoding="utf-8")
    view = kit_view() | {"/opt/mltutor/pandas.py": noisy / "pandas.py"}
    monkeypatch.setattr("sandbox.zygote.kit_view", lambda: view)
    pool.prepare(["numpy", "pandas"])
    with open_kernel() as kernel:
        seen = said(kernel, "import sys, threading; print('pandas' in sys.modules, 'numpy' in sys.modules)")
        assert seen == "False True"  # it started anew, without the one and with the other
    assert "Threads:\t1\n" in Path(f"/proc/{zygote_of(pool).pid}/status").read_text(encoding="ascii")
