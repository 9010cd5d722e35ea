"""Small checkpoints, and a conversation that survives kills: the short forms of two benchmarks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.killing import kill_and_resume
from benchmarks.talk import MIXED, timed_turn
from tutor.agent.resuming import broke_off, takes_up

Open = Callable[..., Any]


def left_at(node: str, kind: str = "reply") -> Any:
    values = {"line": "5.5", "attempt": "t-1", "intent": {"kind": kind}}
    return SimpleNamespace(next=(node,) if node else (), values=values)


def test_the_same_line_goes_on_and_keeps_its_attempt() -> None:
    assert broke_off(left_at("act"), "5.5") and not broke_off(left_at("act"), "6")
    assert not broke_off(left_at(""), "5.5")


def test_after_a_kill_an_answer_is_finished_first_and_a_run_is_not() -> None:
    assert takes_up(left_at("act"), "6", known=False) and takes_up(
        left_at("speak", "grade"), "6", known=False
    )
    assert not takes_up(left_at("act", "run"), "6", known=False)
    assert not takes_up(left_at("act"), "6", known=True), "what was stopped on purpose stays stopped"
    assert not takes_up(left_at("act"), "5.5", known=False) and not takes_up(left_at(""), "6", known=False)


@pytest.mark.anyio
async def test_the_checkpoints_of_a_conversation_do_not_pile_up(opened: Open, tmp_path: Path) -> None:
    async with opened() as tutor:
        counts: list[int] = []
        for line in (*MIXED, *MIXED):
            await timed_turn(tutor, line, "default")
            saver = tutor._graph.checkpointer  # pyright: ignore[reportPrivateUsage]
            async with saver.conn.execute("SELECT count(*) FROM checkpoints") as cursor:
                counts.append((await cursor.fetchone())[0])
    assert max(counts) <= 12
    assert sum(path.stat().st_size for path in (tmp_path / "home").glob("checkpoints.db*")) < 6_000_000


@pytest.mark.timeout(120)
def test_kills_at_random_moments_lose_nothing_and_count_nothing_twice(tmp_path: Path) -> None:
    killed = kill_and_resume(tmp_path, kills=4, seed=3, rounds=1)
    assert killed.holds, (killed.lost, killed.doubled)
