"""Invented houses with columns of the Ames files. The logarithm of the price is a sum of planted effects.

Planted: the logarithm of the total area, quality, age, garage, kitchen, cellar, lot, an effect of each
neighborhood, next to nothing for the looks, and noise of a known size that no model can forecast.
"""

from types import SimpleNamespace

import numpy as np

NOISE = 0.10
SIZES = {"proof": (240, 600), "small": (240, 600), "full": (1460, 1459)}  # houses in train and test
TEXTS = ("Neighborhood", "HouseStyle", "RoofStyle", "Exterior1st", "Foundation", "BsmtQual", "KitchenQual", "GarageType")
AREAS = (
    "Blmngtn", "BrDale", "BrkSide", "ClearCr", "CollgCr", "Crawfor", "Edwards", "Gilbert", "IDOTRR", "Mitchel",
    "NAmes", "NPkVill", "NWAmes", "NoRidge", "NridgHt", "OldTown", "SWISU", "Sawyer", "Somerst", "StoneBr",
)  # fmt: skip
LOOKS = {
    "HouseStyle": ("1.5Fin", "1.5Unf", "1Story", "2.5Unf", "2Story", "SFoyer", "SLvl"),
    "RoofStyle": ("Flat", "Gable", "Gambrel", "Hip", "Mansard"),
    "Exterior1st": (
        "AsbShng", "BrkComm", "BrkFace", "CemntBd", "HdBoard", "MetalSd", "Plywood", "Stone", "Stucco", "VinylSd",
        "Wd Sdng", "WdShing",
    ),
    "Foundation": ("BrkTil", "CBlock", "PConc", "Slab", "Stone", "Wood"),
}  # fmt: skip
"""Columns that hardly matter for the price, with many categories."""


def houses(rng, n):
    """Columns of n houses, and their prices in dollars."""
    share = rng.dirichlet(np.full(len(AREAS), 2.0))
    wealth = rng.normal(0, 0.12, len(AREAS))
    width = rng.normal(68, 12, len(AREAS))
    area = rng.choice(len(AREAS), size=n, p=share)
    quality = np.clip(np.rint(6 + 4 * wealth[area] + rng.normal(0, 1.3, n)), 1, 10).astype(int)
    sold = rng.integers(2006, 2011, size=n)
    built = np.clip(np.rint(1940 + 9 * quality + rng.normal(0, 18, n)), 1880, 2009).astype(int)
    changed = np.where(rng.random(n) < 0.45, rng.integers(1950, 2011, size=n), built)
    changed = np.maximum(changed, built)
    ground = np.rint(np.exp(rng.normal(6.95, 0.28, n))).astype(int)
    upper = np.where(rng.random(n) < 0.43, np.rint(ground * rng.uniform(0.5, 1.0, n)), 0).astype(int)
    cellar = np.where(rng.random(n) < 0.04, 0, np.rint(ground * rng.uniform(0.75, 1.0, n))).astype(int)
    cars = np.clip(np.rint(0.3 * quality + rng.normal(0, 0.6, n)), 0, 3).astype(int)
    garage = np.where(cars > 0, np.rint(235 * cars + rng.normal(30, 65, n)), 0).astype(int)
    frontage = np.clip(np.rint(width[area] + rng.normal(0, 8, n)), 21, 180)
    lot = np.rint(frontage * rng.normal(140, 18, n)).astype(int)
    kitchen = np.clip(np.rint((quality - 5) / 2 + rng.normal(0.4, 0.6, n)), 0, 3).astype(int)
    below = np.clip(np.rint((quality - 5) / 2 + rng.normal(0.6, 0.6, n)), 0, 3).astype(int)
    stone = np.where(rng.random(n) < 0.4, np.rint(rng.gamma(2.0, 120.0, n)), 0.0)
    kind = np.where(rng.random(n) < 0.65, "Attchd", np.where(rng.random(n) < 0.8, "Detchd", "BuiltIn"))
    level = 11.85 + 0.75 * np.log((cellar + ground + upper) / 2500) + 0.10 * (quality - 6) + wealth[area]
    level += -0.0030 * np.maximum(0, sold - built) - 0.0012 * np.maximum(0, sold - changed)
    level += 0.05 * kitchen + 0.03 * below * (cellar > 0) + 0.00018 * garage + 0.10 * np.log(lot / 9500)
    looks = {}
    for name, choices in LOOKS.items():
        number = rng.choice(len(choices), size=n, p=rng.dirichlet(np.full(len(choices), 2.0)))
        looks[name] = np.array(choices)[number]
        level += rng.normal(0, 0.01, len(choices))[number]
    price = np.exp(level + rng.normal(0, NOISE, n)).round(-2)
    words = np.array(["Fa", "TA", "Gd", "Ex"])
    columns = {
        "Neighborhood": np.array(AREAS)[area],
        "LotFrontage": np.where(rng.random(n) < 0.17, np.nan, frontage),
        "LotArea": lot,
        "OverallQual": quality,
        "YearBuilt": built,
        "YearRemodAdd": changed,
        **looks,
        "MasVnrArea": np.where(rng.random(n) < 0.01, np.nan, stone),
        "BsmtQual": np.where(cellar > 0, words[below], ""),
        "TotalBsmtSF": cellar,
        "1stFlrSF": ground,
        "2ndFlrSF": upper,
        "KitchenQual": words[kitchen],
        "GarageType": np.where(cars > 0, kind, ""),
        "GarageCars": cars,
        "GarageArea": garage,
        "YrSold": sold,
    }
    return columns, price


def take(columns, rows):
    return {name: column[rows] for name, column in columns.items()}


def public(seed, scale):
    train, test = SIZES[scale]
    columns, price = houses(np.random.default_rng(seed), train + test)
    for name, rows in (("train.csv", slice(train)), ("test.csv", slice(train, None))):
        part = {"Id": np.arange(1, train + test + 1)[rows], **take(columns, rows)}
        if name == "train.csv":
            part["SalePrice"] = price[rows].astype(int)
        _write(name, part)


def _write(name, columns):
    import csv

    with open(name, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in zip(*(column.tolist() for column in columns.values()), strict=True):
            writer.writerow(["NA" if value != value or value == "" else value for value in row])


def hidden(seed, scale):
    train, test = SIZES[scale]
    columns, price = houses(np.random.default_rng(seed), train + test)
    return SimpleNamespace(
        train=take(columns, slice(train)),
        price=price[:train],
        test=take(columns, slice(train, None)),
        price_test=price[train:],
        noise=NOISE,
    )


def real(path="train.csv"):
    """Columns and prices of Kaggle's train.csv, from
    https://www.kaggle.com/c/house-prices-advanced-regression-techniques/data."""
    import csv

    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def column(name):
        cells = ["" if row[name] == "NA" else row[name] for row in rows]
        if name in TEXTS:
            return np.array(cells)
        if "" in cells or name in ("LotFrontage", "MasVnrArea"):
            return np.array([float(cell or "nan") for cell in cells])
        return np.array([int(cell) for cell in cells])

    names = list(houses(np.random.default_rng(0), 5)[0])
    return {name: column(name) for name in names}, np.array([float(row["SalePrice"]) for row in rows])
