"""Fitting a head: what tells counts, what never varies counts nothing, and no row judges itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from evals.matching_fit import Table, auc, fit, left_out, logits

ROWS = 240


def table() -> Table:
    """Rows whose first feature tells the truth with noise; the second is the same in all of them."""
    chance = np.random.default_rng(5)
    truth = chance.random(ROWS) < 0.5
    inputs = np.stack([truth + chance.normal(0, 0.6, ROWS), np.full(ROWS, 0.3)], axis=1)
    none, groups = np.zeros(ROWS, dtype=bool), np.array([f"u{n % 6}" for n in range(ROWS)])
    return Table(("told", "same"), inputs, none, none, truth, none, groups, groups, np.ones(ROWS))


def test_a_feature_that_never_varies_weighs_nothing() -> None:
    made = table()
    head = fit(made, made.covers)
    assert head["weights"]["same"] == 0
    assert head["weights"]["told"] > 1
    assert abs(head["intercept"]) < 5
    assert auc(made.covers, logits(head, made)) > 0.8


def test_rows_are_judged_by_a_head_that_saw_no_row_of_their_group() -> None:
    """One group's truth is turned round: a head that had seen it would rank the group better."""
    made = table()
    own = made.groups == "u0"
    turned = np.where(own, ~made.covers, made.covers)

    def truth_of(rows: Table) -> Any:
        return turned[np.isin(made.inputs[:, 0], rows.inputs[:, 0])]

    found = left_out(made, truth_of, own)
    assert np.isnan(found[~own]).all()
    assert auc(made.covers[own], found[own]) > 0.8
