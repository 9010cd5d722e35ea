"""A GPU has one holder at a time, in the order of asking, and a dead holder holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nvml_stub import build_stub, device_files, gpu, lab_with_torch

from sandbox.claims import Claim, drop, enqueue
from sandbox.lease import FOLDER, Lease, lease_device, lease_gpu, read_claims
from tutor_error import TutorError

MISSING = "libnvidia-ml-that-is-nowhere.so"
CHILD = """
import sys
from pathlib import Path
from nvml_stub import gpu
from sandbox.lease import lease_gpu
home = Path(sys.argv[1])
"""
HOLD = (
    CHILD
    + 'lease_gpu(home, [gpu(0)], purpose="training", seconds_to_wait=60)\nprint("held", flush=True)\ninput()'
)
COMPETE = CHILD + (
    "for _ in range(5):\n"
    '    with lease_gpu(home, [gpu(0)], purpose="competing", seconds_to_wait=60):\n'
    '        with open(home / "alone", "x"): pass\n'  # fails where another is inside
    '        (home / "alone").unlink()\n'
)


def lease(home: Path, *numbers: int, **arguments: Any) -> Lease:
    gpus = [gpu(number) for number in numbers]
    return lease_gpu(home, gpus, **({"purpose": "a test", "seconds_to_wait": 0.0} | arguments))


def await_claims(home: Path, number: int) -> None:
    deadline = time.monotonic() + 30
    while len(read_claims(home)) < number:
        assert time.monotonic() < deadline, "nobody came to wait"


@contextmanager
def child(program: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(home)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_a_leased_gpu_is_nobody_elses(tmp_path: Path) -> None:
    with lease(tmp_path, 0) as held:
        assert [one.index for one in held.gpus] == [0]
        assert held.minors == (7,)
        with pytest.raises(TutorError) as caught:
            lease(tmp_path, 0)
        assert caught.value.code == "gpu-busy"
    lease(tmp_path, 0).close()
    assert read_claims(tmp_path) == []


def test_who_waits_in_vain_is_told_the_holder(tmp_path: Path) -> None:
    with lease(tmp_path, 0, purpose="grading char-transformer"):
        (claim,) = read_claims(tmp_path)
        with pytest.raises(TutorError, match="grading char-transformer") as caught:
            lease(tmp_path, 0, seconds_to_wait=0.2)
    assert f"process {os.getpid()} since {claim.since:%H:%M} UTC" in caught.value.message
    assert "after 0.2 s" in caught.value.message


def test_a_holder_that_is_killed_holds_nothing(tmp_path: Path) -> None:
    with child(HOLD, tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(TutorError, match=f"process {process.pid} .*training"):
            lease(tmp_path, 0)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        assert len(list((tmp_path / FOLDER).glob("*.claim"))) == 1  # its file is there and means nothing
        assert read_claims(tmp_path) == []
        lease(tmp_path, 0).close()
    assert list((tmp_path / FOLDER).glob("*.claim")) == []


def test_processes_that_compete_are_never_in_at_once(tmp_path: Path) -> None:
    with ExitStack() as stack:
        rivals = [stack.enter_context(child(COMPETE, tmp_path)) for _ in range(3)]
        assert [rival.wait(90) for rival in rivals] == [0, 0, 0]
    assert read_claims(tmp_path) == []


def test_threads_of_one_process_compete_as_processes_do(tmp_path: Path) -> None:
    inside = threading.Lock()

    def work(_: int) -> bool:
        with lease(tmp_path, 0, seconds_to_wait=60.0):
            alone = inside.acquire(blocking=False)
            if alone:
                inside.release()
            return alone

    with ThreadPoolExecutor(4) as workers:
        assert all(workers.map(work, range(12)))


def test_a_later_claim_waits_behind_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    waiting = Claim(pid=1, host="here", purpose="first", since=datetime.now(UTC), wants=("GPU-0",))
    path, descriptor = enqueue(tmp_path / FOLDER, waiting)
    with pytest.raises(TutorError, match=r"others came first.* 1 more wait"):
        lease(tmp_path, 0)
    lease(tmp_path, 1).close()  # nobody waits for that one
    drop(path, descriptor)
    lease(tmp_path, 0).close()


def test_a_lease_that_waits_gets_the_gpu_when_it_is_given_back(tmp_path: Path) -> None:
    first = lease(tmp_path, 0)
    with ThreadPoolExecutor(1) as workers:
        second = workers.submit(lease, tmp_path, 0, seconds_to_wait=60.0)
        await_claims(tmp_path, 2)
        first.close()
        second.result(60).close()


def test_waiting_stops_when_it_is_cancelled(tmp_path: Path) -> None:
    cancel = threading.Event()
    with lease(tmp_path, 0), ThreadPoolExecutor(1) as workers:
        waiting = workers.submit(lease, tmp_path, 0, seconds_to_wait=60.0, cancel=cancel)
        await_claims(tmp_path, 2)
        cancel.set()
        with pytest.raises(TutorError) as caught:
            waiting.result(30)
    assert caught.value.code == "cancelled"
    assert read_claims(tmp_path) == []


def test_shares_fill_a_gpu_and_no_more(tmp_path: Path) -> None:
    with lease(tmp_path, 0, share_mb=16000), lease(tmp_path, 0, share_mb=8000):
        with pytest.raises(TutorError, match="No GPU is free"):
            lease(tmp_path, 0, share_mb=1000)
        with pytest.raises(TutorError, match="No GPU is free"):
            lease(tmp_path, 0)  # a whole one
    with lease(tmp_path, 0), pytest.raises(TutorError, match="No GPU is free"):
        lease(tmp_path, 0, share_mb=1)


def test_shares_are_packed_and_whole_gpus_are_the_freest(tmp_path: Path) -> None:
    with lease(tmp_path, 1, share_mb=4000), lease(tmp_path, 0, 1, share_mb=4000) as beside:
        assert [one.index for one in beside.gpus] == [1]
    gpus = [gpu(0, free=1000), gpu(1, free=20000), gpu(2, free=5000)]
    with lease_gpu(tmp_path, gpus, purpose="a test", count=2, seconds_to_wait=0.0) as held:
        assert [one.index for one in held.gpus] == [1, 2]


def test_what_can_never_be_had_is_not_waited_for(tmp_path: Path) -> None:
    for arguments in ({"count": 2}, {"share_mb": 99_000}):
        with pytest.raises(TutorError) as caught:
            lease(tmp_path, 0, seconds_to_wait=600.0, **arguments)
        assert caught.value.code == "gpu-too-small"
    with pytest.raises(ValueError, match="at least one"):
        lease(tmp_path, 0, count=0)


def test_a_claim_of_a_living_process_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with lease(tmp_path, 0):
        (path,) = (tmp_path / FOLDER).glob("*.claim")
        path.write_text('{"unknown": 1}', encoding="utf-8")
        with pytest.raises(TutorError, match=path.name) as caught:
            lease(tmp_path, 0)
    assert caught.value.code == "broken-lease"


def test_the_device_of_a_project_is_leased_while_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NVML_STUB_GPUS", "1")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    here = {
        "lab": lab_with_torch(tmp_path / "lab", has_cuda=True),
        "library": build_stub(tmp_path),
        "devices": device_files(tmp_path / "dev", 1),
        "purpose": "grading",
        "seconds_to_wait": 0.0,
    }
    with lease_device("optional", tmp_path, **here) as granted:
        assert (granted.choice.device, granted.choice.scale, granted.minors) == ("cuda:0", "full", (0,))
        assert read_claims(tmp_path)[0].purpose == "grading"
        with pytest.raises(TutorError, match="grading"), lease_device("optional", tmp_path, **here):
            pass  # not another scale because another is at work
        with lease_device("none", tmp_path, **here) as other:
            assert (other.choice.scale, other.minors) == ("small", None)
    assert read_claims(tmp_path) == []


def test_without_a_gpu_the_scale_is_small_or_the_project_is_refused(tmp_path: Path) -> None:
    with lease_device("optional", tmp_path, purpose="grading", library=MISSING) as granted:
        assert (granted.choice.device, granted.choice.scale, granted.minors) == ("cpu", "small", None)
        assert MISSING in granted.choice.reason
    with (
        pytest.raises(TutorError, match=MISSING) as caught,
        lease_device("required", tmp_path, purpose="grading", library=MISSING),
    ):
        pass
    assert caught.value.code == "gpu-required"
    with pytest.raises(TutorError, match="state folder"), lease_device("required", None, purpose="grading"):
        pass
    assert not (tmp_path / FOLDER).exists()
