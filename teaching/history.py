"""One unit's estimate opened up: every attempt behind it, and what each did to it.

The rule owned here: the steps are those of `tracing` itself, so the last `after` is the number that
is shown everywhere; an attempt that moved nothing is listed too, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from teaching.tracing import DEFAULTS, Mastery, Parameters, discount, mastery, trace

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from teaching.evidence import Observation
    from teaching.records import Event


@dataclass(frozen=True)
class Step:
    """One item's word in one attempt. at: UTC. weight: how far the estimate followed it, 0 to 1.

    verdict: right, wrong, partly, undecided, or helped for help that was given. before, after: the
    estimate around the whole attempt; its last part is the step of learning: `learn` of what is missing.
    """

    attempt: str
    at: datetime
    item: str
    verdict: str
    assisted: bool
    weight: float
    before: float
    after: float
    learn: float = 0.0
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        rounded = {name: round(getattr(self, name), 4) for name in ("weight", "before", "after", "learn")}
        return {**asdict(self), "at": self.at.isoformat(), **rounded}


def history(
    catalog: Catalog, events: Iterable[Event], unit: str, parameters: Parameters = DEFAULTS
) -> list[Step]:
    """The steps of one learner in one unit, oldest first."""
    log = list(events)
    start = mastery(catalog, log, parameters)[unit].start
    found: list[tuple[tuple[datetime, int], Step]] = []
    order = {event.attempt: event.order for event in log}
    told: set[str] = set()
    estimates: list[tuple[tuple[datetime, int], float]] = []
    for group, before, after in trace(catalog, log, parameters):
        if group[0].unit != unit:
            continue
        attempt = group[0].attempt
        told.add(attempt)
        estimates.append((order[attempt], after.p))
        found += [(order[attempt], _step(one, before, after, parameters)) for one in group]
    for event in log:
        if event.unit == unit and event.attempt not in told:
            reached = [p for at, p in estimates if at < event.order]
            found.append((event.order, _silent(event, reached[-1] if reached else start)))
    return [step for _, step in sorted(found, key=lambda pair: pair[0])]


def _step(one: Observation, before: Mastery, after: Mastery, parameters: Parameters) -> Step:
    verdict = "right" if one.correct else "partly" if one.share > 0 else "wrong"
    note = "placement" if one.is_placed else ""
    weight = discount(one, parameters)
    return Step(
        one.attempt, one.at, one.item, verdict, one.assisted, weight, before.p, after.p, after.learn, note
    )


def _silent(event: Event, p: float) -> Step:
    """An event that moved nothing, and why."""
    correct = event.payload.get("correct")
    if event.kind == "helped":
        verdict, note = "helped", "help makes the next answer count for less"
    elif correct is None and event.kind == "answered":
        verdict, note = "undecided", "it could not be decided yet"
    else:
        verdict, note = "right" if correct else "wrong", "it repeats what was shown before"
    item = event.item if "/" in event.item or event.item == event.unit else f"{event.unit}/{event.item}"
    return Step(event.attempt, event.at, item, verdict, event.kind == "helped", 0.0, p, p, note=note)
