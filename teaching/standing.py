"""Where a learner stands in the catalogue: what is finished, what is open, what is still needed.

The rule owned here: a unit is finished when it is practised or its project was passed, and a
prerequisite that is not written never stands in the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from teaching.evidence import passed_units

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

    def is_finished(self, unit_id: str) -> bool:
        state = self.states.get(unit_id)
        return unit_id in self.passed or (state is not None and state.level in ("practised", "mastered"))

    def is_open(self, unit: Unit) -> bool:
        """Written, unfinished, and all that it builds on is finished or not written."""
        return unit.status != "planned" and not self.is_finished(unit.id) and not self.missing(unit)

    def missing(self, unit: Unit) -> list[Unit]:
        """Written prerequisites that are not finished."""
        return [
            needed
            for needed in self.catalog.prerequisites_of(unit.id)
            if needed.status != "planned" and not self.is_finished(needed.id)
        ]

    def in_order(self, unit_ids: Iterable[str]) -> Iterator[Unit]:
        """The written, unfinished units among these, each after the prerequisites it still needs.

        A written prerequisite outside the list is taken in, before what needs it.
        """
        met: set[str] = set()
        for unit_id in unit_ids:
            yield from self._with_needed(self.catalog.unit(unit_id), met)

    def _with_needed(self, unit: Unit, met: set[str]) -> Iterator[Unit]:
        if unit.id in met or unit.status == "planned" or self.is_finished(unit.id):
            return
        met.add(unit.id)
        for needed in self.missing(unit):
            yield from self._with_needed(needed, met)
        yield unit


def standing_of(catalog: Catalog, states: Mapping[str, Mastery], events: Iterable[Event]) -> Standing:
    """From the mastery of one learner and, for what was passed and when, their events."""
    log = sorted(events, key=lambda event: event.id)
    last_met = {event.unit: event.at for event in log}
    for unit, state in states.items():
        if state.last is not None:
            last_met[unit] = max(state.last, last_met.get(unit, state.last))
    return Standing(catalog, states, passed_units(log), last_met)
