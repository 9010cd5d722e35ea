"""What a leak hunter's tools must find, and what they must not do. Tables are drawn afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng
from sandbox.probes import label_shuffle, planted_leak

EVIDENCE = ("data-leakage",)


def patients(rng, n, d):
    """Rows with a few informative columns, of which one ranks backwards, and labels."""
    y = rng.permutation(np.arange(n) % 2)
    X = rng.normal(size=(n, d))
    X[:, 1] += 1.5 * y
    X[:, 2] -= 2.0 * y
    return X, y


@check("each column is judged by its pairs, whichever way round", points=2, visible=True, evidence=EVIDENCE)
def columns_are_judged_by_pairs(submission, data):
    X, y = patients(fresh_rng(), 30, 5)
    seen = submission.call("column_areas", X, y)
    expect(seen, "column_areas(X, y)").because(
        "a column that falls where the label rises knows as much as one that rises with it"
    ).shape(5).close(areas(X, y))


@check(
    "equal values count one half",
    points=1,
    visible=False,
    needs=("columns-are-judged-by-pairs",),
    evidence=EVIDENCE,
)
def equal_values_count_one_half(submission, data):
    X, y = patients(fresh_rng(), 40, 4)
    X = X.round(0)
    X[:, 0] = 3.0
    expect(submission.call("column_areas", X, y), "column_areas of rounded columns").close(areas(X, y))


@check(
    "the suspects come in order, and only above the limit",
    points=2,
    visible=True,
    needs=("columns-are-judged-by-pairs",),
    evidence=EVIDENCE,
)
def suspects_come_in_order(submission, data):
    rng = fresh_rng()
    X, y = patients(rng, 60, 8)
    X = X[:, rng.permutation(8)]
    area = areas(X, y)
    limit = float(np.sort(area)[-3:-1].mean())
    order = np.argsort(-area, kind="stable")
    seen = submission.call("suspects", X, y, limit)
    expect(seen, "suspects(X, y, limit)").dtype("int").equals(order[area[order] >= limit])


@check(
    "a planted leak is found",
    points=2,
    visible=False,
    needs=("suspects-come-in-order",),
    evidence=EVIDENCE,
)
def planted_leak_is_found(submission, data):
    X, y = patients(fresh_rng(), 50, 6)
    planted_leak(lambda table, labels: submission.call("suspects", table, np.asarray(labels), 0.99), X, y)


@check("twins across the split are counted", points=2, visible=True, evidence=EVIDENCE)
def twins_are_counted(submission, data):
    rng = fresh_rng()
    A, B = rng.normal(size=(40, 3)), rng.normal(size=(30, 3))
    twins = int(rng.integers(3, 9))
    B[rng.choice(30, size=twins, replace=False)] = A[rng.choice(40, size=twins, replace=False)]
    B[rng.integers(30), 0] = B[rng.integers(30), 0]
    known = {tuple(row) for row in A.tolist()}
    wanted = sum(tuple(row) in known for row in B.tolist())
    expect(submission.call("shared_rows", A, B), "shared_rows(A, B)").type(int).equals(wanted)
    half = np.vstack([A[:5], B[:1]])
    half[:5, 2] += 1.0
    wanted = sum(tuple(row) in known for row in half.tolist())
    expect(submission.call("shared_rows", A, half), "shared_rows, when rows agree in some columns only").equals(
        wanted
    )


@check("the columns are chosen inside each fold", points=4, visible=True, evidence=EVIDENCE)
def columns_are_chosen_inside(submission, data):
    rng = fresh_rng()
    X, y = rng.normal(size=(40, 600)), rng.permutation(np.arange(40) % 2)
    fold = rng.permutation(np.arange(40) % 5)
    seen = submission.call("selected_score", X, y, fold, 10)
    expect(seen, "selected_score on noise").because(
        "the labels of held-out rows may not help to choose the columns by which these rows are judged"
    ).type(float).close(chosen_inside(X, y, fold, 10))


@check(
    "with shuffled labels nothing is found, with real ones something",
    points=3,
    visible=False,
    needs=("columns-are-chosen-inside",),
    evidence=EVIDENCE,
)
def shuffled_labels_end_at_chance(submission, data):
    rng = fresh_rng()
    y = rng.permutation(np.arange(80) % 2)
    X = rng.normal(size=(80, 300))
    X[:, :6] += 1.2 * y[:, None]
    fold = np.arange(80) % 5
    label_shuffle(
        lambda labels: submission.call("selected_score", X, np.asarray(labels), fold, 8), y, chance=0.5, margin=0.25
    )


def areas(X, y):
    """The definition, pair by pair."""
    found = []
    for column in X.T:
        wins = [(p > q) + 0.5 * (p == q) for p in column[y == 1] for q in column[y == 0]]
        found.append(max(np.mean(wins), 1 - np.mean(wins)))
    return np.array(found)


def chosen_inside(X, y, fold, k):
    """The definition, fold by fold and column by column."""
    right = 0
    for number in np.unique(fold):
        out = fold == number
        known, labels = X[~out], y[~out]
        strength = np.array([abs(np.corrcoef(column, labels)[0, 1]) for column in known.T])
        best = np.argsort(-strength)[:k]
        means = [known[labels == label][:, best].mean(axis=0) for label in (0, 1)]
        for row, label in zip(X[out], y[out]):
            far = [np.linalg.norm(row[best] - mean) for mean in means]
            right += int(far[1] < far[0]) == label
    return float(right / len(y))
