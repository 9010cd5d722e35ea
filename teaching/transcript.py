"""The conversation: who said what in which thread, kept to be read again and never as evidence.

The rule owned here: a read is always bounded, in turns and in characters, however long the
conversation has grown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from sqlalchemy import func, insert, select
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
from teaching.schema import turns
from tutor_error import TutorError

Role = Literal["learner", "tutor", "tool"]
ROLES: tuple[Role, ...] = get_args(Role)
MAX_TEXT = 100_000
MAX_META = 20_000
CUT = " …"


class Store(Protocol):
    """Anything that lies in the database: the event log, or a transcript opened alone."""

    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...


@dataclass(frozen=True)
class Transcript:
    """The database opened for conversations alone, by those who write no evidence."""

    database: Database
    clock: Callable[[], datetime] = utc_now

    def close(self) -> None:
        self.database.close()


@dataclass(frozen=True)
class Turn:
    id: int
    learner: str
    thread: str
    role: Role
    at: datetime
    text: str
    meta: dict[str, Any]


@dataclass(frozen=True)
class Thread:
    """A conversation; `opening` is the start of its first turn."""

    id: str
    turns: int
    began: datetime
    last: datetime
    opening: str


def open_transcript(
    home: Path, url: str | None = None, *, clock: Callable[[], datetime] = utc_now
) -> Transcript:
    """See `teaching.database.open_database` for what may be raised."""
    return Transcript(open_database(home, url), clock)


def append_turn(
    store: Store,
    learner: str,
    thread: str,
    role: Role,
    text: str,
    *,
    meta: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> Turn:
    """Adds a turn. A turn with a `key` that the thread has already is not written a second time.

    Text beyond MAX_TEXT characters is cut and ends in an ellipsis.
    Raises TutorError: `bad-learner`, `bad-id`, `bad-turn`.
    """
    if role not in ROLES:
        raise TutorError(
            "bad-turn", f"`{role}` takes no part in a conversation.", f"Use one of {', '.join(ROLES)}."
        )
    values = {
        "learner": check_learner(learner),
        "thread": check_id("a thread", thread),
        "key": None if key is None else check_id("a turn's key", key),
        "role": role,
        "at": as_text(store.clock()),
        "text": _cut(_storable(text), MAX_TEXT),
        "meta": _encode(meta or {}),
    }
    try:
        with store.database.writing() as connection:
            written = connection.execute(insert(turns).values(values).returning(turns)).one()
            return _turn(written)
    except IntegrityError:
        same = select(turns).where(turns.c.learner == learner, turns.c.thread == thread, turns.c.key == key)
        with store.database.reading() as connection:
            return _turn(connection.execute(same).one())


def last_turns(
    store: Store, learner: str, thread: str | None = None, *, limit: int = 12, characters: int = 40_000
) -> list[Turn]:
    """The newest turns of a thread (None: the one last spoken in), oldest first.

    At most `limit` turns and `characters` characters of text; when the newest turn alone is
    longer, it is cut, and older turns are left out whole.
    """
    thread = thread or last_thread(store, learner)
    if thread is None:
        return []
    mine = (turns.c.learner == check_learner(learner)) & (turns.c.thread == check_id("a thread", thread))
    newest = select(turns).where(mine).order_by(turns.c.id.desc()).limit(max(limit, 0))
    with store.database.reading() as connection:
        rows = connection.execute(newest).all()
    kept: list[Turn] = []
    for turn in map(_turn, rows):
        characters -= len(turn.text)
        if characters < 0 and kept:
            break
        kept.append(
            turn if characters >= 0 else replace(turn, text=_cut(turn.text, len(turn.text) + characters))
        )
    return kept[::-1]


def list_threads(store: Store, learner: str, *, limit: int = 50) -> list[Thread]:
    """A learner's conversations, the one last spoken in first."""
    newest, first = func.max(turns.c.id), func.min(turns.c.id)
    grouped = (
        select(turns.c.thread, func.count().label("size"), first.label("first"), newest.label("newest"))
        .where(turns.c.learner == check_learner(learner))
        .group_by(turns.c.thread)
        .order_by(newest.desc())
        .limit(max(limit, 0))
    )
    with store.database.reading() as connection:
        groups = connection.execute(grouped).all()
        ends = select(turns).where(turns.c.id.in_([*(g.first for g in groups), *(g.newest for g in groups)]))
        turn_of = {row.id: _turn(row) for row in connection.execute(ends)}
    return [
        Thread(g.thread, g.size, turn_of[g.first].at, turn_of[g.newest].at, _cut(turn_of[g.first].text, 80))
        for g in groups
    ]


def last_thread(store: Store, learner: str) -> str | None:
    """The conversation to resume."""
    newest = (
        select(turns.c.thread).where(turns.c.learner == check_learner(learner)).order_by(turns.c.id.desc())
    )
    with store.database.reading() as connection:
        return connection.scalar(newest.limit(1))


def _turn(row: Row[Any]) -> Turn:
    return Turn(row.id, row.learner, row.thread, row.role, as_moment(row.at), row.text, json.loads(row.meta))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: max(length - len(CUT), 0)] + CUT


def _storable(text: str) -> str:
    """Lone surrogates have no UTF-8 form, and PostgreSQL keeps no NUL: both come out as marks."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _encode(meta: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(meta, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise TutorError(
            "bad-turn", f"A turn's notes are no JSON: {error}.", "Give text and numbers."
        ) from error
    if len(text) > MAX_META:
        raise TutorError(
            "bad-turn", f"A turn's notes are {len(text):,} bytes long.", f"Keep to {MAX_META:,}."
        )
    return text
