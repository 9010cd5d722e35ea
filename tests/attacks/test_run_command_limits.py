"""`mltutor run FILE --json` on files that go for a limit, and on files that are none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SECONDS = 4
PATIENT = {"heap": 25, "shared_map": 25, "file_of_ten_gigabytes": 25}
"""Seconds of the files whose one due end is another limit, which a busy machine reaches late."""
START = 40  # seconds for the interpreter and the zygote of a command
FILES: dict[str, tuple[str, set[str]]] = {
    "fork_bomb": ("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", {"processes", "timeout"}),
    "fork_bomb_in_sessions": (
        "import os\nwhile True:\n    try:\n        if os.fork() == 0: os.setsid()\n    except OSError: pass",
        {"processes", "timeout"},
    ),
    "heap": ("x = []\nwhile True: x.append(bytearray(10 ** 8))", {"memory"}),
    "shared_map": (
        "import mmap\nm = mmap.mmap(-1, 4 * 10 ** 9)\nfor i in range(0, len(m), 4096): m[i] = 1",
        {"memory"},
    ),
    "flood": ("while True: print('x' * 10000)", {"output", "timeout"}),
    "flood_of_stderr": ("import sys\nwhile True: sys.stderr.write('x' * 10000)", {"output", "timeout"}),
    "stops_itself": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", {"timeout"}),
    "ignores_signals": (
        "import signal\nfor s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(s, signal.SIG_IGN)\n"
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        {"timeout"},
    ),
    "repr_without_end": ("class A:\n    def __repr__(self):\n        while True: pass\nprint(A())", {"timeout"}),
    "file_of_ten_gigabytes": (
        "f = open('x', 'wb')\nfor _ in range(10_000): f.write(bytes(10 ** 6))",
        {"disk"},
    ),
    "ten_thousand_figures": (
        "import matplotlib.pyplot as plt\nfor i in range(10_000):\n    plt.figure(figsize=(1, 1)); plt.show()",
        {"timeout", "output"},
    ),
    "links": (
        "import os\nfor n in range(1000): os.symlink('/etc/shadow', f'l{n}')\nos.symlink('.', 'here')\nprint(1)",
        {"ok"},
    ),
    "random_bytes_as_output": ("import os\nfor _ in range(50): os.write(1, os.urandom(65536))", {"ok", "output"}),
    "stolen_descriptors": (
        "import os\nfor n in range(3, 200):\n    try: os.write(n, b'garbage' * 99)\n    except OSError: pass",
        {"ok", "error", "crashed", "timeout"},
    ),
    "zombies": (
        "import os\nfor _ in range(3000):\n    try:\n        if os.fork() == 0: os._exit(0)\n    except OSError: pass",
        {"ok", "processes", "timeout"},
    ),
}  # fmt: skip
NO_PROGRAMS = {
    "notebook_that_is_text": ("x.ipynb", b"print(1)"),
    "notebook_without_cells": ("x.ipynb", b'{"nbformat": 4}'),
    "notebook_of_a_list": ("x.ipynb", b"[]"),
    "notebook_with_cells_of_numbers": ("x.ipynb", b'{"cells": [1, 2], "metadata": {}, "nbformat": 4}'),
    "binary": ("x.py", bytes(range(256))),
    "empty": ("x.py", b""),
    "huge": ("x.py", b"#" * 3_000_000),
}


def run(program: Path, home: Path) -> tuple[int, Any]:
    """The exit code and the one document that the command writes."""
    seconds = PATIENT.get(program.stem, SECONDS)
    done = subprocess.run(
        [sys.executable, "-m", "mltutor", "run", str(program), "--json", "--seconds", str(seconds)],
        capture_output=True, timeout=seconds + START, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "MLTUTOR_HOME": str(home)},
    )  # fmt: skip
    assert "Traceback" not in done.stderr.decode()
    assert sandboxes_of(home) == []
    return done.returncode, json.loads(done.stdout)


def sandboxes_of(home: Path) -> list[int]:
    """Processes that still carry the environment of the command; a sandbox ends with it."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(home).encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:  # it has ended, or is another user's
            continue
    return found


@pytest.mark.parametrize("name", FILES)
def test_r_a_file_that_goes_for_a_limit_is_ended_with_its_outcome(name: str, tmp_path: Path) -> None:
    text, outcomes = FILES[name]
    program = tmp_path / f"{name}.py"
    program.write_text(text, encoding="utf-8")
    code, report = run(program, tmp_path / "home")
    assert report["outcome"] in outcomes, report
    assert code == (0 if report["outcome"] == "ok" else 1)
    assert (report["error"] is None) == (report["outcome"] == "ok")
    assert report["seconds"] <= PATIENT.get(name, SECONDS) + 3
    assert len(report["stdout"]) + len(report["stderr"]) <= 1_000_000
    assert {path.name for path in tmp_path.iterdir()} <= {program.name, "home"}


@pytest.mark.parametrize("kind", NO_PROGRAMS)
def test_s13_what_is_no_program_is_refused_in_one_document(kind: str, tmp_path: Path) -> None:
    name, content = NO_PROGRAMS[kind]
    (tmp_path / name).write_bytes(content)
    code, answer = run(tmp_path / name, tmp_path / "home")
    assert code == 2
    assert set(answer["error"]) == {"code", "message", "remedy"} and all(answer["error"].values())


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_s11_what_is_no_regular_file_is_refused_and_not_waited_for(kind: str, tmp_path: Path) -> None:
    program = tmp_path / "x.py"
    make = {"pipe": os.mkfifo, "device": lambda p: Path(p).symlink_to("/dev/zero"), "folder": os.mkdir}
    make[kind](program)
    code, answer = run(program, tmp_path / "home")
    assert code == 2 and answer["error"]["code"] in ("unreadable-file", "unrunnable-file")


def test_s11_links_and_pipes_beside_a_file_are_not_taken_along(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "secret").write_text("of the host", encoding="utf-8")
    (folder / "data.txt").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.csv")
    (folder / "x.py").write_text("import os\nprint(os.listdir('.'))", encoding="utf-8")
    code, report = run(folder / "x.py", tmp_path / "home")
    assert (code, report["stdout"]) == (0, "['x.py']\n")
