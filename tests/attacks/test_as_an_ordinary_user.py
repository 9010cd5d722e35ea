"""The same attacks, started by an ordinary user: the boundary does not rest on the rights of root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOBODY = 65534
FILES = (
    "test_sandbox_attacks.py",
    "test_resource_attacks.py",
    "test_protocol_attacks.py",
    "test_grader_attacks.py",
)
LEFT_OUT = "s12 or s13 or r4_figure or r7"
"""Command-line tests, which are slow; what is left out is the same code under another name."""
LEAST = 120


def as_nobody(home: Path) -> list[str]:
    """A prefix that runs a command as a real unprivileged user who can reach the interpreter.

    Folders above it may be closed to others (/root); in a mount namespace of its own the way is open.
    """
    closed = [
        parent for parent in Path(sys.base_prefix).resolve().parents if not os.stat(parent).st_mode & 0o005
    ]
    command = ["bwrap", "--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc"]
    if closed:
        prefix = str(Path(sys.base_prefix).resolve())
        command += ["--perms", "0755", "--tmpfs", str(closed[-1]), "--ro-bind", prefix, prefix]
    rights = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all"]
    return [*command, "--", *rights]


@pytest.mark.timeout(900)
def test_the_attacks_fail_for_an_ordinary_user_too(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        return  # the whole suite runs as one already
    assert shutil.which("setpriv"), "util-linux is there wherever bubblewrap runs"
    home = tmp_path / "home"
    home.mkdir()
    for folder in (tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    os.chown(home, NOBODY, NOBODY)
    here = [str(ROOT / "tests" / "attacks" / name) for name in FILES]
    tests = [sys.executable, "-m", "pytest", *here, "-q", "-p", "no:cacheprovider", "-k", f"not ({LEFT_OUT})"]
    done = subprocess.run(
        [*as_nobody(home), *tests, f"--basetemp={home}/pytest"],
        cwd=ROOT, capture_output=True, text=True, timeout=800, check=False,
        env={
            "PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home), "MLTUTOR_HOME": str(home / "m"),
            "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    count = re.search(r"(\d+) passed", done.stdout)
    assert count is not None and int(count[1]) >= LEAST, done.stdout[-500:]
