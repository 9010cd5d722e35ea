"""A seeded twin of the Porto Seguro files: real column names and kinds, invented customers.

Planted: every customer has three hidden traits. Each column tells a little about one or two of
them, in its own scale and with much noise; the calc columns tell nothing. Claims are rare, and
what makes them likely is a product of two traits, which no column shows.
"""

from types import SimpleNamespace

import numpy as np

SIZES = {"proof": (2000, 5000), "small": (6000, 9000), "full": (60_000, 90_000)}  # rows of train and test
COUNTS = ("ps_ind_01", "ps_ind_03", "ps_ind_14", "ps_ind_15", "ps_car_11")
BINARY = tuple(f"ps_ind_{n:02}_bin" for n in (6, 7, 8, 9, 10, 11, 16, 17, 18))
SKEWED = ("ps_reg_01", "ps_reg_02", "ps_reg_03", "ps_car_12", "ps_car_13", "ps_car_14", "ps_car_15")
CLASSES = {"ps_ind_02_cat": 4, "ps_ind_05_cat": 5, "ps_car_01_cat": 7, "ps_car_09_cat": 4}
CALC = ("ps_calc_01", "ps_calc_04", "ps_calc_05", "ps_calc_08", "ps_calc_14", "ps_calc_16_bin")
MISSING = {"ps_reg_03": 0.15, "ps_car_14": 0.07, "ps_ind_05_cat": 0.01, "ps_car_01_cat": 0.01}


def customers(rng, rows):
    """Columns without id and target, the claims, 0 or 1, and the hidden traits (rows, 3)."""
    traits = rng.normal(size=(rows, 3))
    columns = {}
    for name in (*COUNTS, *BINARY, *SKEWED, *CLASSES):
        mix = rng.normal(size=3)
        told = traits @ (mix / np.sqrt((mix**2).sum())) + 0.6 * rng.normal(size=rows)
        columns[name] = _written_as(name, told / np.sqrt(1.36), rng)
    for name in CALC:
        noise = rng.normal(size=rows)
        columns[name] = (noise > 0.3).astype(int) if name.endswith("_bin") else noise.round(1)
    for name, share in MISSING.items():
        columns[name] = np.where(rng.random(rows) < share, -1, columns[name])
    risk = -3.6 + 1.4 * traits[:, 0] * traits[:, 1] + 0.4 * traits[:, 2]
    claims = (rng.random(rows) < 1 / (1 + np.exp(-risk))).astype(int)
    return {name: columns[name] for name in sorted(columns)}, claims, traits


def _written_as(name, told, rng):
    if name in COUNTS:
        return np.floor(np.exp(0.7 * told + 0.8)).astype(int).clip(0, 11)
    if name in BINARY:
        return (told > rng.uniform(-0.7, 0.7)).astype(int)
    if name in SKEWED:
        return np.exp(rng.uniform(0.5, 1.5) * told).round(3)
    cuts = np.sort(rng.normal(0, 0.8, size=CLASSES[name] - 1))
    return rng.permutation(CLASSES[name])[np.searchsorted(cuts, told)]


def split(seed, scale):
    """Train and test columns as the competition has them; the claims and the traits of the test rows."""
    rng = np.random.default_rng(seed)
    known, asked = SIZES[scale]
    columns, claims, traits = customers(rng, known + asked)
    number = rng.permutation(2 * (known + asked))[: known + asked]
    columns = {"id": number, **columns}
    train = {"target": claims[:known], **{name: column[:known] for name, column in columns.items()}}
    test = {name: column[known:] for name, column in columns.items()}
    return train, test, claims[known:], traits[known:]


def public(seed, scale):
    train, test, _, _ = split(seed, scale)
    for name, table in (("train.csv", train), ("test.csv", test)):
        with open(name, "w", encoding="utf-8", newline="") as file:
            file.write(",".join(table) + "\n")
            file.writelines(",".join(map(str, row)) + "\n" for row in zip(*table.values(), strict=True))


def hidden(seed, scale):
    train, test, claims, traits = split(seed, scale)
    return SimpleNamespace(train=train, test=test, claims=claims, traits=traits)


def real(path="train.csv"):
    """The columns of the competition's file, from https://www.kaggle.com/c/porto-seguro-safe-driver-prediction/data."""
    import csv

    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
