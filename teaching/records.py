"""The event log: what a learner did and how it was judged, the truth that all else is computed from.

Mastery, reviews and recommendations are functions of these events. The rule owned here: events
are only ever appended, and one attempt of a learner is one event however often it is sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, get_args

from sqlalchemy import insert, select
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from teaching.database import (
    Database,
    as_moment,
    as_text,
    check_id,
    check_learner,
    open_database,
    utc_now,
)
from teaching.schema import events
from tutor_error import TutorError

EventKind = Literal["graded", "answered", "predicted", "helped"]
KINDS: tuple[EventKind, ...] = get_args(EventKind)
MAX_PAYLOAD = 2_000_000


@dataclass(frozen=True)
class Event:
    """One thing that happened to a learner. `at` is UTC.

    item: the question or check; for a project or lab graded as a whole, the unit's own id.
    `payload` is JSON, by kind:

    graded: grade (the whole document), seed, content, engine, evidence.
    answered: question, answer, correct (bool or None), score (0 to 1), covered, misconception,
        confidence (0 to 1 or None), assisted; also question_kind and options where known.
    predicted: run, prediction, confidence, correct.
    helped: check or question, rung.

    evidence: a list of {unit, check, correct, assisted, weight}; see `evidence_row`.
    """

    id: int
    learner: str
    at: datetime
    kind: EventKind
    attempt: str
    unit: str
    item: str
    payload: dict[str, Any]

    @property
    def order(self) -> tuple[datetime, int]:
        """When it happened; the id alone does not tell it of events that were imported."""
        return self.at, self.id


def evidence_row(
    unit: str, check: str, *, correct: bool, assisted: bool = False, weight: float = 1.0
) -> dict[str, Any]:
    """One check's word on one unit, as it stands in `payload["evidence"]`; weight in (0, 1]."""
    return {"unit": unit, "check": check, "correct": correct, "assisted": assisted, "weight": weight}


class Records:
    """The open log. Use it as a context manager, or close it. Safe to share between threads."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self.database = database
        self.clock = clock

    def __enter__(self) -> Records:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.database.close()

    def append(
        self, learner: str, kind: EventKind, attempt: str, unit: str, item: str, payload: Mapping[str, Any]
    ) -> tuple[Event, bool]:
        """Writes an event; the same attempt again gives the stored one, and False, and writes nothing.

        Raises TutorError: `bad-learner`, `bad-id`, `unstorable-payload`, `attempt-reused` when the
        attempt was of something else.
        """
        if kind not in KINDS:
            raise TutorError("bad-id", f"`{kind}` is no kind of event.", f"Use one of {', '.join(KINDS)}.")
        values = {
            "learner": check_learner(learner),
            "at": as_text(self.clock()),
            "kind": kind,
            "attempt": check_id("an attempt", attempt),
            "unit": check_id("a unit", unit) if unit else "",
            "item": check_id("an item", item) if item else "",
            "payload": _encode(payload),
        }
        try:
            with self.database.writing() as connection:
                row = connection.execute(insert(events).values(values).returning(events)).one()
                return _event(row), True
        except IntegrityError:
            stored = self.attempt(learner, attempt, kind=kind, unit=unit, item=item)
            if stored is None:
                raise
            return stored, False

    def attempt(
        self,
        learner: str,
        attempt: str,
        *,
        kind: EventKind | None = None,
        unit: str | None = None,
        item: str | None = None,
    ) -> Event | None:
        """The event of an attempt, if there is one.

        With `kind`, `unit` or `item`, an attempt of something else raises TutorError
        `attempt-reused` instead of passing for the outcome that was asked for.
        """
        wanted = select(events).where(
            events.c.learner == check_learner(learner), events.c.attempt == check_id("an attempt", attempt)
        )
        with self.database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            return None
        event = _event(row)
        asked = (kind or event.kind, unit or event.unit, item or event.item)
        if asked != (event.kind, event.unit, event.item):
            raise TutorError(
                "attempt-reused",
                f"The attempt `{attempt}` was already {event.kind} for {event.unit} ({event.item}).",
                "Take a new attempt id for each try.",
            )
        return event

    def events(
        self,
        learner: str,
        kind: EventKind | None = None,
        unit: str | None = None,
        item: str | None = None,
    ) -> list[Event]:
        """A learner's events, oldest first."""
        wanted = select(events).where(events.c.learner == check_learner(learner))
        wanted = wanted.order_by(events.c.at, events.c.id)
        for column, value in ((events.c.kind, kind), (events.c.unit, unit), (events.c.item, item)):
            if value is not None:
                wanted = wanted.where(column == value)
        with self.database.reading() as connection:
            return [_event(row) for row in connection.execute(wanted)]

    def learners(self) -> list[str]:
        """Everyone with an event, by name."""
        with self.database.reading() as connection:
            return list(connection.scalars(select(events.c.learner).distinct().order_by(events.c.learner)))


def open_records(home: Path, url: str | None = None, *, clock: Callable[[], datetime] = utc_now) -> Records:
    """The log of a home folder (`records.db`), or of the database at `url`; see `open_database`.

    clock: gives the UTC time of each event; simulated learners bring their own.
    """
    return Records(open_database(home, url), clock)


def _event(row: Row[Any]) -> Event:
    try:
        payload = json.loads(row.payload)
    except ValueError as error:
        raise TutorError(
            "unreadable-records",
            f"The event {row.id} of {row.learner} is damaged: {error}.",
            "Restore a copy of the records; `mltutor doctor` names their folder.",
        ) from error
    return Event(
        row.id,
        row.learner,
        as_moment(row.at),
        row.kind,
        row.attempt,
        row.unit,
        row.item,
        payload,
    )


def _encode(payload: Mapping[str, Any]) -> str:
    """The payload as ASCII JSON, which keeps every string and finite number as it is."""
    try:
        _refuse_other_keys(payload)
        text = json.dumps(payload, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise TutorError(
            "unstorable-payload",
            f"The event cannot be kept as JSON: {error}.",
            "Give text, finite numbers, true, false, null, lists and objects.",
        ) from error
    if len(text) > MAX_PAYLOAD:
        raise TutorError(
            "unstorable-payload",
            f"The event is {len(text):,} bytes long; {MAX_PAYLOAD:,} are kept.",
            "Shorten its output.",
        )
    return text


def _refuse_other_keys(value: Any) -> None:
    """`json` would turn the key 1 into "1", and what is read would differ from what was written."""
    if isinstance(value, Mapping):
        for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} is no text")
            _refuse_other_keys(inner)
    elif isinstance(value, list | tuple):
        for inner in value:  # pyright: ignore[reportUnknownVariableType]
            _refuse_other_keys(inner)
