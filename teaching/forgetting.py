"""Forgetting: the one way in which records go, and the line that stays in their place.

The rule owned here: what goes is counted and told before it goes; what stays is a tombstone with
a time and numbers, never the content, so that no count is higher than what stands behind it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, true, update

from teaching.database import as_text, check_id, check_learner
from teaching.records import Records
from teaching.schema import events, forgotten, turns
from tutor_error import TutorError

_MOST_IDS = 500
"""In one statement; databases bound the number of parameters."""


@dataclass(frozen=True)
class Forgetting:
    """What is there to forget: numbers of events and of turns of talk. unit: None for all.

    threads: the conversations that the talk is of.
    """

    learner: str
    unit: str | None
    events: int
    turns: int
    threads: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if key != "threads"}


@dataclass(frozen=True)
class Tombstone:
    """What was forgotten. learner: empty when all of somebody went; at: UTC as text."""

    learner: str
    unit: str
    at: str
    events: int
    turns: int


def would_forget(records: Records, learner: str, unit: str | None = None) -> Forgetting:
    """The count, before anybody agreed. Raises TutorError `nothing-recorded` when it is zero."""
    with records.database.reading() as connection:
        found = _count(connection, learner, unit)
    if found.events + found.turns == 0:
        of = f" of the unit `{unit}`" if unit else ""
        known = ", ".join(records.learners()) or "nobody yet"
        raise TutorError(
            "nothing-recorded",
            f"Nothing is recorded for `{learner}`{of}.",
            f"There are records of: {known}. `mltutor --learner NAME progress` shows what somebody has.",
        )
    return found


def forget(records: Records, learner: str, unit: str | None = None) -> Forgetting:
    """Deletes a learner's records, or those of one unit, and leaves a tombstone; all or nothing.

    With a unit go the exchanges that were about it or cited it, whole, in every conversation; the notes of
    each turn tell. Evidence that a project gave for the unit goes with the project's own events.
    """
    with records.database.writing() as connection:
        stone = insert(forgotten).values(
            learner=learner if unit else "",
            unit=unit or "",
            at=as_text(records.clock()),
            events=0,
            turns=0,
            is_open=1,
        )
        key = connection.execute(stone.returning(forgotten.c.id)).scalar_one()
        # Counted within the transaction: what another process wrote meanwhile is told as well.
        found = _count(connection, learner, unit)
        connection.execute(delete(events).where(_mine(learner, unit)))
        if unit is None:
            connection.execute(delete(turns).where(turns.c.learner == learner))
        else:
            _delete_talk(connection, learner, unit)
        connection.execute(
            update(forgotten)
            .where(forgotten.c.id == key)
            .values(events=found.events, turns=found.turns, is_open=0)
        )
        return found


def tombstones(records: Records, learner: str | None = None) -> list[Tombstone]:
    """What was forgotten, oldest first; of one learner, or of everybody."""
    rows = select(forgotten).where(true() if learner is None else forgotten.c.learner == learner)
    with records.database.reading() as connection:
        return [
            Tombstone(row.learner, row.unit, row.at, row.events, row.turns)
            for row in connection.execute(rows.order_by(forgotten.c.id))
        ]


def _count(connection: Connection, learner: str, unit: str | None) -> Forgetting:
    done = connection.execute(select(func.count()).select_from(events).where(_mine(learner, unit)))
    if unit is None:
        mine = turns.c.learner == check_learner(learner)
        said = connection.execute(select(func.count()).select_from(turns).where(mine)).scalar_one()
        threads = connection.execute(select(turns.c.thread).where(mine).distinct()).scalars()
        return Forgetting(learner, unit, done.scalar_one(), said, tuple(threads))
    talk = _talk_about(connection, learner, unit)
    threads = dict.fromkeys(talk.values())
    return Forgetting(learner, unit, done.scalar_one(), len(talk), tuple(threads))


def _talk_about(connection: Connection, learner: str, unit: str) -> dict[int, str]:
    """The turns whose notes name the unit, and the others of the same exchanges: ids with their threads."""
    mine = turns.c.learner == check_learner(learner)
    columns = select(turns.c.id, turns.c.thread, turns.c.key, turns.c.meta)
    named = columns.where(mine & turns.c.meta.contains(check_id("a unit", unit), autoescape=True))
    about = [row for row in connection.execute(named) if unit in _units_in(json.loads(row.meta))]
    exchanges = {(row.thread, _exchange(row.key)) for row in about if row.key}
    found: dict[int, str] = {row.id: row.thread for row in about}
    for thread in {thread for thread, _ in exchanges}:
        for row in connection.execute(columns.where(mine & (turns.c.thread == thread))):
            if row.key and (row.thread, _exchange(row.key)) in exchanges:
                found[row.id] = row.thread
    return found


def _delete_talk(connection: Connection, learner: str, unit: str) -> None:
    ids = list(_talk_about(connection, learner, unit))
    for at in range(0, len(ids), _MOST_IDS):
        connection.execute(delete(turns).where(turns.c.id.in_(ids[at : at + _MOST_IDS])))


def _units_in(notes: dict[str, Any]) -> set[str]:
    return {str(notes.get("unit", "")), *map(str, notes.get("units", ()))}


def _exchange(key: str) -> str:
    """What the keys of one exchange have in common: its attempt, `t-` and a number."""
    return "-".join(key.split("-")[:2])


def _mine(learner: str, unit: str | None) -> ColumnElement[bool]:
    mine = events.c.learner == check_learner(learner)
    return mine & (events.c.unit == check_id("a unit", unit)) if unit else mine
