"""Entity embeddings from scratch. The brief says what each function returns; NumPy is enough.

`start` and `adam` are given: they are tools here, not the task.
"""

import numpy as np

CATEGORIES = ("Store", "DayOfWeek", "StateHoliday")  # columns that get a table, in this order
DIMENSIONS = {"Store": 4, "DayOfWeek": 2, "StateHoliday": 1}  # how wide each table is
NUMBERS = ("Promo", "SchoolHoliday")  # columns that enter as plain numbers
HIDDEN = 24  # ReLU units


def start(sizes, inputs, level, seed):
    """Parameters to start from: one table for each category, near zero, and the network on top.

    sizes: rows of each table, {"Store": 61, ...}, row 0 included; inputs: how many number
    columns; level: the mean of the target, from which the output begins.
    """
    rng = np.random.default_rng(seed)
    parameters = {name: rng.normal(0, 0.05, (sizes[name], DIMENSIONS[name])) for name in CATEGORIES}
    width = sum(DIMENSIONS[name] for name in CATEGORIES) + inputs
    parameters["W1"] = rng.normal(0, np.sqrt(2 / width), (width, HIDDEN))
    parameters["b1"] = np.zeros(HIDDEN)
    parameters["w2"] = rng.normal(0, np.sqrt(1 / HIDDEN), HIDDEN)
    parameters["b2"] = np.array([float(level)])
    return parameters


def adam(parameters, slopes, memory, rate):
    """One step of Adam. `parameters` gets new arrays; `memory` begins as {} and is kept by you."""
    memory["step"] = memory.get("step", 0) + 1
    for name, slope in slopes.items():
        first, second = memory.get(name, (0.0, 0.0))
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        memory[name] = first, second
        first, second = first / (1 - 0.9 ** memory["step"]), second / (1 - 0.999 ** memory["step"])
        parameters[name] = parameters[name] - rate * first / (np.sqrt(second) + 1e-8)


def rmspe(sales, predicted):
    """Root mean square percentage error, a float. What about days on which nothing was sold?"""
    # TODO
    raise NotImplementedError


def newest_days(dates, days):
    """True for the rows of the last `days` dates that occur in `dates` ("2015-07-31", ...)."""
    # TODO: the file need not be sorted the way you think.
    raise NotImplementedError


def vocabulary(values):
    """{value: code}: the distinct values in sorted order, coded 1, 2, 3, ..."""
    # TODO: which code stays free, and for whom?
    raise NotImplementedError


def encode(values, codes):
    """The code of each value, an integer array; 0 for a value that is not in `codes`."""
    # TODO
    raise NotImplementedError


def one_hot(codes, size):
    """Floats (n, size): a single 1 in each row, in the column of its code."""
    # TODO
    raise NotImplementedError


def embed(table, codes):
    """The row of `table` (size, d) for each code: (n, d). Without building a one-hot matrix."""
    # TODO
    raise NotImplementedError


def table_gradient(codes, upstream, size):
    """The gradient of a loss in a table of `size` rows, given its gradient in embed(table, codes)."""
    # TODO: one table row may have been looked up many times.
    raise NotImplementedError


def forward(parameters, codes, numbers):
    """Predicted log sales (n,). codes: {"Store": (n,), ...}; numbers: (n, m)."""
    # TODO: look up, put side by side, one ReLU layer, one linear output.
    raise NotImplementedError


def gradients(parameters, codes, numbers, target):
    """The gradient of the mean squared error of `forward`, as a dict with the keys of `parameters`."""
    # TODO: backwards through the output, the ReLU, the hidden layer, into each table.
    raise NotImplementedError


def train(codes, sizes, numbers, target, seed):
    """Trained parameters, the same for the same seed. target: log sales (n,)."""
    # TODO: begin with start(...), then some hundred steps of adam(...) on random batches.
    raise NotImplementedError


def effect_distances(parameters, codes, numbers, name):
    """How differently the model treats the categories of column `name`: (size, size), in log sales.

    Entry [p, q]: put category p into every row, then q into every row, and leave all else as it
    is; the mean absolute difference of the two forecasts (Guo and Berkhahn, 2016, equation 19).
    """
    # TODO
    raise NotImplementedError


def forecast(train_columns, test_columns, seed):
    """Predicted sales (not their logarithm) for each test row; 0 on closed days."""
    # TODO
    raise NotImplementedError
