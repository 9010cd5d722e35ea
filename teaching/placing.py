"""A placement in the log: which answers belong to it, and what follows from them.

The rule owned here: a unit is passed over for answers that are named, its own or those to what
builds on it, by the same beliefs that the recommendation follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from teaching.evidence import GUESS, question_id
from teaching.placement import Reply, item_of
from teaching.standing import Standing, standing_of
from teaching.tracing import mastery
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from teaching.records import Event


@dataclass(frozen=True)
class Placed:
    unit: str
    title: str
    p: float
    why: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """passed_over: in the order of the scope. told: all of it in a few sentences.

    start: the first written unit of the scope, or of what it needs, that is left; None without one.
    """

    passed_over: tuple[Placed, ...]
    told: str
    start: str | None


def judged_replies(events: Iterable[Event], session: str) -> list[Event]:
    """The answers of a placement that were judged right or wrong, oldest first."""
    return [
        event
        for event in sorted(events, key=lambda event: event.order)
        if event.kind == "answered"
        and event.payload.get("placement") == session
        and event.payload.get("correct") is not None
    ]


def replies_of(catalog: Catalog, events: Iterable[Event], session: str) -> list[Reply]:
    """The same as replies, each with its question's chance of luck."""
    found: list[Reply] = []
    for event in judged_replies(events, session):
        guess = GUESS["choice"]
        try:
            item = item_of(event.unit, catalog.question(question_id(event))[1])
            guess = item.guess if item else guess
        except TutorError as error:
            # A question that was taken out of the content meanwhile: it was answered all the same.
            if error.code not in ("unknown-question", "unknown-unit", "planned-unit", "wrong-kind"):
                raise
        found.append(Reply(event.unit, guess, event.payload["correct"] is True))
    return found


def known_replies(catalog: Catalog, events: Sequence[Event], session: str) -> list[Reply]:
    """What the learner showed before this placement: the units that were finished.

    A unit that is finished counts like a right answer that cannot be guessed.
    """
    before = [event for event in events if event.payload.get("placement") != session]
    states = mastery(catalog, before)
    standing = standing_of(catalog, states, before)
    finished = [unit for unit in catalog.units if standing.is_finished(unit)]
    return [Reply(unit, GUESS["code"], True) for unit in finished]


def outcome_of(catalog: Catalog, events: Sequence[Event], scope: Iterable[str], session: str) -> Outcome:
    """What a placement leads to. scope: the units that it was about, with what they need."""
    standing = standing_of(catalog, mastery(catalog, events), events)
    answers = judged_replies(events, session)
    written = [unit for unit in scope if catalog.unit(unit).status != "planned"]
    passed = tuple(_placed(standing, unit, answers) for unit in written if standing.is_settled(unit))
    right = sum(event.payload["correct"] is True for event in answers)
    told = f"{right} of {len(answers)} right. "
    if passed:
        told += f"{len(passed)} of {len(written)} written units are passed over; the rest is yours to learn."
    else:
        told += "Nothing is passed over: beginning at the beginning fits best."
    start = next((unit.id for unit in standing.in_order(written)), None)
    return Outcome(passed, told + " Nothing counts as mastered by this alone.", start)


def _placed(standing: Standing, unit: str, answers: Sequence[Event]) -> Placed:
    title = standing.catalog.unit(unit).title
    belief, state = standing.beliefs.get(unit), standing.states.get(unit)
    own = tuple(state.evidence) if state else ()
    here = any(event.unit == unit for event in answers)
    if belief is None or here or standing.is_finished(unit):
        why = "You answered its question right." if here else "You had finished it before."
        return Placed(unit, title, belief.p if belief else standing.states[unit].p, why, own)
    signs = [sign for sign in belief.signs if sign.ratio > 0]
    named = list(dict.fromkeys(standing.catalog.unit(sign.unit).title for sign in signs))[:3]
    why = f"You were right on what builds on it: {'; '.join(named)}."
    return Placed(unit, title, belief.p, why, tuple(dict.fromkeys(sign.attempt for sign in signs)))
