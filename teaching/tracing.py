"""Mastery: how likely a learner is to have each unit's skill, computed from the event log.

Bayesian knowledge tracing (Corbett and Anderson 1995, doi 10.1007/BF01099821): their equations
and their criterion of .95. The rule owned here: an estimate is a pure function of the events,
names the attempts behind it and those that it starts from, and says "mastered" only after an
unaided answer that came from memory, a day or more after the first success.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from teaching.evidence import DELAY, Observation, observe
from teaching.learning_rate import LearningRate

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from teaching.records import Event

Level = Literal["unseen", "learning", "practised", "mastered"]
MASTERED = 0.95
PRACTISED = 0.8
MOST_AT_FIRST = 0.7
"""Where a unit starts at most: whatever other units show, it is not practised before it is tried."""
_ROUNDS = 12


@dataclass(frozen=True)
class Parameters:
    """Those of the model, and how far an estimate follows what was seen. Guesses are in `evidence`.

    trust: the part of the way to the posterior that an answered question moves the estimate; a check
    moves it the whole way. Answers in one unit hang together more than the model believes, and to
    follow each to the end made it far too sure. assisted: what is left of that when there was help.
    strangers: how many first answers `initial` is worth beside those of the learner, in `prior`.
    chances: how many chances to learn `learn` is worth beside the learner's own, in `learning_rate`.
    Fitted to simulated students whose skill is of another kind (`evals.tune_tracing`);
    `mltutor evals run tracing` measures them on others. Of people there is no log to fit.
    """

    initial: float = 0.23
    learn: float = 0.031
    slip: float = 0.17
    assisted: float = 0.48
    trust: float = 0.29
    strangers: float = 1.34
    chances: float = 1.33


DEFAULTS = Parameters()


@dataclass(frozen=True)
class Mastery:
    """What the log says about one unit.

    p: the probability that the learner has the skill. evidence: ids of the attempts that moved
    it, oldest first. right, wrong, assisted: counts of observations. proved_by: the attempt that
    was right and unaided a day or more after the first success, with no mistake since.
    start: the estimate before the first attempt; start_from: the attempts at other units behind it.
    learn: the step of learning at the last attempt.
    """

    unit: str
    p: float = DEFAULTS.initial
    level: Level = "unseen"
    evidence: tuple[str, ...] = ()
    right: int = 0
    wrong: int = 0
    assisted: int = 0
    first_success: datetime | None = field(default=None)
    last: datetime | None = None
    proved_by: str | None = None
    start: float = DEFAULTS.initial
    start_from: tuple[str, ...] = ()
    learn: float = DEFAULTS.learn

    def as_json(self) -> dict[str, Any]:
        return {
            "unit": self.unit,
            "mastery": round(self.p, 4),
            "level": self.level,
            "evidence": list(self.evidence),
            "right": self.right,
            "wrong": self.wrong,
            "assisted": self.assisted,
            "last": self.last.isoformat() if self.last else None,
            "start": round(self.start, 4),
            "start_from": list(self.start_from),
            "explanation": explain(self),
        }


def mastery(
    catalog: Catalog, events: Iterable[Event], parameters: Parameters = DEFAULTS
) -> dict[str, Mastery]:
    """The state of every unit of the catalogue, and of others that the events speak of.

    events: of one learner, in any order; they are taken as they happened, ties by id.
    """
    tracker = Tracker(parameters)
    for group in observe(catalog, events):
        tracker.take(group)
    return tracker.all_states(catalog)


def trace(
    catalog: Catalog, events: Iterable[Event], parameters: Parameters = DEFAULTS
) -> Iterator[tuple[list[Observation], Mastery, Mastery]]:
    """Each attempt's observations of one unit with the unit's state before and after, in order."""
    tracker = Tracker(parameters)
    for group in observe(catalog, events):
        yield from tracker.take(group)


def learning_rate(
    catalog: Catalog, events: Iterable[Event], parameters: Parameters = DEFAULTS
) -> LearningRate:
    """The step of learning of one learner as it is now, with the attempts that it comes from."""
    tracker = Tracker(parameters)
    for group in observe(catalog, events):
        tracker.take(group)
    return tracker.rate


class Tracker:
    """The states of one learner's units, attempt by attempt."""

    def __init__(self, parameters: Parameters = DEFAULTS) -> None:
        self._parameters = parameters
        self._states: dict[str, Mastery] = {}
        self._firsts: dict[str, Observation] = {}
        self._unseen: Mastery | None = None
        self.rate = LearningRate(parameters.learn, parameters.chances, parameters.slip)

    def take(self, group: list[Observation]) -> list[tuple[list[Observation], Mastery, Mastery]]:
        """One attempt: for each unit that it speaks of its observations, the state before and after."""
        told: list[tuple[list[Observation], Mastery, Mastery]] = []
        before = {unit: self.state(unit) for unit in dict.fromkeys(one.unit for one in group)}
        for unit, state in before.items():
            about_unit = [one for one in group if one.unit == unit]
            told.append((about_unit, state, self._attempted(state, about_unit)))
        for one in group:
            if one.is_question and not one.assisted and one.unit not in self._firsts:
                self._firsts[one.unit] = one
                self._unseen = None
        return told

    def _attempted(self, state: Mastery, group: list[Observation]) -> Mastery:
        """The state after one attempt: each observation weighs in, then one step of learning.

        A placement tells no outcome, so nobody learns from it.
        """
        for one in group:
            self.rate.watch(one)
            state = _weigh(state, one, self._parameters)
        self.rate.ended(state.unit, state.p, group[0].at)
        learn = 0.0 if all(one.is_placed for one in group) else self.rate.value
        p = state.p + (1 - state.p) * learn
        after = replace(
            state,
            p=p,
            level=_level(p, state, group),
            evidence=(*state.evidence, group[0].attempt),
            last=group[0].at,
            learn=learn,
        )
        self._states[state.unit] = after
        return after

    def state(self, unit: str) -> Mastery:
        return self._states.get(unit) or replace(self._start(), unit=unit)

    def all_states(self, catalog: Catalog) -> dict[str, Mastery]:
        """Of every unit of the catalogue, and of others that were met."""
        unseen = self._start()
        return {unit: replace(unseen, unit=unit) for unit in catalog.units} | self._states

    def _start(self) -> Mastery:
        if self._unseen is None:
            start = prior(self._firsts.values(), self._parameters)
            attempts = tuple(one.attempt for one in self._firsts.values())
            self._unseen = Mastery("", start, start=start, start_from=attempts)
        return self._unseen


def prior(firsts: Iterable[Observation], parameters: Parameters = DEFAULTS) -> float:
    """What a unit starts from: the share of units that this learner had when they were first asked.

    A prior for each student (Pardos and Heffernan 2010, doi 10.1007/978-3-642-13470-8_24), by
    expectation and maximisation over the first unaided answer in each unit, with `initial` counting for
    `strangers` answers. Without any it is `initial`.
    """
    # Answers alike are weighed once: there are a handful of chances of luck, and hundreds of answers.
    alike = Counter((one.share, one.guess) for one in firsts)
    p = parameters.initial
    for _ in range(_ROUNDS if alike else 0):
        had = sum(
            count * posterior(p, share, guess, parameters.slip) for (share, guess), count in alike.items()
        )
        p = (parameters.strangers * parameters.initial + had) / (parameters.strangers + alike.total())
    return min(p, max(MOST_AT_FIRST, parameters.initial))


def discount(one: Observation, parameters: Parameters = DEFAULTS) -> float:
    """How far an estimate follows an observation, 0 to 1: its weight, less for an answer to a question
    than for a check, and less when there was help."""
    trust = parameters.trust if one.is_question else 1.0
    return one.weight * trust * (parameters.assisted if one.assisted else 1.0)


def posterior(p: float, share: float, guess: float, slip: float) -> float:
    """The probability of the skill after an observation, before any learning from it.

    A share between 0 and 1 mixes the two cases (Jeffrey's rule): partly right is partly each.
    """
    right = p * (1 - slip) / (p * (1 - slip) + (1 - p) * guess)
    wrong = p * slip / (p * slip + (1 - p) * (1 - guess))
    return share * right + (1 - share) * wrong


def _weigh(state: Mastery, one: Observation, parameters: Parameters) -> Mastery:
    follow = discount(one, parameters)
    seen = posterior(state.p, one.share, one.guess, parameters.slip)
    first = state.first_success or (one.at if one.correct else None)
    delayed = first is not None and one.at - first >= DELAY
    proves = one.correct and not one.assisted and not one.is_placed and delayed
    # A mistake takes the proof back: help alone can raise the estimate again, but not replace it.
    proof = None if one.share < 0.5 else state.proved_by
    return replace(
        state,
        p=state.p + follow * (seen - state.p),
        right=state.right + one.correct,
        wrong=state.wrong + (not one.correct),
        assisted=state.assisted + one.assisted,
        first_success=first,
        proved_by=one.attempt if proves else proof,
    )


def _level(p: float, state: Mastery, group: list[Observation]) -> Level:
    """state: before the attempt, as far as level and evidence go.

    A first answer makes nothing practised, wherever the unit started, and neither does a miss, whatever
    there is to learn from it.
    """
    if p >= MASTERED and state.proved_by is not None:
        return "mastered"
    first = group[0].is_question and not state.evidence
    missed = group[-1].share < 0.5 and state.level in ("unseen", "learning")
    return "practised" if p >= PRACTISED and not first and not missed else "learning"


def explain(state: Mastery) -> str:
    """One or two sentences for the learner: the level, what stands behind it, what is missing."""
    if state.level == "unseen":
        return "Nothing graded or answered yet."
    total = state.right + state.wrong
    helped = f", {state.assisted} of them with help" if state.assisted else ""
    attempts = f"{len(state.evidence)} attempt{'s' if len(state.evidence) != 1 else ''}"
    behind = f"{state.right} of {total} right in {attempts}{helped}: an estimate of {state.p:.0%}."
    return f"{state.level.capitalize()}. {behind}{_begun(state)}{_missing(state)}"


def _begun(state: Mastery) -> str:
    """Where the estimate began, if that is not where it begins for a stranger."""
    others = len(state.start_from)
    if not others:
        return ""
    units = "one other unit" if others == 1 else f"{others} other units"
    return f" It began at {state.start:.0%}, by your first answers in {units}."


def _missing(state: Mastery) -> str:
    if state.level == "mastered":
        return ""
    if state.p >= MASTERED and state.first_success is not None:
        ready = (state.first_success + DELAY).strftime("%Y-%m-%d %H:%M UTC")
        return f" Mastered needs one more right answer without help, after {ready}."
    if state.right and state.right == state.assisted:
        return " Answers without help would count for more."
    return ""
