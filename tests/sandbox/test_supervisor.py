"""A supervisor ends what is over a limit, whoever counts it; one thread looks at all of them."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox import supervisor
from sandbox.limits import Limits
from sandbox.measure import cpu_seconds_of, size_of_folder
from sandbox.supervisor import Supervisor

SECONDS = 30
WAIT = "import os, sys, time\nsys.stdin.read(1)\n"
CROWD = WAIT + "for _ in range(20):\n    if os.fork() == 0: time.sleep(60)\ntime.sleep(60)"
HEAP = WAIT + "x = b'x' * (250 * 2**20)\ntime.sleep(60)"
BUSY = WAIT + "os.fork()\nwhile True: pass"
QUIET = WAIT + "time.sleep(60)"

Start = Callable[..., "Watched"]


class Watched:
    """A process of our own with a supervisor, whose `end` kills it with what it started."""

    def __init__(self, code: str, limits: Limits, folder: Path | None = None) -> None:
        command = [sys.executable, "-I", "-S", "-c", code]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        self.ended = threading.Event()
        self.supervisor = Supervisor(self.process.pid, limits, self.end, folder=folder)

    def go(self) -> None:
        self.supervisor.is_busy = True
        assert self.process.stdin is not None
        self.process.stdin.write(b"1")
        self.process.stdin.flush()

    def end(self) -> None:
        subprocess.run(["pkill", "-KILL", "-s", str(self.process.pid)], check=False)
        self.ended.set()

    def close(self) -> None:
        self.end()
        self.supervisor.stop()
        with self.process:
            self.process.wait(SECONDS)


class GroupThatRefuses:
    """A group that takes its limits and no member."""

    def set(self, **limits: float) -> None:
        assert limits["tasks"] > 0

    def members(self) -> list[int]:
        return []

    def add(self, pid: int) -> None:
        raise PermissionError(pid)

    def oom_killed(self) -> bool:
        return False

    def close(self) -> bool:
        return True


@pytest.fixture(params=["groups where they hold", "counting alone"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    if request.param == "counting alone":
        monkeypatch.setattr(supervisor, "open_group", lambda: None)
    started: list[Watched] = []

    def watch(code: str, limits: Limits, folder: Path | None = None) -> Watched:
        started.append(Watched(code, limits, folder))
        return started[-1]

    yield watch
    for watched in started:
        watched.close()


def supervising_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "mltutor-supervisor"]


@pytest.mark.parametrize(
    ("code", "limits", "verdict"),
    [
        (CROWD, Limits(processes=8), "processes"),
        (HEAP, Limits(memory_mb=100), "memory"),
        (HEAP, Limits(memory_mb=100, disk_mb=1), "memory"),
        (BUSY, Limits(cpu_seconds=0.3), "timeout"),
    ],
    ids=["crowd", "heap", "heap far over", "busy pair"],
)
def test_family_over_a_limit_is_ended_with_its_verdict(
    start: Start, code: str, limits: Limits, verdict: str
) -> None:
    watched = start(code, limits)
    watched.go()
    assert watched.ended.wait(SECONDS)
    assert watched.supervisor.verdict == verdict


def test_folder_over_its_size_or_number_of_files_is_ended(start: Start, tmp_path: Path) -> None:
    many = f"{WAIT}for n in range(80): open(f'{tmp_path}/{{n}}', 'w').close()\ntime.sleep(60)"
    watched = start(many, Limits(files=40), tmp_path)
    watched.go()
    assert watched.ended.wait(SECONDS)
    assert watched.supervisor.verdict == "disk"
    big = f"{WAIT}for n in range(3): open(f'{tmp_path}/big{{n}}', 'wb').write(bytes(2**20))\ntime.sleep(60)"
    watched = start(big, Limits(disk_mb=2), tmp_path)
    watched.go()
    assert watched.ended.wait(SECONDS)
    assert watched.supervisor.verdict == "disk"


def test_family_within_its_limits_has_no_verdict(start: Start, tmp_path: Path) -> None:
    busy = WAIT + "until = time.process_time() + 0.3\nwhile time.process_time() < until: pass"
    watched = start(busy, Limits(cpu_seconds=20), tmp_path)
    watched.go()
    assert watched.process.wait(SECONDS) == 0
    assert watched.supervisor.verdict is None
    assert not watched.ended.is_set()


def test_one_thread_looks_at_all_and_ends_with_the_last(start: Start) -> None:
    watched = [start(QUIET, Limits()) for _ in range(5)]
    for one in watched:
        one.go()
    (thread,) = supervising_threads()
    for one in watched:
        one.close()
    thread.join(SECONDS)
    assert supervising_threads() == []


def test_one_verdict_leaves_the_others_alone(start: Start) -> None:
    quiet, crowd = start(QUIET, Limits()), start(CROWD, Limits(processes=8))
    quiet.go()
    crowd.go()
    assert crowd.ended.wait(SECONDS)
    assert quiet.supervisor.verdict is None
    assert quiet.process.poll() is None


def test_one_that_cannot_be_measured_is_ended_and_the_others_are_still_looked_at(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, crowd = start(QUIET, Limits()), start(CROWD, Limits(processes=8))
    lost.go()

    def unreadable() -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(lost.supervisor, "_judge", unreadable)
    assert lost.ended.wait(SECONDS)
    assert lost.supervisor.verdict == "crashed"
    crowd.go()
    assert crowd.ended.wait(SECONDS)
    assert crowd.supervisor.verdict == "processes"


def test_slow_end_of_one_kernel_does_not_keep_another_waiting(start: Start) -> None:
    release = threading.Event()
    slow = start(CROWD, Limits(processes=8))
    entered = threading.Event()

    def end_slowly() -> None:
        entered.set()
        release.wait(SECONDS)

    slow.supervisor._end = end_slowly  # pyright: ignore[reportPrivateUsage]
    slow.go()
    assert entered.wait(SECONDS)
    other = start(CROWD, Limits(processes=8))
    other.go()
    assert other.ended.wait(SECONDS)
    release.set()


def test_stopping_twice_or_before_the_first_look_is_fine(start: Start) -> None:
    watched = start(QUIET, Limits())
    watched.supervisor.stop()
    watched.supervisor.stop()
    assert watched.supervisor.verdict is None


def test_family_that_cannot_be_moved_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "open_group", GroupThatRefuses)
    watched = Watched(QUIET, Limits())
    try:
        assert watched.ended.wait(SECONDS)
        assert watched.supervisor.verdict == "crashed"
    finally:
        watched.close()


def test_verdict_is_known_when_the_operating_system_was_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel that holds a group kills at once; `verdict` says so without a look in between."""
    killed = Watched(HEAP, Limits(memory_mb=60, disk_mb=1))
    monkeypatch.setattr(supervisor, "INTERVAL", 3600.0)
    try:
        killed.go()
        if killed.supervisor._group is None:  # pyright: ignore[reportPrivateUsage]
            return
        killed.process.wait(SECONDS)
        assert killed.supervisor.verdict == "memory"
        assert killed.ended.wait(SECONDS)
    finally:
        killed.close()


def test_time_of_a_process_that_has_gone_is_nothing() -> None:
    done = subprocess.Popen([sys.executable, "-S", "-c", ""])
    done.wait(SECONDS)
    assert cpu_seconds_of([done.pid]) == 0.0


def test_folder_is_counted_with_its_folders_and_no_links(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(bytes(10_000))
    (tmp_path / "link").symlink_to("/usr")
    files, size = size_of_folder(tmp_path, 100, 10**6)
    assert files == 3
    assert 10_000 <= size < 60_000
    assert size_of_folder(tmp_path, 1, 10**6)[0] == 2
    assert size_of_folder(tmp_path / "none", 1, 1) == (0, 0)
