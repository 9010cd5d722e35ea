"""Synthetic film ratings that resemble MovieLens, anew for each grade; MovieLens 100K for those with a network."""

import io
import urllib.request
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np

SIZES = {"proof": (160, 90), "small": (220, 120), "full": (300, 160)}
ADDRESS = "https://files.grouplens.org/datasets/movielens/ml-100k.zip"


def site(rng, n_users, n_films):
    """users, films, stars: one entry for each rating, in the order in which they came."""
    taste, traits = rng.normal(size=(n_users, 3)), rng.normal(size=(n_films, 3)) * 0.55
    opinion = (
        3.4
        + 0.45 * rng.normal(size=(n_users, 1))
        + 0.45 * rng.normal(size=n_films)
        + taste @ traits.T
        + 0.5 * rng.normal(size=(n_users, n_films))
    )
    popular = 1.3 * rng.normal(size=n_films)
    busy = 0.8 * rng.normal(size=(n_users, 1))
    wish = popular + busy + 0.5 * (opinion - 3.4) - 1.3
    watched = rng.uniform(size=opinion.shape) < 1 / (1 + np.exp(-wish))
    users, films = np.nonzero(watched)
    order = rng.permutation(len(users))
    users, films = users[order], films[order]
    return users, films, np.clip(np.rint(opinion[users, films]), 1, 5).astype(int)


def public(seed, scale):
    """ratings.csv: user, film, stars."""
    log = np.column_stack(site(np.random.default_rng(seed), 300, 150))
    np.savetxt("ratings.csv", log, delimiter=",", fmt="%d", header="user,film,stars", comments="")


def hidden(seed, scale):
    """Two split sites. The test ratings of the first never reach the learner; compare gets both parts of the second."""
    rng = np.random.default_rng(seed)
    main = split(rng, *SIZES[scale])
    other = split(rng, 80, 50)
    main.other_train, main.other_test = other.train, other.test
    return main


def split(rng, n_users, n_films):
    """A site's ratings in two parts; a few newcomers and new films have all theirs in the test."""
    users, films, stars = site(rng, n_users, n_films)
    newcomers, premieres = rng.permutation(n_users)[:4], rng.permutation(n_films)[:3]
    away = (rng.uniform(size=len(users)) < 0.2) | np.isin(users, newcomers) | np.isin(films, premieres)
    R_train, R_test = np.full((2, n_users, n_films), np.nan)
    R_train[users[~away], films[~away]] = stars[~away]
    R_test[users[away], films[away]] = stars[away]
    warm = R_test.copy()
    warm[newcomers], warm[:, premieres] = np.nan, np.nan
    return SimpleNamespace(
        log=(users[~away], films[~away], stars[~away], n_users, n_films),
        train=R_train,
        test=R_test,
        warm=warm,
        newcomers=newcomers,
        premieres=premieres,
    )


def real(source=ADDRESS):
    """MovieLens 100K: users, films, stars (100000,), numbered from 0. source: an address or the path of the zip."""
    if str(source).startswith("https://"):
        with urllib.request.urlopen(source, timeout=60) as answer:
            content = answer.read()
    else:
        content = Path(source).read_bytes()
    lines = zipfile.ZipFile(io.BytesIO(content)).read("ml-100k/u.data").decode().splitlines()
    users, films, stars, _ = np.array([line.split("\t") for line in lines], dtype=int).T
    return users - 1, films - 1, stars
