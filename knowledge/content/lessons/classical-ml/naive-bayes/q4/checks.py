"""The bells are fitted and weighed right, near the data and far away."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference

EVIDENCE = ("naive-bayes",)


def three_parts(value):
    expect(value, "fit(X, y, k)").type(tuple, list).length(3)
    return value


@check("two small classes are summarized right", points=2, visible=True, evidence=EVIDENCE, required=True)
def two_classes_are_summarized(submission, data):
    X = np.array([[1.0, 10.0], [3.0, 14.0], [5.0, 0.0], [5.0, 2.0], [8.0, 4.0]])
    priors, means, variances = three_parts(submission.call("fit", X, np.array([0, 0, 1, 1, 1]), 2))
    expect(priors, "the priors").close(np.array([0.4, 0.6]))
    expect(means, "the means").shape(2, 2).close(np.array([[2.0, 12.0], [6.0, 2.0]]))
    expect(variances, "the variances").shape(2, 2).close(np.array([[1.0, 4.0], [2.0, 8 / 3]]))


@check("any classes are summarized right", points=2, visible=False, needs=("two-classes-are-summarized",),
       evidence=EVIDENCE, required=True)
def any_classes_are_summarized(submission, data):
    rng = fresh_rng()
    y = rng.permutation(np.repeat([0, 1, 2, 3], [5, 9, 3, 8]))
    X = rng.normal(size=(25, 3)) * [1, 20, 0.1] + y[:, None]
    for seen, wanted, name in zip(
        three_parts(submission.call("fit", X, y, 4)),
        reference.call("fit", X, y, 4),
        ("the priors", "the means", "the variances"),
    ):
        expect(seen, name).close(wanted)


def bells(rng, k, d):
    """Priors, means and variances of k classes with d features."""
    return rng.dirichlet(np.full(k, 3.0)), rng.normal(size=(k, d)) * 2, rng.uniform(0.3, 3, size=(k, d))


@check("one feature is weighed right", points=2, visible=True, evidence=EVIDENCE, required=True)
def one_feature_is_weighed_right(submission, data):
    seen = submission.call(
        "posterior", np.array([[0.0], [1.0]]), np.array([0.25, 0.75]), np.array([[-1.0], [1.0]]), np.ones((2, 1))
    )
    expect(seen, "posterior at 0 and at 1, with means −1 and 1").shape(2, 2).close(
        np.array([[0.25, 0.75], [1 / (1 + 3 * np.exp(2)), 3 * np.exp(2) / (1 + 3 * np.exp(2))]])
    )


@check("all features are weighed together", points=3, visible=False, needs=("one-feature-is-weighed-right",),
       evidence=EVIDENCE, required=True)
def all_features_are_weighed(submission, data):
    rng = fresh_rng()
    model, X = bells(rng, 3, 4), rng.normal(size=(12, 4))
    seen = submission.call("posterior", X, *model)
    expect(seen, "posterior(X, priors, means, variances)").because(
        "a wide bell is lower than a narrow one, and the priors count as well"
    ).shape(12, 3).sums_to(1.0, axis=1).close(reference.call("posterior", X, *model))


@check("rows far away get chances, too", points=2, visible=False, needs=("all-features-are-weighed",),
       evidence=EVIDENCE)
def rows_far_away_get_chances(submission, data):
    rng = fresh_rng()
    model, X = bells(rng, 2, 6), rng.normal(size=(5, 6)) * 200
    expect(submission.call("posterior", X, *model), "posterior of rows far away").because(
        "all densities are 0 as floats there, and 0/0 is no chance"
    ).shape(5, 2).finite().close(reference.call("posterior", X, *model))
