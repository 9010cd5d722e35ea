"""Named kernels keep their state, are replaced when dead, and are never too many."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sandbox.idle import Alarm
from sandbox.limits import Limits
from sandbox.sessions import Sessions
from tutor_error import TutorError

LOOP = "print('running', flush=True)\nimport time\nwhile True: time.sleep(0.01)"


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
        told = sessions.run("b", "1")
        assert told.outcome == "crashed" and told.error is not None
        assert "others needed its place" in told.error.message


def test_busy_sessions_are_not_taken_away() -> None:
    started, release = threading.Event(), threading.Event()
    with Sessions(most=1) as sessions:
        worker = threading.Thread(
            target=lambda: sessions.run("a", LOOP, on_stream=lambda *_: started.set(), cancel=release)
        )
        worker.start()
        assert started.wait(30)
        with pytest.raises(TutorError) as caught:
            sessions.run("b", "1")
        release.set()
        worker.join(30)
    assert caught.value.code == "too-many-sessions"


def test_owners_have_sessions_of_their_own_and_do_not_take_each_others_places() -> None:
    with Sessions(most=1, most_of_all=2) as sessions:
        assert sessions.run("s", "x = 1", owner="ann").outcome == "ok"
        stranger = sessions.run("s", "x", owner="bob")
        assert stranger.error is not None and stranger.error.name == "NameError"
        assert sessions.run("s", "x", owner="ann").stdout == "1\n"
        sessions.run("s", "1", owner="cara")
        assert (sessions.names("ann"), sessions.names("bob"), sessions.names("cara")) == (["s"], [], ["s"])


def test_a_session_that_nobody_used_for_long_is_ended_and_says_so_once() -> None:
    now = [0.0]
    with Sessions(idle_seconds=60, clock=lambda: now[0]) as sessions:
        sessions.run("a", "x = 1")
        now[0] = 59.0
        assert sessions.end_idle() == 1.0 and sessions.names() == ["a"]
        now[0] = 60.0
        assert sessions.end_idle() is None and sessions.names() == []
        told = sessions.run("a", "print('ran')")
        assert told.outcome == "crashed" and told.stdout == ""
        assert told.error is not None and "nobody had used it for 1 minutes" in told.error.message
        assert sessions.run("a", "print('ran')").stdout == "ran\n"


def test_the_alarm_rings_when_it_was_set_to_and_as_often_as_it_is_asked_to() -> None:
    rung = threading.Semaphore(0)
    again: list[float | None] = [0.01, None]

    def look() -> float | None:
        rung.release()
        return again.pop(0)

    alarm = Alarm(look)
    alarm.ring_in(0.01)
    assert rung.acquire(timeout=10) and rung.acquire(timeout=10)
    alarm.close()
    assert again == []


def test_waiting_for_a_busy_session_can_be_stopped() -> None:
    started, release, given_up = threading.Event(), threading.Event(), threading.Event()
    given_up.set()
    with Sessions() as sessions:
        worker = threading.Thread(
            target=lambda: sessions.run("a", LOOP, on_stream=lambda *_: started.set(), cancel=release)
        )
        worker.start()
        assert started.wait(30)
        with pytest.raises(TutorError) as caught:
            sessions.run("a", "1", cancel=given_up)
        release.set()
        worker.join(30)
    assert caught.value.code == "cancelled"


def test_closed_sessions_run_nothing_more() -> None:
    sessions = Sessions()
    sessions.close()
    with pytest.raises(TutorError) as caught:
        sessions.run("a", "1")
    assert caught.value.code == "sessions-closed"
