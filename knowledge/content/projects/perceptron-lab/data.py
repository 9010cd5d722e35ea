"""Tomatoes that a line separates, some that none does, and rents with penthouses among them."""

from types import SimpleNamespace

import numpy as np


def public(seed, scale):
    rng = np.random.default_rng(seed)
    X, y = tomatoes(rng, 80, turn(rng))
    _write("tomatoes.csv", "redness,sugar_10brix,ripe", np.column_stack([X, y]), ["%.3f", "%.3f", "%d"])
    area, rent = rents(rng, 120, penthouses=0.08)
    _write("rents.csv", "area_m2,rent_100eur", np.column_stack([area, rent]), "%.2f")


def hidden(seed, scale):
    rng = np.random.default_rng(seed)
    rule = turn(rng)
    X, y = tomatoes(rng, 70, rule)
    noisy_X, noisy_y = tomatoes(rng, 60, rule)
    noisy_y = np.where(rng.uniform(size=60) < 0.15, -noisy_y, noisy_y)
    area, rent = rents(rng, 80, penthouses=0.12)
    new_area, new_rent = rents(rng, 60, penthouses=0.0)
    middle, spread = area.mean(), area.std()
    return SimpleNamespace(
        train=(X, y),
        fresh=tomatoes(rng, 200, rule),
        noisy=(noisy_X, noisy_y),
        rents=((area[:, None] - middle) / spread, rent),
        new_rents=((new_area[:, None] - middle) / spread, new_rent),
        sweet=sweet(rng, 90),
        new_sweet=sweet(rng, 300),
    )


def turn(rng):
    """A rule for ripeness: how much redness counts beside sugar."""
    weights = np.array([rng.uniform(0.6, 1.4), 1.0])
    return weights / np.linalg.norm(weights)


def tomatoes(rng, count, rule, gap=0.03):
    """X (count, 2) in 0.1 … 0.9 with no point nearer than `gap` to the line, y −1 or +1 by its side."""
    X, y = np.empty((0, 2)), np.empty(0, int)
    while len(X) < count:
        points = rng.uniform(0.1, 0.9, size=(2 * count, 2))
        distance = (points - 0.5) @ rule
        keep = np.abs(distance) > gap
        X = np.vstack([X, points[keep]])
        y = np.concatenate([y, np.where(distance[keep] > 0, 1, -1)])
    return X[:count], y[:count]


def rents(rng, count, penthouses):
    """Square metres (count,) and rents in hundreds of euros (count,); a share of them penthouses."""
    area = rng.uniform(30, 110, size=count)
    rent = 2 + 0.09 * area + rng.normal(scale=0.5, size=count)
    rent[: round(penthouses * count)] += rng.uniform(25, 45, size=round(penthouses * count))
    order = rng.permutation(count)
    return area[order], rent[order]


def sweet(rng, count):
    """Two overlapping sorts, 0 and 1, in standardized features; a third of the ones is far out on their side."""
    y = rng.permutation(np.arange(count) % 2)
    X = rng.normal(scale=0.35, size=(count, 2)) + np.where(y[:, None] == 1, 0.1, -0.9)
    far = (y == 1) & (rng.uniform(size=count) < 0.35)
    X[far] += [4.0, 2.0]
    return X / [1.8, 1.2], y


def _write(name, header, table, form):
    np.savetxt(name, table, delimiter=",", header=header, comments="", fmt=form)


def real():
    """Fisher's irises: petal length and width in cm (150, 2) and +1 for the first species, else −1."""
    from sklearn.datasets import load_iris

    X, species = load_iris(return_X_y=True)
    return X[:, 2:], np.where(species == 0, 1, -1)
