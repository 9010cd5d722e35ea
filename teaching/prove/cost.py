"""What proofs cost: CPU seconds by kind of unit, and what all of the curriculum would take.

It owns one rule: a projection is the mean of units that were proved, kind by kind; a kind of which none
was proved is left out of it and named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from teaching.prove.problem import Proof

if TYPE_CHECKING:
    from knowledge.catalog import Catalog

_PLURALS = {"lesson": "lessons", "project": "projects", "case_study": "cases"}


@dataclass(frozen=True)
class KindCost:
    """units: how many were proved; of_curriculum: how many there are; cpu_seconds: of those proved."""

    kind: str
    units: int
    of_curriculum: int
    cpu_seconds: float

    @property
    def mean(self) -> float:
        return self.cpu_seconds / self.units


@dataclass(frozen=True)
class Cost:
    """wall_seconds: of the whole run; of a proof that was kept from earlier, only its CPU time is counted."""

    kinds: tuple[KindCost, ...]
    missing: tuple[str, ...]
    wall_seconds: float
    jobs: int

    @property
    def units(self) -> int:
        return sum(kind.units for kind in self.kinds)

    @property
    def cpu_seconds(self) -> float:
        return sum(kind.cpu_seconds for kind in self.kinds)

    @property
    def projected_units(self) -> int:
        return sum(kind.of_curriculum for kind in self.kinds)

    @property
    def projected_cpu_seconds(self) -> float:
        return sum(kind.mean * kind.of_curriculum for kind in self.kinds)

    def __str__(self) -> str:
        by_kind = ", ".join(f"{_PLURALS[kind.kind]} {kind.mean:.1f}" for kind in self.kinds)
        left_out = f" without {' and '.join(_PLURALS[kind] for kind in self.missing)}" if self.missing else ""
        minutes = self.projected_cpu_seconds / self.jobs / 60
        return (
            f"cost: {self.units} units, {self.cpu_seconds:.1f} CPU s, "
            f"{self.wall_seconds:.1f} s of wall clock; "
            f"CPU s a unit: {by_kind}; all {self.projected_units} units{left_out}: "
            f"{self.projected_cpu_seconds:.0f} CPU s, {minutes:.0f} min with {self.jobs} jobs"
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "units": self.units,
            "cpu_seconds": round(self.cpu_seconds, 1),
            "wall_seconds": round(self.wall_seconds, 1),
            "jobs": self.jobs,
            "cpu_seconds_per_unit": {kind.kind: round(kind.mean, 2) for kind in self.kinds},
            "projection": {
                "units": self.projected_units,
                "cpu_seconds": round(self.projected_cpu_seconds),
                "minutes": round(self.projected_cpu_seconds / self.jobs / 60, 1),
                "without": list(self.missing),
            },
        }


def cost_of(catalog: Catalog, proofs: Sequence[Proof], wall_seconds: float, jobs: int) -> Cost:
    """The cost of those of `proofs` that are of the curriculum's units.

    They ran `jobs` at a time, and all proofs took `wall_seconds` together.
    """
    proofs = [proof for proof in proofs if proof.unit in catalog.units]
    kinds: list[KindCost] = []
    missing: list[str] = []
    for kind in _PLURALS:
        every = [unit.id for unit in catalog.units.values() if unit.kind == kind]
        spent = [proof.cpu_seconds for proof in proofs if catalog.unit(proof.unit).kind == kind]
        if spent:
            kinds.append(KindCost(kind, len(spent), len(every), sum(spent)))
        elif every:
            missing.append(kind)
    return Cost(tuple(kinds), tuple(missing), wall_seconds, jobs)
