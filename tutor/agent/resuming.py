"""Taking up a conversation: after a stop, after a kill, and without carrying its past along.

The rule owned here: a turn that was judged is finished before the next begins, under its own
attempt id; one that was stopped on purpose is never taken up by itself.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor_error import TutorError

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

PLACES = "checkpoints.db"
"""The file, in the home, of the places in conversations."""
_SAFE_TO_FINISH = frozenset({"choose", "consult", "use_tools", "speak", "guard", "remember"})
"""Nodes that run after whatever the turn did; without a model they call no tool but the note of help."""


def unfinished(before: Any) -> frozenset[str]:
    """The nodes of a state snapshot's turn that are not behind it; none when the turn ended.

    Not `before.next`, which leaves out a node whose result is stored and whose checkpoint is not: killed
    between the two, the turn would look as if it had ended, and its line would be judged once more.
    """
    return frozenset(task.name for task in before.tasks)


def broke_off(before: Any, line: str) -> bool:
    """The turn of a state snapshot did not end, and the same line is sent again: it goes on.

    It keeps its attempt id, so what it had judged is not judged twice.
    """
    values: dict[str, Any] = before.values
    return bool(unfinished(before)) and values.get("line") == line and bool(values.get("attempt"))


def takes_up(before: Any, line: str, known: bool) -> bool:
    """Whether a turn that a killed process left behind is finished before another line is heard.

    An answer is judged and led on, since the learner has given it; a turn that had only its words
    left says them to the transcript. known: this process saw the turn stop, so it stays stopped.
    """
    left = unfinished(before)
    if known or not left or broke_off(before, line):
        return False
    if left <= _SAFE_TO_FINISH:
        return True
    intent: dict[str, Any] = before.values.get("intent") or {}
    return left <= {"act"} and intent.get("kind") == "reply"


def trouble_with_places(error: Exception, home: Path) -> TutorError | None:
    """What a learner is told when the file of the places cannot be used; None for any other error."""
    if not isinstance(error, sqlite3.DatabaseError):
        return None
    path = home / PLACES
    if isinstance(error, sqlite3.OperationalError):
        return TutorError(
            "places-unusable",
            f"The places of your conversations in {path} cannot be used now: {error}.",
            "Check that the disk has room and that no other program holds the file; then send it again.",
        )
    return TutorError(
        "places-damaged",
        f"The places of your conversations in {path} cannot be read: {error}.",
        f"Move the file aside: `mv {path} {path}.damaged`. A new one is made; your answers, grades and talk "
        "are not in it and stay.",
    )


async def forget_before(saver: BaseCheckpointSaver[Any], config: dict[str, Any]) -> None:
    """Drop the checkpoints of a thread that are older than the one of `config`.

    A conversation is taken up at its last place; the past is in the transcript. Without this the file
    grows by every step of every turn. Savers other than SQLite's are left as they are.
    """
    # Imported late: langgraph's saver is slow to import.
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    told = config.get("configurable", {})
    last = told.get("checkpoint_id")
    if not isinstance(saver, AsyncSqliteSaver) or last is None:
        return
    await saver.setup()
    place = (told["thread_id"], told.get("checkpoint_ns", ""), last)
    older = "WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id < ?"
    async with saver.lock:
        await saver.conn.execute(f"DELETE FROM checkpoints {older}", place)
        await saver.conn.execute(f"DELETE FROM writes {older}", place)
        await saver.conn.commit()
