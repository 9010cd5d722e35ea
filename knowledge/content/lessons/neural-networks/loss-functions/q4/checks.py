"""Losses from scores: right for ordinary numbers, unharmed by large ones. All rows are drawn afresh."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference

ROW = "hub/4.1/objective-4"
HERE = ("loss-functions",)


@check("cross-entropy is the mean surprise at the right class", points=2, task=ROW, visible=True, evidence=HERE,
       required=True)
def cross_entropy_is_mean_surprise(submission):
    rng = fresh_rng()
    for n, k in ((6, 4), (1, 3)):
        scores, y = rng.normal(size=(n, k)) * 2, rng.integers(0, k, size=n)
        powers = np.exp(scores)
        right = -np.log(powers[np.arange(n), y] / powers.sum(axis=1)).mean()
        expect(submission.call("cross_entropy", scores, y), f"cross_entropy of {n} rows").close(right)


@check("yes and no both count", points=2, task=ROW, visible=True, evidence=HERE, required=True)
def yes_and_no_both_count(submission):
    rng = fresh_rng()
    scores, y = rng.normal(size=8) * 2, rng.permutation([0, 1] * 4)
    given = 1 / (1 + np.exp(-np.where(y == 1, scores, -scores)))
    expect(submission.call("binary_cross_entropy", scores, y), "binary_cross_entropy(scores, y)").because(
        "for a label 0 the truth was given 1 − p"
    ).close(-np.log(given).mean())


@check("the hinge asks for a margin", points=2, task=ROW, visible=True, evidence=HERE, required=True)
def hinge_asks_for_a_margin(submission):
    rng = fresh_rng()
    y = rng.permutation([-1, 1] * 5)
    margins = np.concatenate([rng.uniform(0.1, 0.9, size=4), rng.uniform(1.1, 3, size=3), rng.uniform(-2, -0.1, size=3)])
    right = np.where(margins < 1, 1 - margins, 0.0).mean()
    expect(submission.call("hinge", y * margins, y), "hinge(scores, y)").because(
        "a row that is right by less than 1 still costs something"
    ).close(right)


@check("scores of any size give the right loss", points=3, task=ROW, visible=False,
       needs=("cross-entropy-is-mean-surprise", "yes-and-no-both-count"), evidence=HERE)
def any_size_is_right(submission):
    rng = fresh_rng()
    offset = rng.uniform(900, 2000, size=(5, 1)) * np.array([[1], [-1], [1], [-1], [0]])
    scores, y = rng.normal(size=(5, 3)) * 2 + offset, rng.integers(0, 3, size=5)
    expect(submission.call("cross_entropy", scores, y), "cross_entropy of scores around 1000 and −1000").because(
        "adding one number to a whole row changes no probability"
    ).finite().close(reference.call("cross_entropy", scores, y))
    apart, label = np.array([[0.0, 2000.0], [500.0, -500.0]]), np.array([0, 0])
    expect(submission.call("cross_entropy", apart, label), "cross_entropy of a sure mistake").because(
        "the probability rounds to 0, its logarithm need not"
    ).finite().close(1000.0)
    sure, answer = np.array([1500.0, -1500.0, 800.0, -800.0]), np.array([0, 1, 1, 0])
    expect(submission.call("binary_cross_entropy", sure, answer), "binary_cross_entropy of large scores").finite().close(
        750.0
    )


@check("two classes are one yes-or-no question", points=1, task=ROW, visible=False,
       needs=("cross-entropy-is-mean-surprise", "yes-and-no-both-count"), evidence=HERE)
def two_classes_agree(submission):
    rng = fresh_rng()
    scores, y = rng.normal(size=(9, 2)) * 3, rng.integers(0, 2, size=9)
    both = submission.call("binary_cross_entropy", scores[:, 1] - scores[:, 0], y)
    expect(submission.call("cross_entropy", scores, y), "cross_entropy of two classes").because(
        "softmax of two scores is the sigmoid of their difference"
    ).close(both)
