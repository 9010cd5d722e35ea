"""What the lab must do: the metric, the split, one-hot and embedding side by side, the forecast.

Expected values are computed here with one-hot matrices, never with a table lookup, so that a
lookup is held against the thing that it claims to equal.
"""

import numpy as np

from baseline import one_hot_forecast, percentage_error, selector
from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated, numerical_gradient

ROW = "syllabus/case/kaggle-1"
CASE = ("case-rossmann-store-sales",)
EMBED = ("case-rossmann-store-sales", "entity-embeddings")
TIME = ("case-rossmann-store-sales", "time-series-features-and-validation")
CATEGORIES = ("Store", "DayOfWeek", "StateHoliday")


@check("the error is relative to the sales", points=1, task=ROW, visible=True, evidence=CASE)
def error_is_relative(submission, data):
    rng = fresh_rng()
    sales = rng.integers(500, 20_000, size=9)
    guess = sales * rng.uniform(0.7, 1.3, size=9)
    seen = submission.call("rmspe", sales, guess)
    expect(seen, "rmspe(sales, predicted)").type(float).close(percentage_error(sales, guess))


@check(
    "days without sales do not count",
    points=2,
    task=ROW,
    visible=True,
    needs=("error-is-relative",),
    evidence=CASE,
)
def days_without_sales_do_not_count(submission, data):
    rng = fresh_rng()
    sales = rng.integers(500, 20_000, size=12)
    sales[rng.permutation(12)[:4]] = 0
    guess = rng.uniform(500, 20_000, size=12)
    seen = submission.call("rmspe", sales, guess)
    expect(seen, "rmspe with 4 closed days among 12").because(
        "the competition leaves such days out of the mean altogether; they are not even counted"
    ).close(percentage_error(sales, guess))


@check(
    "the newest days are held out, wherever they stand in the file",
    points=2,
    task=ROW,
    visible=True,
    evidence=TIME,
)
def newest_days_are_held_out(submission, data):
    rng = fresh_rng()
    newest = np.datetime64("2015-07-31") - int(rng.integers(0, 300))
    calendar = (newest - np.arange(20)).astype(str)
    dates = np.repeat(calendar, 3)
    days = int(rng.integers(3, 8))
    for order in (np.arange(60), rng.permutation(60)):
        held_out = np.isin(dates[order], calendar[:days])
        expect(submission.call("newest_days", dates[order], days), "newest_days(dates, days)").because(
            "the forecast is for days to come, so it is tested on days after all the days it learned from"
        ).shape(60).equals(held_out)


@check(
    "an unknown category gets code 0, a known one never does",
    points=2,
    task=ROW,
    visible=True,
    evidence=EMBED,
)
def unknown_categories_get_code_zero(submission, data):
    rng = fresh_rng()
    stores = np.sort(rng.choice(np.arange(1, 1116), size=8, replace=False))
    codes = {int(store): code for code, store in enumerate(stores, start=1)}
    seen = submission.call("vocabulary", rng.permutation(np.repeat(stores, 3)))
    expect(seen, "vocabulary(values)").because("code 0 is kept for what was never seen in training").equals(
        codes
    )
    today = np.array([stores[2], 2000, stores[0], stores[7]])
    seen = submission.call("encode", today, codes)
    expect(seen, "encode(values, codes), where the second store is new").equals(np.array([3, 0, 1, 8]))
    letters = submission.call("encode", np.array(["a", "0", "c"]), {"0": 1, "a": 2})
    expect(letters, "encode(['a', '0', 'c'], {'0': 1, 'a': 2})").equals(np.array([2, 1, 0]))


@check("one-hot marks one column in each row", points=1, task=ROW, visible=True, evidence=EMBED)
def one_hot_marks_one_column(submission, data):
    codes = fresh_rng().integers(0, 6, size=10)
    expect(submission.call("one_hot", codes, 6), "one_hot(codes, 6)").shape(10, 6).close(selector(codes, 6))


@check(
    "looking a row up equals multiplying one-hot with the table",
    points=2,
    task=ROW,
    visible=True,
    evidence=EMBED,
)
def lookup_is_multiplication(submission, data):
    rng = fresh_rng()
    table, codes = rng.normal(size=(7, 3)), rng.integers(0, 7, size=11)
    expect(submission.call("embed", table, codes), "embed(table, codes)").shape(11, 3).close(
        selector(codes, 7) @ table
    )


@check("the gradient of a table adds up its repeats", points=3, task=ROW, visible=True, evidence=EMBED)
def table_gradient_adds_up_repeats(submission, data):
    rng = fresh_rng()
    codes = rng.permutation([0, 1, 1, 1, 2, 4, 4, 4, 4])  # rows 3 and 5 are used by nobody
    upstream = rng.normal(size=(9, 2))
    seen = submission.call("table_gradient", codes, upstream, 6)
    expect(seen, "table_gradient(codes, upstream, 6)").because(
        "a row of the table that serves four sales feels the pull of all four"
    ).shape(6, 2).close(selector(codes, 6).T @ upstream)


@check(
    "the network reads tables and numbers side by side",
    points=2,
    task=ROW,
    visible=True,
    needs=("lookup-is-multiplication",),
    evidence=EMBED,
)
def forward_agrees(submission, data):
    parameters, codes, numbers, _ = _small_problem(fresh_rng())
    seen = submission.call("forward", parameters, codes, numbers)
    expect(seen, "forward(parameters, codes, numbers)").shape(len(numbers)).close(
        _network(parameters, codes, numbers)
    )


@check(
    "the gradients are the slopes of the loss",
    points=3,
    task=ROW,
    visible=False,
    needs=("forward-agrees", "table-gradient-adds-up-repeats"),
    evidence=EMBED,
)
def gradients_are_slopes(submission, data):
    parameters, codes, numbers, target = _small_problem(fresh_rng())
    slopes = submission.call("gradients", parameters, codes, numbers, target)
    expect(slopes, "gradients(...)").keys(*parameters)
    for name, value in parameters.items():

        def loss(point, name=name):
            return float(np.mean((_network({**parameters, name: point}, codes, numbers) - target) ** 2))

        numerical_gradient(loss, value, slopes[name], step=1e-6)


@check(
    "the arrays you are given stay as they were",
    points=1,
    task=ROW,
    visible=False,
    needs=("gradients-are-slopes",),
    evidence=EMBED,
    required=False,
)
def inputs_are_left_alone(submission, data):
    input_not_mutated(submission, "gradients", *_small_problem(fresh_rng()))


@check(
    "categories are as far apart as their effects",
    points=2,
    task=ROW,
    visible=True,
    needs=("forward-agrees",),
    evidence=EMBED,
)
def distances_compare_effects(submission, data):
    parameters, codes, numbers, _ = _small_problem(fresh_rng())
    seen = submission.call("effect_distances", parameters, codes, numbers, "DayOfWeek")
    swapped = [_network(parameters, {**codes, "DayOfWeek": np.full(12, code)}, numbers) for code in range(4)]
    wanted = [[float(np.abs(p - q).mean()) for q in swapped] for p in swapped]
    expect(seen, "effect_distances(..., 'DayOfWeek')").shape(4, 4).symmetric().diagonal(0.0).close(
        np.array(wanted)
    )


@check(
    "training learns, and learns the same again",
    points=2,
    task=ROW,
    visible=False,
    needs=("gradients-are-slopes",),
    evidence=EMBED,
)
def training_repeats_itself(submission, data):
    codes, sizes, numbers, target = _training_rows(data.train, 500)
    seed = int(fresh_rng().integers(1000))
    first = submission.call("train", codes, sizes, numbers, target, seed)
    error = np.mean((_network(first, codes, numbers) - target) ** 2) / np.var(target)
    expect(float(error), "the share of the variance left after training on 500 days").at_most(0.25)
    again = submission.call("train", codes, sizes, numbers, target, seed)
    expect(again["Store"], "the store table of a second training with the same seed").close(
        first["Store"], rtol=1e-9
    )


@check(
    "the model has found what was planted",
    points=3,
    task=ROW,
    visible=False,
    needs=("gradients-are-slopes", "distances-compare-effects"),
    evidence=EMBED,
)
def model_finds_what_was_planted(submission, data):
    codes, sizes, numbers, target = _training_rows(data.train)
    learned = submission.call("train", codes, sizes, numbers, target, int(fresh_rng().integers(1000)))
    some = slice(0, 1000)
    codes = {name: code[some] for name, code in codes.items()}
    apart = submission.call("effect_distances", learned, codes, numbers[some], "DayOfWeek")
    within, across = apart[6, 7], apart[6:, 1:6]
    expect(float(within / across.min()), "Saturday to Sunday, as a share of the nearest weekday").because(
        "every store treats the two days of the weekend alike, and nobody has told the model so"
    ).at_most(1.0)
    tuesday, saturday = (_one_day(learned, weekday) for weekday in (2, 6))
    rich = ~data.is_sparse
    agreement = np.corrcoef((tuesday - saturday)[rich], data.habit[rich])[0, 1]
    expect(float(agreement), "the correlation of planted and learned weeks").because(
        "asked for a Tuesday and a Saturday of each store, the model should tell city from leisure"
    ).at_least(0.9)


@check(
    "every row gets a forecast, also what was never seen",
    points=2,
    task=ROW,
    visible=False,
    needs=("gradients-are-slopes", "unknown-categories-get-code-zero"),
    evidence=CASE,
)
def every_row_gets_a_forecast(submission, data):
    rows = slice(0, 200)
    test = {name: column[rows].copy() for name, column in data.test.items()}
    test["Store"][:5], test["StateHoliday"][3:8], test["Open"][:8] = 2000, "c", 1
    seen = submission.call("forecast", data.train, test, int(fresh_rng().integers(1000)))
    expect(seen, "forecast(train, test, seed)").shape(200).finite()
    is_open = test["Open"] == 1
    expect(seen[~is_open], "the forecasts for closed days").close(np.zeros((~is_open).sum()), atol=0)
    sold = data.train["Sales"][data.train["Sales"] > 0]
    expect(seen[:5], "the forecasts for a store that is new").because(
        "it should look like some store of the chain: within the range of all sales"
    ).between(float(sold.min()), float(sold.max()))


@check(
    "stores with few rows gain most",
    points=4,
    task=ROW,
    visible=False,
    needs=("newest-days-are-held-out", "days-without-sales-do-not-count", "every-row-gets-a-forecast"),
    evidence=EMBED,
)
def sparse_stores_gain(submission, data):
    predicted = submission.call("forecast", data.train, data.test, int(fresh_rng().integers(1000)))
    expect(predicted, "forecast(train, test, seed)").shape(len(data.sales)).finite()
    few = np.isin(data.test["Store"], data.sparse)
    linear = percentage_error(data.sales[few], one_hot_forecast(data.train, data.test)[few])
    expect(percentage_error(data.sales[few], predicted[few]), "RMSPE on stores with 8 to 14 rows").because(
        f"a linear model on one-hot columns reaches {linear:.3f}; it cannot give two stores different weeks"
    ).at_most(0.85 * linear)


def _training_rows(columns, count=None):
    """codes, sizes, numbers and target of the days with sales, coded by the reference."""
    rows = np.flatnonzero(columns["Sales"] > 0)[:count]
    words = {name: reference.call("vocabulary", columns[name][rows]) for name in CATEGORIES}
    codes = {name: reference.call("encode", columns[name][rows], words[name]) for name in CATEGORIES}
    sizes = {name: len(words[name]) + 1 for name in CATEGORIES}
    numbers = np.column_stack([columns[name][rows] for name in ("Promo", "SchoolHoliday")]).astype(float)
    return codes, sizes, numbers, np.log(columns["Sales"][rows])


def _one_day(parameters, weekday):
    """Predicted log sales of each store on a plain day without promotion."""
    stores = np.arange(1, len(parameters["Store"]))
    codes = {
        "Store": stores,
        "DayOfWeek": np.full(len(stores), weekday),
        "StateHoliday": np.ones_like(stores),
    }
    return _network(parameters, codes, np.zeros((len(stores), 2)))


def _small_problem(rng):
    """parameters, codes, numbers and target of 12 days, none near a kink of the ReLU."""
    sizes = {"Store": 5, "DayOfWeek": 4, "StateHoliday": 3}
    while True:
        widths = {"Store": 4, "DayOfWeek": 2, "StateHoliday": 1}
        parameters = {name: rng.normal(size=(sizes[name], widths[name])) for name in CATEGORIES}
        parameters |= {"W1": rng.normal(size=(9, 6)), "b1": rng.normal(size=6)}
        parameters |= {"w2": rng.normal(size=6), "b2": rng.normal(size=1)}
        codes = {name: rng.integers(0, sizes[name], size=12) for name in CATEGORIES}
        numbers = rng.normal(size=(12, 2))
        if np.abs(_before_relu(parameters, codes, numbers)).min() > 1e-3:
            return parameters, codes, numbers, rng.normal(size=12)


def _before_relu(parameters, codes, numbers):
    tables = [selector(codes[name], len(parameters[name])) @ parameters[name] for name in CATEGORIES]
    return np.column_stack([*tables, numbers]) @ parameters["W1"] + parameters["b1"]


def _network(parameters, codes, numbers):
    return np.maximum(_before_relu(parameters, codes, numbers), 0) @ parameters["w2"] + parameters["b2"][0]
