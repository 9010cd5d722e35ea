from __future__ import annotations

import json
from typing import Any

import pytest

from evals.learner_page import JSON_FILE, PAGE, page, updated


def tracing_record() -> dict[str, Any]:
    figures = {f"log_loss.{name}": 0.5 for name in ("tracker", "prior_mean", "last_five")}
    for name in ("tracker", "prior_mean", "last_five"):
        figures |= {f"ece.{name}": 0.0212, f"ece.{name}.low": 0.01, f"ece.{name}.high": 0.03}
    suite = {"content": "abc", "samples": 3, "figures": {**figures, "answers": 120.0}}
    return {
        "parameters": {"slip": 0.2}, "seed": 1, "suites": {"tracing": suite},
        "reliability": [[60, 0.25, 0.26], [60, 0.75, 0.74]],
    }  # fmt: skip


def test_the_page_is_made_of_the_recorded_figures() -> None:
    if not JSON_FILE.is_file():
        pytest.skip("the figures are not recorded yet: python -m evals.learner_page")
    record = json.loads(JSON_FILE.read_text(encoding="utf-8"))
    assert PAGE.read_text(encoding="utf-8") == page(record)


def test_a_changed_figure_changes_the_page() -> None:
    record = tracing_record()
    before = page(record)
    assert "0.021 (0.010 to 0.030)" in before and "| 60 | 0.250 | 0.260 |" in before
    record["suites"]["tracing"]["figures"]["log_loss.tracker"] += 0.1
    assert page(record) != before


def test_a_suite_that_was_skipped_has_no_section() -> None:
    assert "Does every dialogue end well?" not in page(tracing_record())


def test_a_later_run_replaces_its_own_suite_and_keeps_the_others() -> None:
    before = tracing_record()
    later = {"parameters": {"slip": 0.2}, "seed": 1, "suites": {"dialogue": {"samples": 4}}}
    after = updated(before, later)
    assert after["suites"] == {**before["suites"], "dialogue": {"samples": 4}}
    assert after["reliability"] == before["reliability"]


def test_what_was_measured_with_other_constants_is_not_kept_beside_a_later_run() -> None:
    later = {"parameters": {"slip": 0.1}, "seed": 1, "suites": {"dialogue": {"samples": 4}}}
    assert updated(tracing_record(), later) == later
    assert updated({}, later) == later
