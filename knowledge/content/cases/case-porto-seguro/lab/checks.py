"""What the lab must do: the score, ranks as quantiles, swap noise, the autoencoder, the risk on its coordinates."""

from statistics import NormalDist

import numpy as np

from baseline import column_scores, pair_share
from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated, numerical_gradient, seed_determinism

ROW = "syllabus/case/kaggle-2"
CASE = ("case-porto-seguro",)
RARE = ("case-porto-seguro", "class-imbalance")
AUTO = ("case-porto-seguro", "autoencoders")


@check("a ranking is scored by its pairs", points=1, task=ROW, visible=True, evidence=RARE)
def ranking_is_scored(submission, data):
    rng = fresh_rng()
    target = rng.permutation([1] * 4 + [0] * 26)
    score = rng.permutation(30) / 40 + target * 0.2 + rng.uniform(0, 0.001, 30)
    seen = submission.call("gini", target, score)
    expect(seen, "gini(target, score)").type(float).close(pair_share(target, score))
    expect(submission.call("gini", target, score**3), "gini of the cubed scores").because(
        "only the order of the customers counts, and cubing positive scores leaves it as it is"
    ).close(pair_share(target, score))


@check(
    "a tie is half a pair",
    points=2,
    task=ROW,
    visible=True,
    needs=("ranking-is-scored",),
    evidence=RARE,
)
def ties_share_a_pair(submission, data):
    rng = fresh_rng()
    target = rng.permutation([1] * 8 + [0] * 32)
    score = rng.integers(0, 4, size=40) / 4
    expect(submission.call("gini", target, score), "gini with scores of four kinds only").because(
        "two customers with equal scores are not ranked at all: that is worth half a pair"
    ).close(pair_share(target, score))
    expect(submission.call("gini", target, np.zeros(40)), "gini of scores that are all 0").close(0.0)


@check("ranks become quantiles", points=1, task=ROW, visible=True, evidence=CASE)
def ranks_become_quantiles(submission, data):
    values = fresh_rng().lognormal(0, 2, size=21)
    seen = submission.call("rank_gauss", values)
    expect(seen, "rank_gauss(values)").shape(21).finite().close(_quantiles(values))
    expect(submission.call("rank_gauss", values**3), "rank_gauss(values ** 3)").because(
        "the third power changes the distances and leaves the ranks"
    ).close(seen)


@check(
    "equal values stay equal",
    points=2,
    task=ROW,
    visible=True,
    needs=("ranks-become-quantiles",),
    evidence=CASE,
)
def equal_values_stay_equal(submission, data):
    values = fresh_rng().permutation([-1, -1, -1, 0, 0, 0, 0, 1, 1, 2, 5, 11])
    seen = submission.call("rank_gauss", values)
    groups = [np.ptp(seen[values == value]) for value in np.unique(values)]
    expect(float(max(groups)), "the largest difference between equal values").because(
        "the file's order would decide which of two equal customers has the larger number"
    ).close(0.0, atol=1e-12)
    expect(seen, "rank_gauss(values)").close(_quantiles(values))


@check("noise columns, id and target stay out", points=1, task=ROW, visible=True, evidence=CASE)
def columns_that_stay_out(submission, data):
    rng = fresh_rng()
    train, test = _numbers(rng, 9), _numbers(rng, 6)
    known, asked = submission.call("prepare", train, test)
    expect(known, "the prepared training rows").shape(9, 3)
    expect(asked, "the prepared test rows").shape(6, 3)
    other = {
        **train,
        "id": rng.permutation(9),
        "target": 1 - train["target"],
        "ps_calc_01": rng.normal(size=9),
    }
    again, _ = submission.call("prepare", other, test)
    expect(again, "the training rows with other values of id, target and ps_calc_01").close(known)


@check("categories become columns", points=2, task=ROW, visible=True, evidence=CASE)
def categories_become_columns(submission, data):
    rng = fresh_rng()
    train = {
        "id": np.arange(8),
        "target": np.zeros(8, int),
        "ps_ind_02_cat": rng.permutation([-1, 4, 4, 7, 7, 7, 9, 9]),
    }
    test = {"id": np.arange(4), "ps_ind_02_cat": rng.permutation([7, 7, 2, 9])}
    kinds = np.array([-1, 2, 4, 7, 9])
    for seen, table in zip(submission.call("prepare", train, test), (train, test), strict=True):
        expect(seen, "a prepared column of the kinds -1, 2, 4, 7, 9").because(
            "each kind that occurs in one of the files has a column, the missing ones too, in sorted order"
        ).shape(len(table["id"]), 5).close((table["ps_ind_02_cat"][:, None] == kinds).astype(float))


@check(
    "both files share one scale",
    points=2,
    task=ROW,
    visible=True,
    needs=("equal-values-stay-equal",),
    evidence=CASE,
)
def both_files_share_one_scale(submission, data):
    rng = fresh_rng()
    train, test = _numbers(rng, 12), _numbers(rng, 7)
    test["ps_reg_01"] = test["ps_reg_01"] + 2
    known, asked = submission.call("prepare", train, test)
    both = np.concatenate([train["ps_reg_01"], test["ps_reg_01"]])
    expect(np.append(known[:, 2], asked[:, 2]), "ps_reg_01 in both files").because(
        "one and the same value has to become one and the same number, wherever it stands"
    ).close(_quantiles(both))
    expect(np.append(known[:, 1], asked[:, 1]), "ps_ind_06_bin in both files").close(
        np.append(train["ps_ind_06_bin"], test["ps_ind_06_bin"]).astype(float)
    )


@check("the noise comes from the column itself", points=2, task=ROW, visible=True, evidence=AUTO)
def noise_comes_from_the_column(submission, data):
    rng = fresh_rng()
    rows = rng.normal(size=(20_000, 4)) + 100 * np.arange(4)
    rate = float(rng.uniform(0.1, 0.4))
    noisy = submission.call("swap_noise", rows, rate, int(rng.integers(1000)))
    expect(noisy, "swap_noise(rows, rate, seed)").shape(20_000, 4).finite()
    foreign = sum(int((~np.isin(noisy[:, j], rows[:, j])).sum()) for j in range(4))
    expect(foreign, "the number of cells whose value never occurs in their column").because(
        "a swapped cell holds what some other customer really has"
    ).equals(0)
    expect(float((noisy != rows).mean()), f"the share of changed cells at rate {rate:.2f}").between(
        rate - 0.02, rate + 0.02
    )


@check(
    "each cell decides for itself",
    points=2,
    task=ROW,
    visible=True,
    needs=("noise-comes-from-the-column",),
    evidence=AUTO,
)
def each_cell_decides_for_itself(submission, data):
    rng = fresh_rng()
    twins = np.repeat(rng.normal(size=(20_000, 1)), 2, axis=1)
    noisy = submission.call("swap_noise", twins, 0.5, int(rng.integers(1000)))
    expect(
        float((noisy[:, 0] == noisy[:, 1]).mean()), "the share of rows whose two equal columns still agree"
    ).because(
        "at rate 0.5 both cells are untouched in a quarter of the rows, and two cells have two different donors"
    ).between(0.22, 0.28)


@check(
    "the seed decides the noise, and the rows are left alone",
    points=1,
    task=ROW,
    visible=False,
    needs=("noise-comes-from-the-column",),
    evidence=AUTO,
    required=False,
)
def noise_repeats_itself(submission, data):
    rows = fresh_rng().normal(size=(50, 4))
    seed_determinism(lambda seed: submission.call("swap_noise", rows, 0.3, seed))
    input_not_mutated(submission, "swap_noise", rows, 0.3, 5)


@check("four layers, a linear middle", points=2, task=ROW, visible=True, evidence=AUTO)
def forward_agrees(submission, data):
    parameters, noisy, _ = _small_problem(fresh_rng())
    seen = submission.call("forward", parameters, noisy)
    expect(len(seen), "the number of results of forward").equals(2)
    middle, rebuilt = _network(parameters, noisy)[1::2]
    expect(seen[0], "the middle's coordinates").shape(6, 3).close(middle)
    expect(seen[1], "the rebuilt rows").shape(6, 5).close(rebuilt)


@check(
    "the gradients are the slopes of the loss",
    points=3,
    task=ROW,
    visible=False,
    needs=("forward-agrees",),
    evidence=AUTO,
)
def gradients_are_slopes(submission, data):
    parameters, noisy, clean = _small_problem(fresh_rng())
    slopes = submission.call("gradients", parameters, noisy, clean)
    expect(slopes, "gradients(...)").keys(*parameters)
    for name, value in parameters.items():

        def loss(point, name=name):
            return float(np.mean((_network({**parameters, name: point}, noisy)[3] - clean) ** 2))

        numerical_gradient(loss, value, slopes[name], step=1e-6)


@check(
    "one seed, one training",
    points=1,
    task=ROW,
    visible=False,
    needs=("gradients-are-slopes", "each-cell-decides-for-itself"),
    evidence=AUTO,
)
def training_repeats_itself(submission, data):
    rows = fresh_rng().normal(size=(300, 6))
    seed = int(fresh_rng().integers(1000))
    first, again = (submission.call("train", rows, seed, steps=25) for _ in range(2))
    expect(first, "train(rows, seed, steps=25)").keys("W1", "b1", "W2", "b2", "W3", "b3", "W4", "b4")
    expect(again["W1"], "W1 of a second training with the same seed").close(first["W1"], rtol=1e-9)


@check(
    "the middle has found what was planted",
    points=3,
    task=ROW,
    visible=False,
    needs=("training-repeats-itself",),
    evidence=AUTO,
)
def middle_finds_the_traits(submission, data):
    known, asked = reference.call("prepare", data.train, data.test)
    learned = submission.call("train", np.vstack([known, asked]), int(fresh_rng().integers(1000)))
    column = _told_of_traits(asked, data.traits, alone=True)
    expect(
        _told_of_traits(_network(learned, asked)[1], data.traits),
        "the share of the traits that the middle tells",
    ).because(
        f"three hidden traits stand behind the columns; the best single column tells {column:.2f} of its trait"
    ).at_least(0.8)


@check(
    "the scores beat those of the columns",
    points=4,
    task=ROW,
    visible=False,
    needs=(
        "ties-share-a-pair",
        "columns-that-stay-out",
        "categories-become-columns",
        "both-files-share-one-scale",
        "training-repeats-itself",
    ),
    evidence=(*AUTO, "class-imbalance"),
)
def scores_beat_the_columns(submission, data):
    score = submission.call("claim_scores", data.train, data.test, int(fresh_rng().integers(1000)))
    expect(score, "claim_scores(train, test, seed)").shape(len(data.claims)).finite()
    known, asked = reference.call("prepare", data.train, data.test)
    columns = pair_share(data.claims, column_scores(known, data.train["target"], asked))
    expect(pair_share(data.claims, score), "the Gini coefficient on the test customers").because(
        f"squares and products of the columns themselves reach {columns:.3f}; "
        "the risk hangs on a product of two traits, and no column shows a trait cleanly"
    ).at_least(columns + 0.02)


def _quantiles(values):
    """By counting: the share of smaller values, and half of the equal ones, as a normal quantile."""
    shares = [(np.sum(values < value) + np.sum(values == value) / 2) / len(values) for value in values]
    return np.array([NormalDist().inv_cdf(float(share)) for share in shares])


def _numbers(rng, rows):
    """A table without categories; the training one has a target, which prepare must not use."""
    return {
        "id": rng.permutation(rows),
        "target": rng.integers(0, 2, rows),
        "ps_calc_01": rng.normal(size=rows).round(1),
        "ps_ind_01": rng.integers(0, 4, rows),
        "ps_ind_06_bin": rng.integers(0, 2, rows),
        "ps_reg_01": rng.lognormal(size=rows).round(1),
    }


def _told_of_traits(features, traits, alone=False):
    """R² of the traits on the features, or of the best trait on the best single feature."""
    if alone:
        together = np.corrcoef(np.hstack([features, traits]).T)[: features.shape[1], features.shape[1] :]
        return float((together**2).max())
    X = np.column_stack([np.ones(len(features)), features])
    left = traits - X @ np.linalg.lstsq(X, traits, rcond=None)[0]
    return float(1 - (left**2).sum() / ((traits - traits.mean(axis=0)) ** 2).sum())


def _small_problem(rng):
    """Parameters of 5, 4, 3, 4 and 5 units, noisy and clean rows, none near a kink of the ReLU."""
    sizes = (5, 4, 3, 4, 5)
    while True:
        parameters = {}
        for layer, shape in enumerate(zip(sizes[:-1], sizes[1:]), start=1):
            parameters[f"W{layer}"] = rng.normal(size=shape)
            parameters[f"b{layer}"] = rng.normal(size=shape[1])
        noisy = 2 * rng.normal(size=(6, 5))
        first, _, third, _ = _network(parameters, noisy, before=True)
        if min(np.abs(first).min(), np.abs(third).min()) > 1e-3:
            return parameters, noisy, noisy + 4 * rng.normal(size=(6, 5)) * (rng.random((6, 5)) < 0.5)


def _network(parameters, rows, before=False):
    """What the four layers hold, ReLU after the first and the third; `before` it on request."""
    held, now = [], rows
    for layer in (1, 2, 3, 4):
        sums = now @ parameters[f"W{layer}"] + parameters[f"b{layer}"]
        now = np.where(sums > 0, sums, 0) if layer in (1, 3) else sums
        held.append(sums if before else now)
    return held
