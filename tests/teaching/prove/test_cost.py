"""The cost of proofs: means by kind, and a projection that says what it leaves out."""

from __future__ import annotations

from knowledge.catalog import Catalog, load_catalog
from teaching.prove.cost import cost_of
from teaching.prove.problem import Proof


def _first(catalog: Catalog, kind: str, seconds: list[float]) -> list[Proof]:
    units = [unit.id for unit in catalog.units.values() if unit.kind == kind][: len(seconds)]
    return [Proof(unit, "c", "e", spent, ()) for unit, spent in zip(units, seconds, strict=True)]


def test_the_projection_weighs_the_mean_of_each_kind_with_its_units() -> None:
    catalog = load_catalog()
    proofs = [
        *_first(catalog, "lesson", [2.0, 4.0]),
        *_first(catalog, "project", [20.0]),
        *_first(catalog, "case_study", [10.0]),
    ]
    cost = cost_of(catalog, proofs, wall_seconds=18.0, jobs=2)
    assert cost.projected_units == 493
    assert cost.projected_cpu_seconds == 281 * 3.0 + 188 * 20.0 + 24 * 10.0
    told = cost.as_json()
    assert told["cpu_seconds_per_unit"] == {"lesson": 3.0, "project": 20.0, "case_study": 10.0}
    assert told["projection"]["minutes"] == round(cost.projected_cpu_seconds / 120, 1)
    assert str(cost).startswith("cost: 4 units, 36.0 CPU s, 18.0 s of wall clock; CPU s a unit: lessons 3.0,")


def test_a_kind_that_was_not_proved_is_named_and_left_out() -> None:
    catalog = load_catalog()
    cost = cost_of(catalog, _first(catalog, "lesson", [2.0]), wall_seconds=2.0, jobs=1)
    assert cost.missing == ("project", "case_study")
    assert "all 281 units without projects and cases: 562 CPU s" in str(cost)


def test_no_proofs_cost_nothing() -> None:
    assert cost_of(load_catalog(), [], wall_seconds=0.1, jobs=1).as_json()["cpu_seconds"] == 0
