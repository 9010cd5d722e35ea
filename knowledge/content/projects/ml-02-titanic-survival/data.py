"""An invented passenger list with the columns of Kaggle's Titanic files.

Planted in the chances: sex, class, childhood, a penalty for women in third class, and a family
effect that is no straight line (alone is worse than in twos to fours, five and more is worst).
"""

from types import SimpleNamespace

import numpy as np

SIZES = {"proof": (900, 1500), "small": (900, 1500), "full": (900, 5000)}  # passengers in train and test
COLUMNS = ("PassengerId", "Pclass", "Name", "Sex", "Age", "SibSp", "Parch", "Fare", "Embarked")
SURNAMES = (
    "Abel", "Arden", "Barnet", "Bergqvist", "Calloway", "Dahl", "de la Cour", "Dunmore", "Ekstrand", "Farrow",
    "Fenwick", "Garrick", "Hallam", "Holmberg", "Ivers", "Jelinek", "Kerrigan", "Lindahl", "Maddock", "Mc Tavish",
    "Novak", "O'Shea", "Pascoe", "Quill", "Rosen", "Sandell", "Thorne", "Ulrich", "van der Meer", "von Arnim",
    "Wexford", "Yates", "Zeller",
)  # fmt: skip
MEN = ("Albin", "Carl", "David", "Edmund", "Frank", "Hugo", "Ivan", "Jack", "Lewis", "Martin", "Oscar", "Samuel")
WOMEN = ("Ada", "Beatrice", "Clara", "Dora", "Elin", "Flora", "Hedwig", "Ida", "Lily", "Maria", "Nora", "Rosa")


def passengers(rng, n):
    """Columns of n passengers, whether each survived, and the planted chance."""
    place = rng.choice([1, 2, 3], size=n, p=[0.24, 0.21, 0.55])
    female = rng.random(n) < 0.36
    child = rng.random(n) < 0.10
    age = np.where(child, rng.uniform(0.5, 12.9, n), np.clip(rng.normal(40 - 5 * place, 10, n), 13, 78))
    age = np.where(age < 1, age.round(2), age.round())
    married = female & (age > 17) & (rng.random(n) < np.clip((age - 14) / 30, 0, 0.85))
    with_family = child | married | (rng.random(n) < 0.22)
    siblings = np.where(with_family, rng.choice([0, 1, 2, 3, 4, 5], size=n, p=[0.22, 0.50, 0.10, 0.07, 0.07, 0.04]), 0)
    parents = np.where(with_family, rng.choice([0, 1, 2, 3], size=n, p=[0.40, 0.32, 0.24, 0.04]), 0)
    parents = np.where(child & (parents == 0), 1, parents)
    size = 1 + siblings + parents
    fare = np.exp(np.array([4.0, 2.8, 2.2])[place - 1] + rng.normal(0, 0.35, n)) * np.sqrt(size)
    port = rng.choice(["S", "C", "Q"], size=n, p=[0.72, 0.19, 0.09])
    together = np.where(size >= 5, -1.9, np.where(size >= 2, 0.5, -0.3))
    score = -1.2 + 2.9 * female + np.array([1.1, 0.1, -0.7])[place - 1] + 2.3 * (age < 13)
    score += -0.9 * (female & (place == 3)) - 0.02 * (age - 30) + together + 0.3 * (port == "C")
    chance = 1 / (1 + np.exp(-score))
    columns = {
        "PassengerId": np.arange(1, n + 1),
        "Pclass": place,
        "Name": np.array([_name(rng, f, a, m) for f, a, m in zip(female, age, married, strict=True)]),
        "Sex": np.where(female, "female", "male"),
        "Age": np.where(rng.random(n) < np.array([0.12, 0.08, 0.30])[place - 1], np.nan, age),
        "SibSp": siblings,
        "Parch": parents,
        "Fare": np.where(rng.random(n) < 0.004, np.nan, fare.round(4)),
        "Embarked": np.where(rng.random(n) < 0.004, "", port),
    }
    return columns, (rng.random(n) < chance).astype(int), chance


def _name(rng, female, age, married):
    surname = SURNAMES[rng.integers(len(SURNAMES))]
    first = (WOMEN if female else MEN)[rng.integers(12)]
    lot = rng.random()
    if age < 13:
        title = "Miss" if female else "Master"
    elif not female:
        title = "Mr" if lot > 0.04 else ("Dr", "Rev", "Col", "Major", "Don")[rng.integers(5)]
    elif married:
        title = "Mrs" if lot > 0.03 else ("Mme", "Lady", "the Countess")[rng.integers(3)]
        first = f"{MEN[rng.integers(12)]} ({first} {SURNAMES[rng.integers(len(SURNAMES))]})"
    else:
        title = "Miss" if lot > 0.04 else ("Mlle", "Ms", "Dr")[rng.integers(3)]
    return f"{surname}, {title}. {first}"


def take(columns, rows):
    return {name: column[rows] for name, column in columns.items()}


def public(seed, scale):
    train, test = SIZES[scale]
    columns, survived, _ = passengers(np.random.default_rng(seed), train + test)
    for name, rows in (("train.csv", slice(train)), ("test.csv", slice(train, None))):
        part = take(columns, rows)
        if name == "train.csv":
            part = {"PassengerId": part.pop("PassengerId"), "Survived": survived[rows], **part}
        _write(name, part)


def _write(name, columns):
    import csv

    with open(name, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in zip(*(column.tolist() for column in columns.values()), strict=True):
            writer.writerow(["" if value != value else value for value in row])  # NaN is an empty cell


def hidden(seed, scale):
    train, test = SIZES[scale]
    columns, survived, chance = passengers(np.random.default_rng(seed), train + test)
    return SimpleNamespace(
        train=take(columns, slice(train)),
        y=survived[:train],
        test=take(columns, slice(train, None)),
        y_test=survived[train:],
        chance=chance[train:],
    )


def real(path="train.csv"):
    """Columns and labels of Kaggle's train.csv, from https://www.kaggle.com/c/titanic/data."""
    import csv

    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = {"PassengerId": int, "Pclass": int, "SibSp": int, "Parch": int, "Age": float, "Fare": float}

    def column(name):
        kind = kinds.get(name, str)
        cells = [row[name] for row in rows]
        return np.array([float(cell or "nan") for cell in cells] if kind is float else [kind(c) for c in cells])

    return {name: column(name) for name in COLUMNS}, np.array([int(row["Survived"]) for row in rows])
