"""The screen on a real terminal, while something else writes to stderr."""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path

import pexpect

PROGRAM = """
    import os, subprocess, sys
    from contextlib import asynccontextmanager
    from pathlib import Path
    from tutor.events import TokenStreamed
    from tutor.tui.app import TutorApp
    from tutor.tui.terminal import stderr_to_log

    class TutorWithANoisyChild:
        async def turn(self, text, thread="default", confidence=None):
            subprocess.run(["sh", "-c", "echo NOISE >&2"], check=True)
            yield TokenStreamed("The answer is quiet.")

        def history(self, thread="default"):
            return []

    @asynccontextmanager
    async def opened():
        yield TutorWithANoisyChild()

    with stderr_to_log(Path(sys.argv[1])):
        TutorApp(opened).run()
    print("back again", file=sys.stderr)
"""


def test_a_noisy_child_writes_to_the_log_and_not_over_the_screen(tmp_path: Path):
    log = tmp_path / "stderr.log"
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(Path(__file__).parents[3])}
    child = pexpect.spawn(
        sys.executable,
        ["-c", textwrap.dedent(PROGRAM), str(log)],
        env=environment,
        dimensions=(24, 80),
        timeout=60,
        encoding="utf-8",
    )
    with log.with_suffix(".screen").open("w", encoding="utf-8") as drawn:
        child.logfile_read = drawn
        child.expect_exact("Ask, answer")
        child.send("hello\r")
        child.expect_exact("The answer is quiet.")
        child.send("/quit\r")
        child.expect_exact("back again")
        child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert log.read_text(encoding="utf-8") == "NOISE\n"
    assert "NOISE" not in log.with_suffix(".screen").read_text(encoding="utf-8")
