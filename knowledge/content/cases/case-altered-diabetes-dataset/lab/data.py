"""A seeded twin of the altered files: a head whose people and labels were bent, a tail like the test.

Planted: in the head people are less active, and activity decides far more than it should. The
original table has the tail's relation, and three columns that make or follow the diagnosis.
"""

from types import SimpleNamespace

import numpy as np

LABEL = "diagnosed_diabetes"
SIZES = {  # training rows, of which in the tail, test rows, original rows
    "proof": (9000, 1600, 4000, 1500),
    "small": (20_000, 2200, 6000, 4000),
    "full": (70_000, 2800, 30_000, 10_000),
}


def people(rng, n, activity, slope, others):
    """Inputs of n people and their labels.

    activity: its mean; slope: its effect per 50 minutes; others: how much the other inputs count.
    """
    age = np.clip(rng.normal(50, 12, n), 18, 90).round()
    bmi = np.clip(rng.normal(26, 4, n), 15, 45).round(1)
    active = (activity * rng.gamma(4, 0.25, n)).round()
    family = (rng.random(n) < 0.2).astype(float)
    table = {
        "age": age,
        "bmi": bmi,
        "waist_to_hip_ratio": (0.85 + 0.01 * (bmi - 26) + rng.normal(0, 0.05, n)).round(2),
        "systolic_bp": (118 + 0.35 * (age - 50) + rng.normal(0, 12, n)).round(),
        "triglycerides": (120 + 3 * (bmi - 26) + rng.normal(0, 30, n)).round(),
        "physical_activity": active,
        "family_history": family,
    }
    rest = 0.04 * (age - 50) + 0.08 * (bmi - 26) + 1.2 * family
    logit = 0.4 + others * rest + slope * (active - activity) / 50
    return table, (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(float)


def tables(rng, scale):
    rows, tail, tested, first = SIZES[scale]
    tail += int(rng.integers(-tail // 10, tail // 10 + 1))
    head_x, head_y = people(rng, rows - tail, 95, -3.0, 0.25)
    tail_x, tail_y = people(rng, tail, 125, -0.5, 1.0)
    train = {name: np.append(head_x[name], tail_x[name]) for name in head_x}
    train = {"id": np.arange(rows, dtype=float), **train, LABEL: np.append(head_y, tail_y)}
    order = rng.permutation(rows)
    train = {name: column[order] for name, column in train.items()}
    test, y = people(rng, tested, 125, -0.5, 1.0)
    test = {"id": np.arange(rows, rows + tested, dtype=float), **test}
    original, sick = people(rng, first, 120, -0.5, 1.0)
    original["glucose_fasting"] = (94 + 44 * sick + rng.normal(0, 9, first)).round()
    original["hba1c"] = (5.3 + 1.7 * sick + rng.normal(0, 0.3, first)).round(2)
    original["insulin_sensitivity"] = (1.4 - 0.9 * sick + rng.normal(0, 0.15, first)).round(3)
    original[LABEL] = sick
    return SimpleNamespace(train=train, test=test, y=y, original=original, cutoff=rows - tail)


def public(seed, scale):
    made = tables(np.random.default_rng(seed), scale)
    for name in ("train", "test", "original"):
        table = getattr(made, name)
        with open(f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            file.write(",".join(table) + "\n")
            file.writelines(
                ",".join(f"{value:g}" if value < 1e5 else f"{value:.0f}" for value in row) + "\n"
                for row in zip(*table.values(), strict=True)
            )


def hidden(seed, scale):
    return tables(np.random.default_rng(seed), scale)


def real(path="train.csv"):
    """The number columns of train.csv from https://www.kaggle.com/competitions/playground-series-s5e12/data."""
    import csv

    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def is_number(text):
        return text.replace(".", "", 1).replace("-", "", 1).isdigit()

    numbers = [name for name in rows[0] if is_number(rows[0][name])]
    return {name: np.array([float(row[name]) for row in rows]) for name in numbers}
