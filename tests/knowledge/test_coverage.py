"""Coverage: how far written and proved units reach into the seeds."""

from __future__ import annotations

import json
from pathlib import Path

from knowledge.catalog import Catalog, load_catalog
from knowledge.coverage import coverage


def test_a_row_is_as_far_as_its_best_unit(school_content: Path) -> None:
    status = {covered.row.id: covered.status for covered in coverage(Catalog(school_content)).rows}
    assert status == {
        "s/topic-1": "authored",
        "s/topic-2": "planned",
        "s/objective-1": "authored",
        "s/project-1": "authored",
        "s/project-1/task-1": "authored",
        "s/case-1": "planned",
        "s/book": None,
    }


def test_only_verified_units_reach_a_row(school_content: Path) -> None:
    catalog = Catalog(school_content)
    assert coverage(catalog).reached == 0
    proof = {"content": catalog.content_hash("ruler"), "engine": "e", "cpu_seconds": 1.0}
    (school_content / "proofs.json").write_text(
        json.dumps({"format": 1, "proofs": {"ruler": proof}}), encoding="utf-8"
    )
    proved = coverage(Catalog(school_content))
    assert proved.reached == 2
    assert proved.rows_by_seed() == {
        "school": {"none": 1, "planned": 2, "authored": 2, "verified": 2, "total": 7}
    }
    assert proved.units_by_kind()["project"] == {"planned": 0, "authored": 0, "verified": 1, "total": 1}


def test_the_packaged_rows_are_counted_once_and_all() -> None:
    catalog = load_catalog()
    told = coverage(catalog).as_json()
    assert told["rows"] == len(catalog.inventory) == sum(seed["total"] for seed in told["seeds"].values())
    assert sum(kind["total"] for kind in told["units"].values()) == len(catalog.units)
    assert told["reached"] == sum(seed["verified"] for seed in told["seeds"].values())
    assert json.loads(json.dumps(told)) == told
