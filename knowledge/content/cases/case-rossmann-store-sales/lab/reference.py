"""Entity embeddings in NumPy: tables, a small network on top of them, and the forecast."""

import numpy as np

CATEGORIES = ("Store", "DayOfWeek", "StateHoliday")
DIMENSIONS = {"Store": 4, "DayOfWeek": 2, "StateHoliday": 1}
NUMBERS = ("Promo", "SchoolHoliday")
HIDDEN = 24
STEPS, DECAY = 400, 3e-4


def start(sizes, inputs, level, seed):
    rng = np.random.default_rng(seed)
    parameters = {name: rng.normal(0, 0.05, (sizes[name], DIMENSIONS[name])) for name in CATEGORIES}
    width = sum(DIMENSIONS[name] for name in CATEGORIES) + inputs
    parameters["W1"] = rng.normal(0, np.sqrt(2 / width), (width, HIDDEN))
    parameters["b1"] = np.zeros(HIDDEN)
    parameters["w2"] = rng.normal(0, np.sqrt(1 / HIDDEN), HIDDEN)
    parameters["b2"] = np.array([float(level)])
    return parameters


def adam(parameters, slopes, memory, rate):
    memory["step"] = memory.get("step", 0) + 1
    for name, slope in slopes.items():
        first, second = memory.get(name, (0.0, 0.0))
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        memory[name] = first, second
        first, second = first / (1 - 0.9 ** memory["step"]), second / (1 - 0.999 ** memory["step"])
        parameters[name] = parameters[name] - rate * first / (np.sqrt(second) + 1e-8)


def rmspe(sales, predicted):
    scored = np.asarray(sales) != 0
    truth = np.asarray(sales, float)[scored]
    return float(np.sqrt(np.mean(((truth - np.asarray(predicted)[scored]) / truth) ** 2)))


def newest_days(dates, days):
    dates = np.asarray(dates)
    return dates >= np.unique(dates)[-days]


def vocabulary(values):
    return {value: code for code, value in enumerate(np.unique(values).tolist(), start=1)}


def encode(values, codes):
    return np.array([codes.get(value, 0) for value in np.asarray(values).tolist()], dtype=int)


def one_hot(codes, size):
    return (np.asarray(codes)[:, None] == np.arange(size)).astype(float)


def embed(table, codes):
    return table[codes]


def table_gradient(codes, upstream, size):
    gradient = np.zeros((size, upstream.shape[1]))
    np.add.at(gradient, codes, upstream)
    return gradient


def _inputs(parameters, codes, numbers):
    return np.hstack([*(embed(parameters[name], codes[name]) for name in CATEGORIES), numbers])


def forward(parameters, codes, numbers):
    hidden = np.maximum(_inputs(parameters, codes, numbers) @ parameters["W1"] + parameters["b1"], 0)
    return hidden @ parameters["w2"] + parameters["b2"]


def gradients(parameters, codes, numbers, target):
    inputs = _inputs(parameters, codes, numbers)
    hidden = np.maximum(inputs @ parameters["W1"] + parameters["b1"], 0)
    slope = 2 * (hidden @ parameters["w2"] + parameters["b2"] - target) / len(target)
    behind = np.outer(slope, parameters["w2"]) * (hidden > 0)
    slopes = {
        "w2": hidden.T @ slope,
        "b2": slope.sum(keepdims=True),
        "W1": inputs.T @ behind,
        "b1": behind.sum(axis=0),
    }
    upstream, column = behind @ parameters["W1"].T, 0
    for name in CATEGORIES:
        size, width = parameters[name].shape
        slopes[name] = table_gradient(codes[name], upstream[:, column : column + width], size)
        column += width
    return slopes


def train(codes, sizes, numbers, target, seed):
    rng = np.random.default_rng(seed)
    parameters, memory = start(sizes, numbers.shape[1], np.mean(target), seed), {}
    batch = max(128, len(target) // 20)
    for step in range(STEPS):
        rows = rng.integers(len(target), size=batch)
        some = {name: codes[name][rows] for name in CATEGORIES}
        slopes = gradients(parameters, some, numbers[rows], target[rows])
        for name in CATEGORIES:
            slopes[name] = slopes[name] + DECAY * parameters[name]
        adam(parameters, slopes, memory, 0.03 * (1 - step / STEPS))
    return parameters


def effect_distances(parameters, codes, numbers, name):
    size, rows = len(parameters[name]), len(numbers)
    answers = [forward(parameters, {**codes, name: np.full(rows, code)}, numbers) for code in range(size)]
    return np.array([[np.mean(np.abs(one - other)) for other in answers] for one in answers])


def forecast(train_columns, test_columns, seed):
    sold = np.asarray(train_columns["Sales"]) > 0
    words = {name: vocabulary(np.asarray(train_columns[name])[sold]) for name in CATEGORIES}
    sizes = {name: len(words[name]) + 1 for name in CATEGORIES}

    def read(columns, rows):
        codes = {name: encode(np.asarray(columns[name])[rows], words[name]) for name in CATEGORIES}
        return codes, np.column_stack([np.asarray(columns[name])[rows] for name in NUMBERS]).astype(float)

    codes, numbers = read(train_columns, sold)
    parameters = train(codes, sizes, numbers, np.log(np.asarray(train_columns["Sales"])[sold]), seed)
    is_open = np.asarray(test_columns["Open"]) == 1
    predicted = np.zeros(len(is_open))
    predicted[is_open] = np.exp(forward(parameters, *read(test_columns, is_open)))
    return predicted
