"""Kill -9 at random moments of a conversation, then go on: is anything lost or counted twice?

    python -m benchmarks.killing [--kills 200] [--seed 7]

A child process answers a lesson and grades a project, line by line; it is killed at random moments and
started again. In half of the restarts the learner repeats the line that was cut off, in the other half
they go on with the next. At the end the event log is compared with that of an undisturbed conversation.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.talk import LESSON, open_plain, right_answers
from knowledge.catalog import load_catalog

PROJECT = "iris-knn-classifier"
THREAD = "killed"
_LONGEST_LIFE = 300.0


@dataclass(frozen=True)
class Log:
    """evidence: (kind, item, correct or passed) with counts; said: lines in the transcript, in order."""

    evidence: Counter[tuple[str, str, Any]]
    said: tuple[str, ...]
    attempts: int
    mastery: dict[str, float]


@dataclass(frozen=True)
class Killed:
    kills: int
    during_turns: int
    meant: Log
    found: Log

    @property
    def lost(self) -> list[tuple[str, str, Any]]:
        return list((self.meant.evidence - self.found.evidence).elements())

    @property
    def doubled(self) -> list[tuple[str, str, Any]]:
        return list((self.found.evidence - self.meant.evidence).elements())

    @property
    def holds(self) -> bool:
        same = self.meant.said == self.found.said and self.meant.mastery == self.found.mastery
        return same and not self.lost and not self.doubled


def script(home: Path, rounds: int) -> list[str]:
    """The lines of the conversation: rounds of a lesson answered right, with wrong answers and a grade."""
    file = home / "solution.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes((load_catalog().project(PROJECT).folder / "reference.py").read_bytes())
    lines = [f"/start {PROJECT}"]
    for number in range(rounds):
        lines += [f"/learn {LESSON}", "hint", *right_answers(), "/stop"]
        if number % 3 == 0:
            lines.append(f"/grade {file}")
    return lines


def kill_and_resume(folder: Path, kills: int, seed: int, rounds: int, most_seconds: float = 3600.0) -> Killed:
    """Two homes: one talks undisturbed, the other is killed on its way, `kills` times if time is left."""
    rng = random.Random(seed)
    calm, rough = folder / "calm", folder / "rough"
    _live(calm, script(calm, rounds), 0.0)
    lines = script(rough, rounds)
    pace = _pace(calm, lines)
    killed = during = 0
    until = time.monotonic() + most_seconds
    while killed < kills and time.monotonic() < until:
        child = _begin(rough, lines, rng.random())
        if not _wait_ready(rough):
            raise RuntimeError("the child did not open its tutor")
        time.sleep(rng.uniform(0.0, 2.5 * pace))  # the random moment itself, no waiting for an event
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
            break  # it had come to its end before the kill
        killed += 1
        during += (rough / "in-turn").exists()
    _live(rough, lines, 0.0)
    return Killed(killed, during, _read(calm, lines), _read(rough, lines))


def _pace(home: Path, lines: Sequence[str]) -> float:
    """Seconds of a turn in the undisturbed conversation, on average."""
    return float((home / "seconds").read_text(encoding="utf-8")) / len(lines)


def _begin(home: Path, lines: Sequence[str], chance: float) -> int:
    for name in ("ready", "in-turn"):
        (home / name).unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            asyncio.run(_talk(home, lines, chance))
            code = 0
        finally:
            os._exit(code)
    return child


def _live(home: Path, lines: Sequence[str], chance: float) -> None:
    """One life to its natural end."""
    _, status = os.waitpid(_begin(home, lines, chance), 0)
    if status:
        raise RuntimeError(f"the conversation in {home} ended with {status}")


def _wait_ready(home: Path) -> bool:
    until = time.monotonic() + _LONGEST_LIFE
    while time.monotonic() < until:
        if (home / "ready").exists():
            return True
        time.sleep(0.005)
    return False


async def _talk(home: Path, lines: Sequence[str], chance: float) -> None:
    """From the first line that the transcript does not hold; the line cut off is repeated, or passed over."""
    from tutor.agent.resuming import unfinished

    began = time.perf_counter()
    async with open_plain(home) as tutor:
        at = len(_said(home))
        state = await tutor._graph.aget_state(_config())  # pyright: ignore[reportPrivateUsage]
        left = unfinished(state)
        cut_off = bool(left) and at < len(lines) and state.values.get("line") == lines[at]
        judged = cut_off and left <= {"act", "choose", "speak", "guard", "remember"}
        is_answer = judged and (state.values.get("intent") or {}).get("kind") == "reply"
        if is_answer and chance < 0.5 and at + 1 < len(lines):
            at += 1
        (home / "ready").touch()
        for line in lines[at:]:
            (home / "in-turn").touch()
            async for _ in tutor.turn(line, THREAD):
                continue
            (home / "in-turn").unlink()
    (home / "seconds").write_text(str(time.perf_counter() - began), encoding="utf-8")


def _config() -> dict[str, Any]:
    return {"configurable": {"thread_id": f"default/{THREAD}"}}


def _said(home: Path) -> tuple[str, ...]:
    from teaching.transcript import last_turns, open_transcript

    transcript = open_transcript(home)
    try:
        turns = last_turns(transcript, "default", THREAD, limit=100_000, characters=10**9)
    finally:
        transcript.close()
    return tuple(turn.text for turn in turns if turn.role == "learner")


def _read(home: Path, lines: Sequence[str]) -> Log:
    from teaching.records import open_records
    from teaching.tracing import mastery

    with open_records(home) as records:
        events = records.events("default")
    evidence: Counter[tuple[str, str, Any]] = Counter()
    for event in events:
        if event.kind == "graded":
            evidence[(event.kind, event.item, event.payload["grade"]["passed"])] += 1
        elif event.kind == "answered":
            evidence[(event.kind, event.item, event.payload["correct"])] += 1
    known = mastery(load_catalog(), events)
    levels = {name: round(state.as_json()["mastery"], 6) for name, state in known.items() if state.evidence}
    said = tuple(line.replace(str(home), "") for line in _said(home))
    return Log(evidence, said, len({event.attempt for event in events}), levels)


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill -9, resume, compare.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--rounds", type=int, default=0, help="of the lesson; by default enough for the kills"
    )
    parser.add_argument("--seconds", type=float, default=3600.0, help="no more kills after so long")
    options = parser.parse_args()
    # What a life imports is imported once, before the first is forked.
    import langgraph.checkpoint.sqlite.aio  # noqa: F401

    import mcp_server.server  # noqa: F401
    import tutor.agent.tutor  # noqa: F401

    with tempfile.TemporaryDirectory() as folder:
        rounds = options.rounds or max(options.kills // 12, 2)
        killed = kill_and_resume(Path(folder), options.kills, options.seed, rounds, options.seconds)
    print(f"lost: {killed.lost or 'nothing'}; counted twice: {killed.doubled or 'nothing'}")
    verdict = "all as undisturbed" if killed.holds else "DIFFERS"
    print(
        f"{killed.kills} kills, {killed.during_turns} of them within a turn, over {len(killed.found.said)} "
        f"lines and {sum(killed.found.evidence.values())} judged events: {verdict}"
    )
    return 0 if killed.holds else 1


if __name__ == "__main__":
    sys.exit(main())
