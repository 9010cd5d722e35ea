"""Without user namespaces Landlock holds: by effect, in a kernel and in a grade."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import isolation
from sandbox.grading import grade
from sandbox.isolation import ASKED, current_isolation
from sandbox.kernel import Kernel, open_kernel
from sandbox.kit import mltutor_landlock
from sandbox.limits import Limits
from sandbox.mounts import readable_paths
from sandbox.submission import submission_from_files

ROOT = Path(__file__).parents[2]
CHECKS = """
from sandbox.judge import check, expect, fresh_rng

@check("it doubles")
def it_doubles(submission):
    x = float(fresh_rng().normal())
    expect(submission.call("double", x)).close(2 * x)
"""


@pytest.fixture
def landlock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tier of a machine on which bubblewrap does not run."""
    monkeypatch.setenv(ASKED, "landlock")
    current_isolation.cache_clear()
    if mltutor_landlock.abi() < 6:
        pytest.skip("arm64: this kernel has no Landlock that scopes signals and sockets")
    yield
    current_isolation.cache_clear()


@pytest.fixture
def kernel(landlock: None) -> Iterator[Kernel]:
    with open_kernel(limits=Limits(seconds=20)) as opened:
        assert opened.isolation == "landlock"
        yield opened


def test_a_weaker_tier_can_be_asked_for_and_says_so(landlock: None) -> None:
    found = current_isolation()
    assert (found.tier, found.remedy) == ("landlock", f"unset {ASKED}")
    assert found.asks_before_model_code and found.may_grade_strangers


def test_no_isolation_asks_and_grades_no_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ASKED, "none")
    current_isolation.cache_clear()
    found = current_isolation()
    current_isolation.cache_clear()
    assert found.tier == "none" and found.asks_before_model_code and not found.may_grade_strangers


def test_a_better_tier_than_there_is_cannot_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ASKED, "namespaces")
    monkeypatch.setattr(isolation.shutil, "which", lambda name: None)
    current_isolation.cache_clear()
    tier = current_isolation().tier
    current_isolation.cache_clear()
    assert tier in ("landlock", "none")


@pytest.mark.parametrize(
    "attack",
    [
        "open('/etc/shadow')",
        f"import os; os.listdir({str(ROOT)!r})",
        f"open({str(ROOT / 'knowledge' / 'content' / 'misconceptions.yaml')!r})",
        "import os; os.listdir('/tmp')",
        "open('/usr/mark', 'w')",
        "import socket; socket.socket(socket.AF_INET)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import os; os.kill(os.getppid(), 0)",
        "import os; open(f'/proc/{os.getppid()}/environ').read()",
        "import os; open(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
        "import os; os.setuid(12345)",
    ],
)
def test_what_is_not_allowed_is_refused(attack: str, kernel: Kernel) -> None:
    done = kernel.execute(attack)
    assert done.error is not None and done.error.name == "PermissionError", done


def test_honest_code_runs(kernel: Kernel) -> None:
    code = """
import numpy as np, matplotlib.pyplot as plt, subprocess, threading, tempfile
open('x.txt', 'w').write('1')
with tempfile.NamedTemporaryFile() as file: file.write(b'1')
threads = [threading.Thread(target=lambda: np.ones((50, 50)) @ np.ones((50, 50))) for _ in range(3)]
[t.start() for t in threads]; [t.join() for t in threads]
plt.plot([1, 2]); plt.show()
print(subprocess.run(['echo', 'hi'], capture_output=True, text=True).stdout.strip())
"""
    done = kernel.execute(code)
    assert (done.error, done.stdout, len(done.figures)) == (None, "hi\n", 1)


def test_a_grade_judges_and_keeps_the_judge_out_of_reach(landlock: None, tmp_path: Path) -> None:
    (tmp_path / "checks.py").write_text(CHECKS, encoding="utf-8")
    right = submission_from_files({"work.py": "def double(x):\n    return 2 * x\n"}, "work.py")
    assert grade(tmp_path, right).passed
    looking = f"def double(x):\n    open({str(tmp_path / 'checks.py')!r})\n    return 2 * x\n"
    report = grade(tmp_path, submission_from_files({"work.py": looking}, "work.py"))
    assert not report.passed and "PermissionError" in report.checks[0].message


def test_limits_hold_without_namespaces(landlock: None) -> None:
    limits = Limits(seconds=3, memory_mb=200, disk_mb=5)
    with open_kernel(limits=limits) as kernel:
        assert kernel.execute("while True: pass").outcome == "timeout"
        assert kernel.execute("x = bytearray(10 ** 9)").outcome == "memory"
    with open_kernel(limits=limits) as kernel:
        code = "for i in range(10 ** 6): open(f'f{i % 99}', 'wb').write(b'x' * 10 ** 6)"
        assert kernel.execute(code).outcome == "disk"


def test_our_packages_are_in_no_readable_path() -> None:
    paths = [Path(path) for path in readable_paths()]
    for name in ("knowledge", "sandbox", "teaching", "tutor_error.py", "tests"):
        assert not any((ROOT / name).is_relative_to(path) for path in paths), name
    assert any(Path(os.__file__).is_relative_to(path) for path in paths)
