"""Where a learner stands in the catalogue: what is finished, what is open, what is still needed.

The rule owned here: a unit is finished when it is practised or its project was passed; one that
other units' evidence speaks for is passed over; and a prerequisite that is not written never
stands in the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from teaching.evidence import passed_units, was_placed
from teaching.indirect import KNOWN, Belief, beliefs

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.unit import Unit
    from teaching.records import Event
    from teaching.tracing import Mastery


@dataclass(frozen=True)
class Standing:
    """The catalogue as one learner stands in it."""

    catalog: Catalog
    states: Mapping[str, Mastery]
    passed: frozenset[str]
    last_met: dict[str, datetime] = field(default_factory=dict[str, datetime])
    beliefs: Mapping[str, Belief] = field(default_factory=dict[str, Belief])

    def believed(self, unit_id: str) -> float:
        """The probability that the learner has a unit: 1 when it is finished or not written."""
        unit = self.catalog.units.get(unit_id)
        if unit is None or unit.status == "planned" or self.is_finished(unit_id):
            return 1.0
        belief, state = self.beliefs.get(unit_id), self.states.get(unit_id)
        return belief.p if belief else state.p if state else 0.0

    def is_passed_over(self, unit_id: str) -> bool:
        """Unfinished, and known as far as attempts at other units can tell.

        What was tried itself and missed is never passed over.
        """
        belief, state = self.beliefs.get(unit_id), self.states.get(unit_id)
        missed = state is not None and state.wrong > 0
        inferred = belief is not None and belief.is_inferred and belief.p >= KNOWN
        return inferred and not missed and not self.is_finished(unit_id)

    def is_settled(self, unit_id: str) -> bool:
        return self.is_finished(unit_id) or self.is_passed_over(unit_id)

    def is_finished(self, unit_id: str) -> bool:
        state = self.states.get(unit_id)
        return unit_id in self.passed or (state is not None and state.level in ("practised", "mastered"))

    def is_open(self, unit: Unit) -> bool:
        """Written, unsettled, and all that it builds on is settled or not written."""
        return unit.status != "planned" and not self.is_settled(unit.id) and not self.missing(unit)

    def missing(self, unit: Unit) -> list[Unit]:
        """Written prerequisites that are not settled."""
        return [
            needed
            for needed in self.catalog.prerequisites_of(unit.id)
            if needed.status != "planned" and not self.is_settled(needed.id)
        ]

    def in_order(self, unit_ids: Iterable[str]) -> Iterator[Unit]:
        """The written, unsettled units among these, each after the prerequisites it still needs.

        A written prerequisite outside the list is taken in, before what needs it.
        """
        met: set[str] = set()
        for unit_id in unit_ids:
            yield from self._with_needed(self.catalog.unit(unit_id), met)

    def _with_needed(self, unit: Unit, met: set[str]) -> Iterator[Unit]:
        if unit.id in met or unit.status == "planned" or self.is_settled(unit.id):
            return
        met.add(unit.id)
        for needed in self.missing(unit):
            yield from self._with_needed(needed, met)
        yield unit


def standing_of(catalog: Catalog, states: Mapping[str, Mastery], events: Iterable[Event]) -> Standing:
    """From the mastery of one learner and, for what was passed and when, their events.

    Answers of a placement are no work begun: they do not say when a unit was last met.
    """
    log = sorted(events, key=lambda event: event.order)
    placed = {event.attempt for event in log if was_placed(event)}
    last_met = {event.unit: event.at for event in log if event.attempt not in placed}
    for unit, state in states.items():
        if state.last is not None and not placed.issuperset(state.evidence):
            last_met[unit] = max(state.last, last_met.get(unit, state.last))
    believed = beliefs(catalog, states, log) if log else {}
    return Standing(catalog, states, passed_units(log), last_met, believed)
