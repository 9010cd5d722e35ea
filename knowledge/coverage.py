"""Coverage: how far the written and proved units reach into what the seeds ask for.

The rule owned here: a row is as far as the best unit that covers it, and counts as
reached only when that unit is verified.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, get_args

from knowledge.catalog import Catalog
from knowledge.inventory import InventoryRow
from knowledge.unit import Kind, Status, Unit

STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class RowCoverage:
    """An inventory row, the units that cover it, and the furthest status among them.

    `status` is None for a row that no unit covers: some practice and resource rows stand
    in a programme alone.
    """

    row: InventoryRow
    units: tuple[Unit, ...]
    status: Status | None


@dataclass(frozen=True)
class Coverage:
    rows: tuple[RowCoverage, ...]
    units: tuple[Unit, ...]

    @property
    def reached(self) -> int:
        """Rows covered by at least one verified unit."""
        return sum(covered.status == "verified" for covered in self.rows)

    def rows_by_seed(self) -> dict[str, dict[str, int]]:
        """For each seed, how many rows stand at each status; `none` for rows without a unit."""
        counts: dict[str, Counter[str]] = {}
        for covered in self.rows:
            counts.setdefault(covered.row.seed, Counter())[covered.status or "none"] += 1
        return {seed: _table(count, ("none", *STATUSES)) for seed, count in counts.items()}

    def units_by_kind(self) -> dict[Kind, dict[str, int]]:
        """For each kind of unit, how many stand at each status."""
        counts: dict[Kind, Counter[str]] = {}
        for unit in self.units:
            counts.setdefault(unit.kind, Counter())[unit.status] += 1
        return {kind: _table(count, STATUSES) for kind, count in counts.items()}

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": len(self.rows),
            "reached": self.reached,
            "seeds": self.rows_by_seed(),
            "units": self.units_by_kind(),
            "inventory": [
                {
                    "id": covered.row.id,
                    "seed": covered.row.seed,
                    "kind": covered.row.kind,
                    "title": covered.row.title,
                    "status": covered.status,
                    "units": [{"id": unit.id, "status": unit.status} for unit in covered.units],
                }
                for covered in self.rows
            ],
        }


def coverage(catalog: Catalog) -> Coverage:
    """Every inventory row with the units that cover it, as they stand on this disk."""
    covering: dict[str, list[Unit]] = {row: [] for row in catalog.inventory}
    units = tuple(unit for unit in catalog.units.values() if not unit.namespace)
    for unit in units:
        for row in unit.covers:
            covering[row].append(unit)
    rows = tuple(
        RowCoverage(row, tuple(covering[row.id]), _furthest(covering[row.id]))
        for row in catalog.inventory.values()
    )
    return Coverage(rows, units)


def _furthest(units: list[Unit]) -> Status | None:
    return next(
        (status for status in reversed(STATUSES) if any(unit.status == status for unit in units)), None
    )


def _table(count: Counter[str], columns: tuple[str, ...]) -> dict[str, int]:
    return {column: count[column] for column in columns} | {"total": count.total()}
