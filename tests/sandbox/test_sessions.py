"""Named kernels keep their state, are replaced when dead, and are never too many."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sandbox.limits import Limits
from sandbox.sessions import Sessions
from tutor_error import TutorError


def test_session_keeps_its_state_apart_and_tells_and_replaces_a_dead_kernel(tmp_path: Path) -> None:
    with Sessions(limits=Limits(seconds=20), figures_dir=tmp_path) as sessions:
        assert sessions.run("ann", "x = 1").outcome == "ok"
        assert sessions.run("ann", "x").stdout == "1\n"
        other = sessions.run("bob", "x")
        assert other.error is not None
        assert other.error.name == "NameError"
        assert sessions.run("ann", "import os; os._exit(1)").outcome == "crashed"
        renewed = sessions.run("ann", "x")
        assert renewed.error is not None
        assert renewed.error.name == "NameError"
        assert sessions.run("bob", "1").outcome == "ok"


def test_one_more_session_takes_the_place_of_the_least_recently_used() -> None:
    with Sessions(most=2) as sessions:
        for name in ("a", "b", "a", "c"):
            sessions.run(name, "1")
        assert sessions.names() == ["a", "c"]


def test_busy_sessions_are_not_taken_away() -> None:
    started, release = threading.Event(), threading.Event()
    code = "print('running', flush=True)\nimport time\nwhile True: time.sleep(0.01)"
    with Sessions(most=1) as sessions:
        worker = threading.Thread(
            target=lambda: sessions.run("a", code, on_stream=lambda *_: started.set(), cancel=release)
        )
        worker.start()
        assert started.wait(30)
        with pytest.raises(TutorError) as caught:
            sessions.run("b", "1")
        release.set()
        worker.join(30)
    assert caught.value.code == "too-many-sessions"


def test_closed_sessions_run_nothing_more() -> None:
    sessions = Sessions()
    sessions.close()
    with pytest.raises(TutorError) as caught:
        sessions.run("a", "1")
    assert caught.value.code == "sessions-closed"
