"""Preparation that learns from some rows and is applied to others. Tables are drawn afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng
from sandbox.probes import input_not_mutated

EVIDENCE = ("feature-preprocessing",)


def with_gaps(rng, n, d=3):
    """Columns on unlike scales; about a fifth of the cells is missing, none of the first two rows."""
    X = rng.normal(size=(n, d)) * [1.0, 40.0, 0.2][:d] + [5.0, -100.0, 0.0][:d]
    gaps = rng.random((n, d)) < 0.2
    gaps[:2], gaps[2] = False, True
    X[gaps] = np.nan
    return X


def ruler(X):
    """Mean and deviation of the known values, column by column."""
    known = [column[~np.isnan(column)] for column in X.T]
    return np.array([k.mean() for k in known]), np.array([k.std() for k in known])


@check("gaps take no part in mean and deviation", points=2, visible=True, evidence=EVIDENCE)
def gaps_take_no_part(submission, data):
    X = with_gaps(fresh_rng(), 25)
    value = submission.call("fit_scaler", X)
    expect(value, "fit_scaler(X)").type(tuple, list).length(2)
    for part, wanted, name in zip(value, ruler(X), ("the center", "the scale")):
        expect(part, name).shape(3).close(wanted)


@check(
    "a column that never varies has scale 1",
    points=1,
    visible=False,
    needs=("gaps-take-no-part",),
    evidence=EVIDENCE,
)
def constant_column_has_scale_one(submission, data):
    X = with_gaps(fresh_rng(), 12)
    X[~np.isnan(X[:, 1]), 1] = 7.0
    value = submission.call("fit_scaler", X)
    expect(value, "fit_scaler(X)").type(tuple, list).length(2)
    expect(value[1], "the scale").because("dividing by a deviation of 0 gives NaN or infinity").close(
        np.array([ruler(X)[1][0], 1.0, ruler(X)[1][2]])
    )


@check("new rows are measured with the old ruler, and gaps are marked", points=3, visible=True, evidence=EVIDENCE)
def new_rows_get_the_old_ruler(submission, data):
    rng = fresh_rng()
    center, scale = ruler(with_gaps(rng, 30))
    X = with_gaps(rng, 7) + 3 * scale
    gaps = np.isnan(X)
    wanted = np.hstack([np.where(gaps, 0.0, (X - center) / scale), gaps.astype(float)])
    seen = submission.call("prepare", X, center, scale)
    expect(seen, "prepare(X, center, scale)").because(
        "scaled columns come first, with 0 for a gap, then one indicator for each column"
    ).shape(7, 6).close(wanted)


@check("a name becomes a column", points=1, visible=True, evidence=EVIDENCE)
def name_becomes_a_column(submission, data):
    known = ["gas", "oil", "district", "wood"]
    places = fresh_rng().integers(0, 4, size=9)
    seen = submission.call("one_hot", [known[place] for place in places], known)
    expect(seen, "one_hot(values, known)").shape(9, 4).dtype("float").close(np.eye(4)[places])


@check(
    "an unknown name is a row of zeros",
    points=1,
    visible=False,
    needs=("name-becomes-a-column",),
    evidence=EVIDENCE,
)
def unknown_name_is_zeros(submission, data):
    seen = submission.call("one_hot", ["oil", "heat pump", "gas"], ["oil", "gas"])
    expect(seen, "one_hot(['oil', 'heat pump', 'gas'], ['oil', 'gas'])").close(
        np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    )


@check("a code is the smoothed mean of the other folds", points=3, visible=True, evidence=EVIDENCE)
def code_is_a_smoothed_mean(submission, data):
    rng = fresh_rng()
    category, fold = rng.integers(0, 5, size=60), rng.permutation(np.arange(60) % 3)
    y, m = rng.normal(size=60) + category, float(rng.integers(2, 9))
    seen = submission.call("target_encode", category, y, fold, m)
    expect(seen, "target_encode(category, y, fold, m)").shape(60).close(codes(category, y, fold, m))


@check(
    "no code moves with the row's own label",
    points=3,
    visible=False,
    needs=("code-is-a-smoothed-mean",),
    evidence=EVIDENCE,
)
def own_label_stays_out(submission, data):
    rng = fresh_rng()
    category, fold, y = rng.integers(0, 30, size=50), np.arange(50) % 5, rng.normal(size=50)
    row = int(rng.integers(50))
    other = y.copy()
    other[row] += 100.0
    before = submission.call("target_encode", category, y, fold, 1.0)
    after = submission.call("target_encode", category, other, fold, 1.0)
    for value in (before, after):
        expect(value, "target_encode(category, y, fold, 1.0)").shape(50).finite()
    expect(after[fold == fold[row]], "the codes of a fold after one of its labels has changed").close(
        before[fold == fold[row]]
    )


@check(
    "a category without other rows gets the overall mean",
    points=1,
    visible=False,
    needs=("code-is-a-smoothed-mean",),
    evidence=EVIDENCE,
)
def lonely_category_gets_the_mean(submission, data):
    y = fresh_rng().normal(size=8)
    category, fold = np.array([0, 0, 0, 9, 1, 1, 1, 1]), np.array([0, 1, 0, 1, 0, 1, 0, 1])
    seen = submission.call("target_encode", category, y, fold, 2.0)
    expect(seen, "target_encode(...), where category 9 has one row").shape(8)
    expect(float(seen[3]), "the code of that row").close(float(y[fold == 0].mean()))


@check(
    "the table you are given stays as it was",
    points=1,
    visible=False,
    needs=("new-rows-get-the-old-ruler",),
    evidence=EVIDENCE,
    required=False,
)
def table_is_left_alone(submission, data):
    X = with_gaps(fresh_rng(), 9)
    input_not_mutated(submission, "prepare", X, *ruler(X))


def codes(category, y, fold, m):
    """The definition, row by row."""
    found = []
    for name, number in zip(category, fold):
        others = fold != number
        mine = others & (category == name)
        found.append((y[mine].sum() + m * y[others].mean()) / (mine.sum() + m))
    return np.array(found)
