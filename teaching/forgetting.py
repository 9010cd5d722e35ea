"""Forgetting: the one way in which records go, and the line that stays in their place.

The rule owned here: what goes is counted and told before it goes; what stays is a tombstone with
a time and numbers, never the content, so that no count is higher than what stands behind it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, true, update

from teaching.database import as_text, check_id, check_learner
from teaching.records import Records
from teaching.schema import events, forgotten, turns
from tutor_error import TutorError


@dataclass(frozen=True)
class Forgetting:
    """What is there to forget: numbers of events and of turns of talk. unit: None for all."""

    learner: str
    unit: str | None
    events: int
    turns: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


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

    Talk is not kept by unit, so it goes only with the whole learner. Evidence that a project gave
    for the unit goes with the project's own events, not with the unit's.
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
    said = select(func.count()).select_from(turns).where(turns.c.learner == check_learner(learner))
    done = select(func.count()).select_from(events).where(_mine(learner, unit))
    talk = 0 if unit else connection.execute(said).scalar_one()
    return Forgetting(learner, unit, connection.execute(done).scalar_one(), talk)


def _mine(learner: str, unit: str | None) -> ColumnElement[bool]:
    mine = events.c.learner == check_learner(learner)
    return mine & (events.c.unit == check_id("a unit", unit)) if unit else mine
