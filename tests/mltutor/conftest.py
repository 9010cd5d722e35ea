import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def mltutor(tmp_path: Path) -> Run:
    """Runs the real command in a process of its own, with an empty home."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MLTUTOR_", "OPENAI_", "LANG"))}
    environment |= {"MLTUTOR_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), "PYTHONUTF8": "1"}

    def run(*arguments: str, stdin: str = "", **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mltutor", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=150,
            cwd=tmp_path,
            env=environment | extra,
            check=False,
        )

    return run


def document(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON document on stdout."""
    return json.loads(done.stdout)
