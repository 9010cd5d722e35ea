"""Small checkpoints, and a conversation that survives kills: the short forms of two benchmarks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.killing import kill_and_resume
from benchmarks.talk import LESSON, MIXED, right_answers, timed_turn
from teaching.records import open_records
from tutor.agent.resuming import broke_off, takes_up

Open = Callable[..., Any]


def left_at(node: str, kind: str = "reply") -> Any:
    values = {"line": "5.5", "attempt": "t-1", "intent": {"kind": kind}}
    return SimpleNamespace(tasks=[SimpleNamespace(name=node)] if node else [], values=values)


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


class Died(Exception):
    """The process ends here; what is on the disk stays."""


@pytest.mark.anyio
@pytest.mark.parametrize("after", ["the same line", "the next line"])
async def test_killed_between_a_verdict_and_its_checkpoint_an_answer_counts_once(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    first, second = right_answers()[:2]
    async with opened() as tutor:
        await timed_turn(tutor, f"/learn {LESSON}", "default")
        saver = tutor._graph.checkpointer  # pyright: ignore[reportPrivateUsage]
        put = saver.aput

        async def dies_at_the_verdict(config: Any, checkpoint: Any, metadata: Any, versions: Any) -> Any:
            if checkpoint["channel_values"].get("outcome", {}).get("judged"):
                raise Died
            return await put(config, checkpoint, metadata, versions)

        monkeypatch.setattr(saver, "aput", dies_at_the_verdict)
        with contextlib.suppress(Died):
            await timed_turn(tutor, first, "default")
        left = await tutor._graph.aget_state({"configurable": {"thread_id": "default/default"}})  # pyright: ignore[reportPrivateUsage]
        assert not left.next and [task.name for task in left.tasks] == ["act"], "the state that this is about"
        monkeypatch.setattr(saver, "aput", put)
    async with opened() as tutor:
        if after == "the same line":
            await timed_turn(tutor, first, "default")
        await timed_turn(tutor, second, "default")
        said = [one.text for one in tutor.history("default") if one.role == "learner"]
    with open_records(tmp_path / "home") as records:
        answered = [event.item for event in records.events("default", kind="answered")]
    assert answered == [f"{LESSON}/q1", f"{LESSON}/q2"]
    assert said == [f"/learn {LESSON}", first, second]


@pytest.mark.timeout(120)
def test_kills_at_random_moments_lose_nothing_and_count_nothing_twice(tmp_path: Path) -> None:
    killed = kill_and_resume(tmp_path, kills=4, seed=3, rounds=1)
    assert killed.holds, (killed.lost, killed.doubled)
