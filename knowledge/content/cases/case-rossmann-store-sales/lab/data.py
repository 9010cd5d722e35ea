"""A seeded twin of the Rossmann files: real columns and order, invented stores with planted habits.

Planted: a size for each store, and one habit that says how its week runs (a city store lives
from Monday to Friday, a leisure store at the weekend). Of half of the stores only 8 to 14 days
are on file.
"""

from types import SimpleNamespace

import numpy as np

WEEK = np.array([0.30, 0.15, 0.10, 0.15, 0.25, -0.60, -0.70])  # Monday to Sunday, times the habit
HEADER = "Store,DayOfWeek,Date,Sales,Customers,Open,Promo,StateHoliday,SchoolHoliday"
SIZES = {"proof": (60, 16, 3), "small": (240, 40, 6), "full": (1115, 60, 6)}  # stores, weeks, weeks held out


def history(rng, scale):
    """Columns as in train.csv, newest day first, and what was planted in each store."""
    stores, weeks, held_out = SIZES[scale]
    sparse = rng.permutation(stores) < stores // 2
    size = rng.normal(8.6, 0.5, size=stores)
    habit = rng.uniform(0.4, 1.0, size=stores) * rng.choice([-1, 1], size=stores)
    day, store = _rows_on_file(rng, sparse, 7 * weeks, 7 * held_out)
    dates = np.datetime64("2015-07-31") - np.arange(7 * weeks)
    since_monday = dates.astype(int)[day] + 3  # 1 January 1970 was a Thursday
    weekday = since_monday % 7
    promo = (since_monday // 7 % 2 == 0) & (weekday < 5)
    holiday = (rng.permutation(7 * weeks) < max(2, weeks // 6))[day]
    school = (rng.random(7 * weeks) < 0.2)[day]
    rests = rng.permutation(stores) < stores // 3  # these stores close on Sundays
    closed = (weekday == 6) & rests[store] | holiday & (rng.random(len(day)) < 0.7)
    level = size[store] + habit[store] * WEEK[weekday] + 0.25 * promo - 0.3 * holiday
    sales = np.where(closed, 0, np.exp(level + rng.normal(0, 0.1, len(day)))).round().astype(int)
    columns = {
        "Store": store + 1,
        "DayOfWeek": weekday + 1,
        "Date": dates[day].astype(str),
        "Sales": sales,
        "Customers": (sales / rng.normal(9.0, 0.5, len(day))).round().astype(int),
        "Open": (~closed).astype(int),
        "Promo": promo.astype(int),
        "StateHoliday": np.where(holiday, "a", "0"),
        "SchoolHoliday": school.astype(int),
    }
    return columns, SimpleNamespace(is_sparse=sparse, habit=habit, days_held_out=7 * held_out)


def _rows_on_file(rng, sparse, days, held_out):
    """Day (0 is the newest) and store of each row; a sparse store keeps 8 to 14 of its older days."""
    day, store = (
        grid.ravel() for grid in np.meshgrid(np.arange(days), np.arange(len(sparse)), indexing="ij")
    )
    lot = rng.random((len(sparse), days))
    lot[:, :held_out] = np.inf
    last = np.sort(lot, axis=1)[np.arange(len(sparse)), rng.integers(8, 15, size=len(sparse))]
    there = ~sparse[store] | (day < held_out) | (lot[store, day] < last[store])
    return day[there], store[there]


def take(columns, rows, without=()):
    return {name: column[rows] for name, column in columns.items() if name not in without}


def split(columns, days):
    """Train and test columns as the competition had them, and the true sales of the test."""
    dates = np.unique(columns["Date"])
    late = columns["Date"] >= dates[-days]
    test = take(columns, late, without=("Sales", "Customers"))
    return take(columns, ~late), test, columns["Sales"][late]


def public(seed, scale):
    columns, planted = history(np.random.default_rng(seed), scale)
    train, test, _ = split(columns, planted.days_held_out)
    for name, table in (("train.csv", train), ("test.csv", test)):
        with open(name, "w", encoding="utf-8", newline="") as file:
            file.write(",".join(table) + "\n")
            file.writelines(",".join(map(str, row)) + "\n" for row in zip(*table.values(), strict=True))


def hidden(seed, scale):
    columns, planted = history(np.random.default_rng(seed), scale)
    train, test, sales = split(columns, planted.days_held_out)
    few = np.flatnonzero(planted.is_sparse) + 1
    return SimpleNamespace(
        train=train, test=test, sales=sales, sparse=few, is_sparse=planted.is_sparse, habit=planted.habit
    )


def real(path="train.csv"):
    """The columns of the competition's train.csv, from https://www.kaggle.com/c/rossmann-store-sales/data."""
    import csv

    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    text = {"Date", "StateHoliday"}
    return {
        name: np.array([row[name] for row in rows], dtype=None if name in text else int)
        for name in HEADER.split(",")
    }
