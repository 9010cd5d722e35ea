"""What to do next, and how a programme falls into days.

It knows the orders in which units can be met. The rule owned here: only what is written is
recommended; a prerequisite that is not written counts as known, and the recommendation says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from knowledge.unit import Kind, Unit
from teaching.gain import rank, tell
from teaching.pacing import awake, begun_lately, least_sure, reviews_first
from teaching.standing import Standing, standing_of
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.programme import Programme
    from teaching.records import Event
    from teaching.review import DueCard
    from teaching.tracing import Mastery

USUAL_MINUTES = 60
LEAST_MINUTES, MOST_MINUTES = 5, 960
SHORTEST_START = 15
"""Minutes: a long unit is not begun in less of a day than this."""


@dataclass(frozen=True)
class Recommendation:
    """The next step. `unit`, `kind` and `title` are None when all that is written is done.

    assumed_prerequisites: units that this one builds on and that are not written yet.
    cards: how many reviews are due, when they come before anything new.
    """

    action: Literal["learn", "review", "done"]
    unit: str | None
    kind: Kind | None
    title: str | None
    reason: str
    assumed_prerequisites: tuple[str, ...] = ()
    cards: int = 0

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "assumed_prerequisites": list(self.assumed_prerequisites)}


@dataclass(frozen=True)
class Session:
    """A stretch of one unit within a day: part `part` of `parts`, counted from 1."""

    unit: str
    kind: Kind
    title: str
    minutes: int
    part: int
    parts: int


@dataclass(frozen=True)
class Day:
    """Days and weeks count from 1; a week has seven days."""

    number: int
    week: int
    minutes: int
    sessions: tuple[Session, ...]


@dataclass(frozen=True)
class StudyPlan:
    """planned: units of the programme that are not written, in its order; they take no time yet.

    finished: units of the programme that the learner has practised already.
    passed_over: units that the learner probably knows, as attempts at others show.
    """

    programme: str
    title: str
    minutes_a_day: int
    days: tuple[Day, ...]
    planned: tuple[str, ...]
    finished: tuple[str, ...]
    passed_over: tuple[str, ...] = ()

    @property
    def minutes(self) -> int:
        return sum(day.minutes for day in self.days)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "minutes": self.minutes}


def recommend_next(
    catalog: Catalog,
    mastery: Mapping[str, Mastery],
    programme: str | Programme | None = None,
    events: Iterable[Event] = (),
    now: datetime | None = None,
) -> Recommendation:
    """The next step of one learner, with its reason.

    Among what is open the largest expected gain comes first; `teaching.gain` gives the formula.
    programme: its id or record; earlier places in it count for more. Without one: what continues
    the last unit, its track, a low level. What was begun in the last two weeks comes before, and
    when MANY_REVIEWS cards of the programme are due, the review. What other units' evidence shows is
    passed over.
    Raises TutorError `unknown-programme`.
    """
    log = list(events)
    now = now or datetime.now(UTC)
    chosen = catalog.programme(programme) if isinstance(programme, str) else programme
    standing = standing_of(catalog, mastery, log)
    wanted = list(catalog.units) if chosen is None else chosen.unit_ids()
    cards = reviews_first(catalog, log, now, None if chosen is None else wanted)
    if cards:
        return _review(catalog, cards, chosen)
    open_units = [unit for unit in standing.in_order(wanted) if standing.is_open(unit)]
    if not open_units:
        done = _all_done(catalog, wanted, chosen)
        return _confirm(standing, wanted) or _prove(standing, wanted, done.reason, now) or done
    open_units = awake(catalog, open_units, log, now) or open_units
    begun = begun_lately(standing, open_units, now)
    if begun is not None:
        return _recommend(standing, begun, "You have worked on it lately and not finished it.")
    gains = rank(
        standing, open_units, wanted, lambda unit: minutes_of(catalog, unit), in_programme=chosen is not None
    )
    best = gains[0]
    reason = _place_in(chosen, wanted, best.unit) if chosen else _continues(standing, best.unit)
    return _recommend(standing, best.unit, reason + tell(standing, best, wanted if chosen else ()))


def _confirm(standing: Standing, wanted: list[str]) -> Recommendation | None:
    """What was passed over comes in the end, the least certain first: it was only inferred."""
    passed = [name for name in wanted if standing.is_passed_over(name)]
    written = [name for name in passed if standing.catalog.unit(name).status != "planned"]
    if not written:
        return None
    unit = standing.catalog.unit(min(written, key=standing.believed))
    reason = "You probably know it, as attempts at other units show; its own questions make that sure."
    return _recommend(standing, unit, reason)


def _review(catalog: Catalog, cards: Sequence[DueCard], programme: Programme | None) -> Recommendation:
    unit = catalog.unit(cards[0].unit)
    where = f" in {programme.title}" if programme else ""
    reason = f"{len(cards)} reviews are due{where}; {unit.title} is the likeliest to be forgotten."
    return Recommendation("review", unit.id, unit.kind, unit.title, reason, cards=len(cards))


def _prove(standing: Standing, wanted: list[str], all_done: str, now: datetime) -> Recommendation | None:
    """When all is practised: an answer from memory where it is least sure."""
    unit = least_sure(standing, wanted, now)
    if unit is None:
        return None
    reason = f"{all_done} {unit.title} is the least sure of it: an answer from memory makes it surer."
    return Recommendation("review", unit.id, unit.kind, unit.title, reason)


def _continues(standing: Standing, unit: Unit) -> str:
    met = [unit_id for unit_id in standing.last_met if unit_id in standing.catalog.units]
    if not met:
        return "A good place to start."
    last = standing.catalog.unit(max(met, key=lambda unit_id: standing.last_met[unit_id]))
    if last.id in unit.prerequisites:
        return f"It builds on {last.title}."
    if unit.track == last.track:
        return f"It goes on in the track {unit.track}."
    return f"It gains you most now; the track changes from {last.track} to {unit.track}."


def _place_in(programme: Programme, wanted: list[str], unit: Unit) -> str:
    if unit.id in wanted:
        return f"It is next in {programme.title}."
    return f"What comes next in {programme.title} builds on it."


def _recommend(standing: Standing, unit: Unit, reason: str) -> Recommendation:
    needed = standing.catalog.prerequisites_of(unit.id)
    known = [other.title for other in needed if other.status != "planned"]
    assumed = [other for other in needed if other.status == "planned"]
    if known:
        reason += f" You have what it needs: {'; '.join(known)}."
    if assumed:
        titles = "; ".join(other.title for other in assumed)
        reason += f" Taken as known, because it is planned and not written yet: {titles}."
    return Recommendation(
        "learn", unit.id, unit.kind, unit.title, reason, tuple(other.id for other in assumed)
    )


def _all_done(catalog: Catalog, wanted: list[str], programme: Programme | None) -> Recommendation:
    units = [catalog.unit(unit_id) for unit_id in wanted]
    planned = sum(unit.status == "planned" for unit in units)
    where = f"in {programme.title}" if programme else "in the catalogue"
    if planned == len(units):
        reason = f"Nothing {where} is written yet."
    else:
        reason = f"You have practised every unit {where} that is written."
    if planned:
        reason += f" Planned: {planned} more."
    return Recommendation("done", None, None, None, reason)


def study_plan(
    catalog: Catalog,
    programme: str | Programme,
    minutes_a_day: int | None = None,
    mastery: Mapping[str, Mastery] | None = None,
    events: Iterable[Event] = (),
) -> StudyPlan:
    """What of a programme is written and neither finished nor passed over, laid out in days.

    minutes_a_day: without it the programme's own, else USUAL_MINUTES.
    Raises TutorError `unknown-programme`, `bad-minutes`.
    """
    chosen = catalog.programme(programme) if isinstance(programme, str) else programme
    usual = chosen.daily_minutes or USUAL_MINUTES
    minutes = usual if minutes_a_day is None else minutes_a_day
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise TutorError(
            "bad-minutes",
            f"{minutes} minutes a day make no plan.",
            f"Give {LEAST_MINUTES} to {MOST_MINUTES}, such as {usual}.",
        )
    standing = standing_of(catalog, mastery or {}, events)
    units = [catalog.unit(unit_id) for unit_id in chosen.unit_ids()]
    return StudyPlan(
        chosen.id,
        chosen.title,
        minutes,
        tuple(_days(catalog, standing.in_order(chosen.unit_ids()), minutes)),
        planned=tuple(unit.id for unit in units if unit.status == "planned"),
        finished=tuple(unit.id for unit in units if standing.is_finished(unit.id)),
        passed_over=tuple(unit.id for unit in units if standing.is_passed_over(unit.id)),
    )


def minutes_of(catalog: Catalog, unit: Unit) -> int:
    """The minutes that a written unit says it takes, a case study with its lab."""
    if unit.kind == "project":
        return catalog.project(unit.id).file.minutes
    if unit.kind == "case_study":
        return catalog.case(unit.id).front.minutes + catalog.project(unit.id).file.minutes
    return catalog.lesson(unit.id).front.minutes


def _days(catalog: Catalog, units: Iterable[Unit], minutes_a_day: int) -> Iterator[Day]:
    sessions: list[Session] = []
    number, room = 1, minutes_a_day
    for unit in units:
        for session in _sessions(unit, minutes_of(catalog, unit), room, minutes_a_day):
            if session.minutes > room:
                yield _day(number, sessions)
                sessions, number, room = [], number + 1, minutes_a_day
            sessions.append(session)
            room -= session.minutes
    if sessions:
        yield _day(number, sessions)


def _sessions(unit: Unit, minutes: int, room: int, minutes_a_day: int) -> list[Session]:
    """A unit in one piece where the day has room for it or a new day would, else in several."""
    starts_today = minutes > minutes_a_day and room >= SHORTEST_START
    pieces = [min(minutes, room)] if minutes <= room or starts_today else []
    while sum(pieces) < minutes:
        pieces.append(min(minutes - sum(pieces), minutes_a_day))
    return [
        Session(unit.id, unit.kind, unit.title, piece, part, len(pieces))
        for part, piece in enumerate(pieces, 1)
    ]


def _day(number: int, sessions: list[Session]) -> Day:
    week = (number - 1) // 7 + 1
    return Day(number, week, sum(session.minutes for session in sessions), tuple(sessions))
