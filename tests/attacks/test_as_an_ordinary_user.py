"""The same attacks, started by an ordinary user: the boundary does not rest on the rights of root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
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
LEFT_OUT = "s12 or s13 or r3 or r4 or r7 or patches or pretend"
"""Command-line tests, limits of time and output, and values, which no right of the user bears on."""
LEAST = 95


def as_nobody() -> list[str]:
    """A prefix that runs a command as a real unprivileged user who can reach the interpreter.

    Folders above it may be closed to others (/root); in a mount namespace of its own the way is open.
    """
    command = ["bwrap", "--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc"]
    prefix = Path(sys.base_prefix).resolve()
    closed = [parent for parent in prefix.parents if not parent.stat().st_mode & 0o005]
    if closed:
        command += ["--perms", "0755", "--tmpfs", str(closed[-1])]
        for folder in reversed(prefix.relative_to(closed[-1]).parents[:-1]):
            command += ["--perms", "0755", "--dir", str(closed[-1] / folder)]
        command += ["--ro-bind", str(prefix), str(prefix)]
    rights = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all"]
    return [*command, "--", *rights]


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of that user's; pytest's own lie below one that is closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, NOBODY, NOBODY)
        yield Path(folder)


@pytest.mark.timeout(900)
def test_the_attacks_fail_for_an_ordinary_user_too(home: Path) -> None:
    if os.geteuid() != 0:
        return  # the whole suite runs as one already
    assert shutil.which("setpriv"), "util-linux is there wherever bubblewrap runs"
    here = [str(ROOT / "tests" / "attacks" / name) for name in FILES]
    tests = [sys.executable, "-m", "pytest", *here, "-q", "-p", "no:cacheprovider", "-k", f"not ({LEFT_OUT})"]
    done = subprocess.run(
        [*as_nobody(), *tests, f"--basetemp={home}/pytest"],
        cwd=ROOT, capture_output=True, text=True, timeout=800, check=False,
        env={
            "PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8",
            "MLTUTOR_HOME": str(home / "m"), "PYTHONDONTWRITEBYTECODE": "1",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    count = re.search(r"(\d+) passed", done.stdout)
    assert count is not None and int(count[1]) >= LEAST, done.stdout[-500:]
