"""The same by matrices: tables multiplied by one-hot rows, whole epochs, sets of dates."""

import numpy as np

CATEGORIES = ("Store", "DayOfWeek", "StateHoliday")
WIDTHS = (4, 2, 1)


def rmspe(sales, predicted):
    squares = [((s - p) / s) ** 2 for s, p in zip(sales, predicted) if s > 0]
    return float((sum(squares) / len(squares)) ** 0.5)


def newest_days(dates, days):
    late = set(sorted(set(map(str, dates)), reverse=True)[:days])
    return np.array([str(date) in late for date in dates])


def vocabulary(values):
    codes = {}
    for value in sorted(set(np.asarray(values).tolist())):
        codes[value] = len(codes) + 1
    return codes


def encode(values, codes):
    return np.array([codes[v] if v in codes else 0 for v in np.asarray(values).tolist()])


def one_hot(codes, size):
    marked = np.zeros((len(codes), size))
    marked[np.arange(len(codes)), codes] = 1.0
    return marked


def embed(table, codes):
    return one_hot(codes, len(table)) @ table


def table_gradient(codes, upstream, size):
    return one_hot(codes, size).T @ upstream


def _layers(p, codes, numbers):
    x = np.concatenate([embed(p[name], codes[name]) for name in CATEGORIES] + [numbers], axis=1)
    before = x @ p["W1"] + p["b1"]
    after = before * (before > 0)
    return x, before, after, after @ p["w2"] + p["b2"]


def forward(parameters, codes, numbers):
    return _layers(parameters, codes, numbers)[3]


def gradients(parameters, codes, numbers, target):
    x, before, after, output = _layers(parameters, codes, numbers)
    error = (output - target) * (2.0 / len(target))
    back = error[:, None] * parameters["w2"][None, :]
    back[before <= 0] = 0.0
    into_inputs = back @ parameters["W1"].T
    parts = np.split(into_inputs, np.cumsum(WIDTHS), axis=1)
    found = {
        name: table_gradient(codes[name], part, len(parameters[name]))
        for name, part in zip(CATEGORIES, parts)
    }
    found.update(W1=x.T @ back, b1=back.sum(0), w2=after.T @ error, b2=np.array([error.sum()]))
    return found


def train(codes, sizes, numbers, target, seed):
    rng = np.random.RandomState(seed)
    p = {name: 0.05 * rng.randn(sizes[name], width) for name, width in zip(CATEGORIES, WIDTHS)}
    inputs = sum(WIDTHS) + numbers.shape[1]
    p["W1"], p["b1"] = rng.randn(inputs, 32) * np.sqrt(2 / inputs), np.zeros(32)
    p["w2"], p["b2"] = rng.randn(32) / np.sqrt(32), np.array([target.mean()])
    speed, size = (
        {name: np.zeros_like(v) for name, v in p.items()},
        {n: np.zeros_like(v) for n, v in p.items()},
    )
    epochs = max(12, 300 * 128 // len(target))
    batches = [
        b
        for _ in range(epochs)
        for b in np.array_split(rng.permutation(len(target)), max(1, len(target) // 128))
    ]
    for done, rows in enumerate(batches):
        rate = 0.015 * np.cos(np.pi / 2 * done / len(batches))
        found = gradients(p, {name: codes[name][rows] for name in CATEGORIES}, numbers[rows], target[rows])
        for name in p:
            slope = found[name] + (5e-4 * p[name] if name in CATEGORIES else 0.0)
            speed[name] = 0.9 * speed[name] + slope
            size[name] = 0.99 * size[name] + 0.01 * slope**2
            p[name] = p[name] - 0.1 * rate * speed[name] / np.sqrt(
                size[name] / (1 - 0.99 ** (done + 1)) + 1e-12
            )
    return p


def effect_distances(parameters, codes, numbers, name):
    size = len(parameters[name])
    table = np.zeros((size, len(numbers)))
    for code in range(size):
        swapped = dict(codes)
        swapped[name] = np.zeros(len(numbers), dtype=int) + code
        table[code] = forward(parameters, swapped, numbers)
    return np.abs(table[:, None, :] - table[None, :, :]).mean(axis=2)


def forecast(train_columns, test_columns, seed):
    days = [i for i, sold in enumerate(train_columns["Sales"]) if sold > 0]
    words = [vocabulary(np.asarray(train_columns[name])[days]) for name in CATEGORIES]

    def inputs(columns):
        codes = {name: encode(columns[name], word) for name, word in zip(CATEGORIES, words)}
        return codes, np.array([columns["Promo"], columns["SchoolHoliday"]], dtype=float).T

    codes, numbers = inputs(train_columns)
    p = train(
        {name: codes[name][days] for name in CATEGORIES},
        {name: len(word) + 1 for name, word in zip(CATEGORIES, words)},
        numbers[days], np.log(np.asarray(train_columns["Sales"])[days]), seed,
    )  # fmt: skip
    return np.exp(forward(p, *inputs(test_columns))) * (np.asarray(test_columns["Open"]) == 1)
