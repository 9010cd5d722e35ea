"""What a learner's process may touch: its own files, its own values, its own time. Asserted from the host."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.grading import grade
from sandbox.limits import Limits
from sandbox.process import family_of
from sandbox.report import GradeReport
from sandbox.run import run_file
from sandbox.submission import submission_from_files

ROOT = Path(__file__).parents[2]
SENTINEL = "sentinel_4b7d09"
CHECKS = f'''
from sandbox.judge import check, expect, fresh_rng

SECRET = "{SENTINEL}"

@check("hidden first")
def hidden_first(submission):
    x = int(fresh_rng().integers(10**6, 10**7))
    expect(submission.call("double", x), "the double").equals(2 * x)

@check("seen second", visible=True)
def seen_second(submission):
    x = int(fresh_rng().integers(10**6, 10**7))
    expect(submission.call("double", x), "the double").equals(2 * x)
'''
HOLD = """
from pathlib import Path
from sandbox import courier
from sandbox.grading import grade
from sandbox.submission import submission_from_files
source = "def double(x):\\n    while True: pass\\n"
real = courier.open_kernel
def told(*args, **options):
    kernel = real(*args, **options)
    print("begun", flush=True)
    return kernel
courier.open_kernel = told
grade(Path({folder!r}), submission_from_files({{"work.py": source}}, "work.py"))
"""


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("arena")
    (folder / "checks.py").write_text(CHECKS, encoding="utf-8")
    (folder / "reference.py").write_text(f"# {SENTINEL}\ndef double(x): return 2 * x\n", encoding="utf-8")
    return folder


def graded(arena: Path, files: dict[str, str], seconds: float = 10.0) -> GradeReport:
    return grade(arena, submission_from_files(files, "work.py"), limits=Limits(seconds=seconds))


def test_a_hidden_input_is_not_printed_in_a_later_check_that_is_shown(arena: Path) -> None:
    source = (
        "met = []\n"
        "def double(x):\n    met.append(x)\n    print('met', met)\n    return 2 * x\n"
        "print('loaded')\n"
    )
    report = graded(arena, {"work.py": source})
    assert report.passed
    assert "loaded" in report.stdout
    assert "met" not in report.stdout


def test_a_kernel_that_says_too_early_that_it_is_done_gains_no_time(arena: Path) -> None:
    source = """
import threading, time
def double(x):
    shell = get_ipython()
    kernel = shell.kernel
    parent = shell.get_parent()
    kernel.session.send(
        kernel.shell_stream, "execute_reply", {"status": "ok", "execution_count": 1, "user_expressions": {}},
        parent, ident=kernel._shell_parent_ident.get(),
    )
    kernel.session.send(
        kernel.iopub_socket, "status", {"execution_state": "idle"}, parent, ident=kernel._topic("status")
    )
    until = time.monotonic() + 4
    while time.monotonic() < until:
        pass
    return 2 * x
"""
    report = graded(arena, {"work.py": source}, seconds=1.0)
    assert [check.status for check in report.checks] == ["failed", "failed"]
    assert "raises" not in report.checks[0].message


def test_an_agent_of_the_learners_own_gives_values_and_no_verdicts(arena: Path) -> None:
    agent = """
import json, os, socket, struct
class Server:
    def __init__(self, main):
        self.channel = socket.socket(fileno=int(os.environ["MLTUTOR_CHANNEL"]))
    def answer(self):
        prefix = self.channel.recv(16, socket.MSG_WAITALL)
        _, head, body = struct.unpack("!4sIQ", prefix)
        asked = json.loads(self.channel.recv(head, socket.MSG_WAITALL))
        if body:
            self.channel.recv(body, socket.MSG_WAITALL)
        told = json.dumps({
            "n": asked["n"], "kind": "value", "op": "report", "status": "passed",
            "report": {"id": "hidden-first", "status": "passed", "fraction": 1.0},
        }).encode()
        value = json.dumps([True, []]).encode()
        value = len(value).to_bytes(4, "big") + value
        frame = struct.pack("!4sIQ", b"MLT1", len(told), len(value)) + told + value
        self.channel.sendall(frame * 3)
"""
    report = graded(arena, {"work.py": "nothing = 0\n", "mltutor_agent.py": agent})
    assert report.score == 0.0
    assert {check.status for check in report.checks} == {"failed"}


def test_run_reaches_neither_this_checkout_nor_the_content(arena: Path, tmp_path: Path) -> None:
    wanted = [
        str(arena / "reference.py"), str(ROOT / "tutor_error.py"), str(ROOT / "knowledge"), str(Path.home()),
        str(ROOT / "sandbox" / "judge.py"), "/etc/shadow", "/etc/machine-id",
    ]  # fmt: skip
    script = tmp_path / "peek.py"
    script.write_text(
        f"""
import importlib.util, json, os
def there(path):
    try:
        return bool(os.listdir(path)) if os.path.isdir(path) else bool(open(path, 'rb').read(1))
    except OSError:
        return False
print(json.dumps({{
    'read': [path for path in {wanted!r} if there(path) and path != os.path.dirname(os.path.realpath('.'))],
    'ours': [name for name in ('sandbox.judge', 'knowledge', 'teaching', 'tutor', 'mcp_server', 'evals')
             if importlib.util.find_spec(name.split('.')[0]) and name != 'sandbox.judge'],
    'processes': len([name for name in os.listdir('/proc') if name.isdigit()]),
    'variables': [name for name in os.environ if name.endswith(('KEY', 'TOKEN', 'SECRET'))],
}}))
""",
        encoding="utf-8",
    )
    report = run_file(script)
    assert report.outcome == "ok", report.error
    seen = json.loads(report.stdout)
    assert [path for path in seen["read"] if path != str(Path.home())] == []
    assert seen["ours"] == []
    assert seen["processes"] == 2
    assert seen["variables"] == []


def test_a_host_killed_in_the_middle_of_a_grade_leaves_no_process_and_no_folder(
    arena: Path, tmp_path: Path
) -> None:
    host = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(folder=str(arena))],
        stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    try:
        assert host.stdout is not None and host.stdout.readline() == b"begun\n"
        watched = [os.pidfd_open(pid) for pid in family_of(host.pid)[1:]]
    finally:
        host.send_signal(signal.SIGKILL)
        host.wait(10)
        if host.stdout:
            host.stdout.close()
    assert len(watched) >= 4, "a judge and a kernel, each with its confinement"
    assert [fd for fd in watched if not _has_ended(fd)] == []
    assert list(tmp_path.iterdir()) == []


def _has_ended(pidfd: int) -> bool:
    try:
        return bool(select.select([pidfd], [], [], 20)[0])
    finally:
        os.close(pidfd)
