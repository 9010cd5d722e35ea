"""`mltutor run FILE --json` on hostile files: within its limit one clean document, and nothing left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

SECONDS = 4
OUTCOMES = {"ok", "error", "timeout", "memory", "processes", "disk", "output", "crashed", "refused"}
KEYS = {
    "file", "outcome", "seconds", "device", "stdout", "stderr", "truncated", "error", "figures", "metrics",
    "isolation",
}  # fmt: skip

FILES = {
    "closes_all": "import os\nos.closerange(0, 4096)\nprint(1)",
    "kills_parent": "import os\nos.kill(os.getppid(), 9)\nos.kill(1, 9)\nprint('on')",
    "kills_all": "import os\nos.kill(-1, 9)",
    "daemon": "import os, time\nfor i in range(3):\n    if os.fork() == 0:\n        os.setsid()\n        time.sleep(600)",
    "exit_in_thread": "import os, threading, time\nthreading.Thread(target=lambda: os._exit(7)).start()\ntime.sleep(60)",
    "segmentation_fault": "import ctypes\nctypes.string_at(0)",
    "abort": "import os\nos.abort()",
    "deep_recursion": "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(): f()\nf()",
    "huge_message": "raise ValueError('x' * 10 ** 8)",
    "message_without_end": "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E",
    "binary_output": "import os, sys\nsys.stdout.flush()\nos.write(1, bytes(range(256)) * 50)",
    "surrogates": "print('\\udcff\\ud800')",
    "escapes": "print('\\x1b]52;c;b3duZWQ=\\x07\\x1b[8m\\x9b2J')",
    "exit_hook_without_end": "import atexit, time\natexit.register(time.sleep, 600)\nprint('done')",
    "del_without_end": "class A:\n    def __del__(self):\n        while True: pass\na = A()\ndel a",
    "reads_stdin": "print(input('name? '))",
    "no_stdout": "import sys\nsys.stdout = sys.stderr = sys.__stdout__ = None\nprint(1)",
    "closed_stdout": "import sys\nsys.stdout.close()\nprint(1)",
    "no_modules": "import sys\nsys.modules.clear()\nprint(1)",
    "trace_without_end": "import sys\ndef t(*a):\n    while True: pass\nsys.settrace(t)\ndef f(): pass\nf()",
    "audit_hook": "import sys\ndef no(*a): raise RuntimeError\nsys.addaudithook(no)\nopen('x', 'w')",
    "kernel_shut_down": "from IPython import get_ipython\nget_ipython().kernel.do_shutdown(False)",
    "kernel_stopped": "from IPython import get_ipython\nget_ipython().kernel.io_loop.stop()\nprint('x')",
    "threads_left": "import threading, time\nfor i in range(8): threading.Thread(target=time.sleep, args=(600,)).start()",
    "figures": "import matplotlib.pyplot as plt\nfor i in range(200):\n    plt.plot([i]); plt.show()",
    "metrics": "from mltutor_kit import track\nwhile True: track(1, x=float('nan'))",
    "oom_score": "open('/proc/self/oom_score_adj', 'w').write('-1000')\nx = []\nwhile True: x.append(bytearray(10 ** 7))",
    "group_exception": "raise BaseExceptionGroup('x', [SystemExit(0), KeyboardInterrupt()])",
    "interrupt": "raise KeyboardInterrupt",
    "generator_exit": "raise GeneratorExit",
    "async_forever": "import asyncio\nasync def f():\n    while True: await asyncio.sleep(0)\nasyncio.run(f())",
    "signals_itself": "import os, signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\ntime.sleep(60)",
    "many_children_wait": "import subprocess\nps = [subprocess.Popen(['sleep', '600']) for _ in range(20)]",
    "shell": "import os\nos.system('sleep 600 & disown; (while :; do :; done) & echo x')",
    "imports_us": "import teaching.grade, knowledge.content, tutor_error",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_comes_back_clean_and_in_time(name: str, tmp_path: Path) -> None:
    program = tmp_path / f"{name}.py"
    program.write_text(FILES[name], encoding="utf-8")
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "mltutor", "run", str(program), "--json", "--seconds", str(SECONDS)],
        capture_output=True, timeout=SECONDS + 40, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "MLTUTOR_HOME": str(tmp_path / "home"), "ATTACK_MARK": str(tmp_path)},
    )  # fmt: skip
    assert time.monotonic() - began < SECONDS + 30
    report = json.loads(done.stdout)
    assert set(report) == KEYS
    assert report["outcome"] in OUTCOMES
    assert done.returncode == (0 if report["outcome"] == "ok" else 1)
    assert report["seconds"] <= SECONDS + 3
    assert (report["error"] is None) == (report["outcome"] == "ok")
    assert "Traceback" not in done.stderr.decode()
    assert _marked(str(tmp_path)) == []


def _marked(mark: str) -> list[int]:
    """Processes that the command started and that outlived it: they carry its environment or its path."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
        except OSError:  # it has ended, or is a kernel's own
            continue
        if mark.encode() in text:
            found.append(int(entry.name))
    return found
