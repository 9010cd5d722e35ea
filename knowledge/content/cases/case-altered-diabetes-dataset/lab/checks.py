"""What the lab must do: measure, find the leaks, the shift, the cut and the bent relation, and forecast."""

import numpy as np

from baseline import LABEL, informed_area, pair_area
from sandbox.judge import check, expect, fail, fresh_rng
from sandbox.probes import row_permutation

ROW = "syllabus/case/hackathon-3"
CASE = ("case-altered-diabetes-dataset",)
BOTH = ("case-altered-diabetes-dataset", "data-leakage")


@check("the area is a share of pairs", points=1, task=ROW, visible=True, evidence=CASE)
def area_is_a_share_of_pairs(submission, data):
    rng = fresh_rng()
    y, values = rng.permutation(np.repeat([0.0, 1.0], [17, 9])), rng.normal(size=26)
    expect(submission.call("area", y, values), "area(y, values)").type(float).close(pair_area(y, values))


@check(
    "equal values count one half, also among 10,000 rows",
    points=2,
    task=ROW,
    visible=False,
    needs=("area-is-a-share-of-pairs",),
    evidence=CASE,
)
def equal_values_count_one_half(submission, data):
    rng = fresh_rng()
    for n, kinds in ((30, 3), (10_000, 40)):
        y, values = (rng.random(n) < 0.6).astype(float), rng.integers(0, kinds, size=n).astype(float)
        y[:2] = 0.0, 1.0
        seen = submission.call("area", y, values)
        expect(seen, f"area of {n} rows with {kinds} different values").close(pair_area(y, values))


@check(
    "columns that know too much are named",
    points=2,
    task=ROW,
    visible=True,
    needs=("area-is-a-share-of-pairs",),
    evidence=BOTH,
)
def columns_that_know_too_much(submission, data):
    table = {name: column for name, column in data.original.items() if name != LABEL}
    seen = submission.call("knows_too_much", table, data.original[LABEL], 0.95)
    expect(seen, "knows_too_much(original, label, 0.95)").because(
        "a column that falls as surely as another rises tells the diagnosis just as well"
    ).equals(["glucose_fasting", "hba1c", "insulin_sensitivity"])


@check(
    "each column says how far it tells test from training",
    points=2,
    task=ROW,
    visible=True,
    needs=("area-is-a-share-of-pairs",),
    evidence=CASE,
)
def shift_is_measured_by_column(submission, data):
    rng = fresh_rng()
    train = {"id": np.arange(50.0), "up": rng.normal(size=50), "down": rng.normal(size=50)}
    train |= {"same": rng.integers(0, 4, size=50).astype(float), LABEL: np.arange(50) % 2.0}
    test = {"id": np.arange(50.0, 80.0), "up": rng.normal(1, 1, 30), "down": rng.normal(-1, 1, 30)}
    test["same"] = rng.integers(0, 4, size=30).astype(float)
    seen = submission.call("shift", train, test)
    expect(seen, "shift(train, test)").keys("up", "down", "same")
    side = np.repeat([0.0, 1.0], [50, 30])
    for name in ("up", "down", "same"):
        one_way = pair_area(side, np.append(train[name], test[name]))
        expect(seen, "shift(train, test)").item(name).close(max(one_way, 1 - one_way))


@check("the cut lies where the parts contrast most", points=3, task=ROW, visible=True, evidence=CASE)
def cut_maximizes_the_contrast(submission, data):
    rng = fresh_rng()
    n = int(rng.integers(80, 120))
    ids = np.sort(rng.choice(5000, size=n, replace=False)).astype(float)
    values = rng.normal(size=n) + 2.0 * (np.arange(n) >= n - 30)
    values[-1] = -4.0  # the largest gap of all, and far from the largest contrast
    order = rng.permutation(n)
    seen = submission.call("find_cutoff", ids[order], values[order])
    expect(seen, "find_cutoff(ids, values)").because(
        "two parts of one and of a thousand rows do not weigh the same, and the rows come in any order"
    ).type(int).equals(best_cut(ids, values))


@check(
    "the planted cut is found",
    points=2,
    task=ROW,
    visible=False,
    needs=("cut-maximizes-the-contrast",),
    evidence=CASE,
)
def planted_cut_is_found(submission, data):
    rows = len(data.train["id"])
    seen = submission.call("find_cutoff", data.train["id"], data.train["physical_activity"])
    expect(seen, "find_cutoff(id, physical_activity)").type(int).between(
        data.cutoff - 0.04 * rows, data.cutoff + 0.04 * rows
    )


@check("the relation is compared among like rows", points=3, task=ROW, visible=True, evidence=CASE)
def gap_compares_within_bins(submission, data):
    rng = fresh_rng()
    edges = np.array([-1.0, 0.0, 1.0, 9.0])
    x_head, x_tail = rng.normal(size=200), rng.normal(0.5, 1, size=70)
    x_tail[0] = 20.0  # a bin that the head does not have
    y_head = (rng.random(200) < 1 / (1 + np.exp(2 * x_head))).astype(float)
    y_tail = (rng.random(70) < 1 / (1 + np.exp(-2 * x_tail))).astype(float)
    seen = submission.call("concept_gap", x_head, y_head, x_tail, y_tail, edges)
    expect(seen, "concept_gap(x_head, y_head, x_tail, y_tail, edges)").type(float).close(
        gap_of_bins(x_head, y_head, x_tail, y_tail, edges)
    )


@check(
    "the forecast ranks the test rows",
    points=4,
    task=ROW,
    visible=False,
    needs=("planted-cut-is-found", "shift-is-measured-by-column"),
    evidence=BOTH,
)
def forecast_ranks_the_test(submission, data):
    answers, _ = pair_of(submission.call("forecast", data.train, data.test, data.original), data)
    informed = informed_area(data)
    expect(pair_area(data.y, answers), "the area that your forecast reaches").because(
        f"a model that knew the cut reaches {informed:.3f}; most training rows teach another relation"
    ).at_least(informed - 0.02)


@check(
    "the claim is honest",
    points=4,
    task=ROW,
    visible=False,
    needs=("planted-cut-is-found", "shift-is-measured-by-column"),
    evidence=BOTH,
)
def claim_is_honest(submission, data):
    answers, claim = pair_of(submission.call("forecast", data.train, data.test, data.original), data)
    reached = pair_area(data.y, answers)
    expect(claim, "the area that you claim").because(
        "rows that are unlike the test, or that trained the model, cannot say how it will do there"
    ).between(reached - 0.07, reached + 0.07)


@check(
    "each row is forecast by itself",
    points=1,
    task=ROW,
    visible=False,
    needs=("forecast-ranks-the-test",),
    evidence=CASE,
    required=False,
)
def rows_are_forecast_by_themselves(submission, data):
    names = list(data.test)

    def predict(rows):
        test = {name: rows[:, place] for place, name in enumerate(names)}
        return pair_of(submission.call("forecast", data.train, test, data.original), data)[0]

    row_permutation(predict, np.column_stack([data.test[name] for name in names]))


@check(
    "the numbers of the rows are names with an order",
    points=2,
    task=ROW,
    visible=False,
    needs=("forecast-ranks-the-test",),
    evidence=BOTH,
)
def numbers_are_names_with_an_order(submission, data):
    rows = len(data.train["id"]) + len(data.test["id"])
    renamed = np.cumsum(fresh_rng().integers(1, 30, size=rows)).astype(float)
    train = {**data.train, "id": renamed[data.train["id"].astype(int)]}
    test = {**data.test, "id": renamed[data.test["id"].astype(int)]}
    before, _ = pair_of(submission.call("forecast", data.train, data.test, data.original), data)
    after, _ = pair_of(submission.call("forecast", train, test, data.original), data)
    expect(after, "the forecast after the rows were renumbered in the same order").because(
        "another hospital numbers its patients otherwise; only the order led you to the cut"
    ).close(before, atol=1e-6)


def pair_of(value, data):
    """The answers and the claim, once they are an array and a number."""
    expect(value, "forecast(train, test, original)").type(tuple, list).length(2)
    answers, claim = value
    expect(answers, "the probabilities").shape(len(data.y)).finite().between(0, 1)
    expect(claim, "the area that you claim").type(float).finite()
    if np.ptp(np.asarray(answers)) == 0:
        fail("all rows get the same probability")
    return answers, claim


def best_cut(ids, values):
    """The definition, cut by cut; ids in ascending order."""
    n, best, found = len(ids), -1.0, None
    for count in range(1, n):
        contrast = count * (n - count) / n * (values[:count].mean() - values[count:].mean()) ** 2
        if contrast > best:
            best, found = contrast, int(ids[count])
    return found


def gap_of_bins(x_head, y_head, x_tail, y_tail, edges):
    """The definition, tail row by tail row."""
    head, gaps = np.digitize(x_head, edges), []
    tail = np.digitize(x_tail, edges)
    for number in tail:
        if (head == number).any():
            gaps.append(abs(y_head[head == number].mean() - y_tail[tail == number].mean()))
    return float(np.mean(gaps))
