"""Updates by hand, for random hypotheses, for thousands of observations, and for a rate."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference

EVIDENCE = ("bayes-theorem-and-inference",)


@check("the medical test comes out right", points=2, visible=True, evidence=EVIDENCE, required=True)
def medical_test_comes_out_right(submission, data):
    seen = submission.call("posterior", np.array([0.01, 0.99]), np.array([[0.9, 0.1]]))
    expect(seen, "posterior([ill, healthy]) after one positive test").shape(2).close(np.array([1 / 12, 11 / 12]))


@check("any hypotheses are updated right", points=3, visible=False, needs=("medical-test-comes-out-right",),
       evidence=EVIDENCE, required=True)
def any_hypotheses_are_updated(submission, data):
    rng = fresh_rng()
    prior, likelihoods = rng.dirichlet(np.ones(5)), rng.uniform(0.05, 1, size=(7, 5))
    seen = submission.call("posterior", prior, likelihoods)
    expect(seen, "posterior(prior (5,), likelihoods (7, 5))").shape(5).sums_to(1.0).close(
        reference.call("posterior", prior, likelihoods)
    )


@check("one by one or all together is the same", points=2, visible=False, needs=("any-hypotheses-are-updated",),
       evidence=EVIDENCE)
def one_by_one_is_the_same(submission, data):
    rng = fresh_rng()
    belief, likelihoods = rng.dirichlet(np.ones(4)), rng.uniform(0.05, 1, size=(3, 4))
    together = reference.call("posterior", belief, likelihoods)
    for row in likelihoods:
        belief = submission.call("posterior", belief, row[None, :])
        expect(belief, "the posterior after one observation").shape(4)
    expect(belief, "the belief after three single updates").close(together)


@check("thousands of observations do not vanish", points=3, visible=False, needs=("any-hypotheses-are-updated",),
       evidence=EVIDENCE)
def thousands_do_not_vanish(submission, data):
    rng = fresh_rng()
    column = rng.uniform(0.01, 0.2, size=3000)
    likelihoods = np.column_stack([column, rng.permutation(column), 0.5 * column])
    prior = np.array([0.2, 0.3, 0.5])
    expect(submission.call("posterior", prior, likelihoods), "the posterior after 3,000 observations").because(
        "the product of 3,000 numbers below 0.2 is smaller than any float"
    ).finite().close(np.array([0.4, 0.6, 0.0]), atol=1e-6)


@check("what is impossible stays impossible", points=1, visible=False, needs=("any-hypotheses-are-updated",),
       evidence=EVIDENCE)
def impossible_stays_impossible(submission, data):
    seen = submission.call("posterior", np.array([0.0, 0.5, 0.5]), np.array([[0.9, 0.3, 0.0], [0.9, 0.2, 0.7]]))
    expect(seen, "the posterior with a prior of 0 and a likelihood of 0").finite().close(np.array([0.0, 1.0, 0.0]))


@check("a rate is updated by counting", points=2, visible=False, evidence=EVIDENCE, required=True)
def rate_is_updated_by_counting(submission, data):
    outcomes = fresh_rng().integers(0, 2, size=23)
    seen = submission.call("beta_posterior", 2, 5, outcomes)
    expect(seen, "beta_posterior(2, 5, outcomes)").type(tuple, list).length(2)
    expect(np.asarray(seen, float), "beta_posterior(2, 5, outcomes)").close(
        np.array([2.0 + outcomes.sum(), 5.0 + 23 - outcomes.sum()])
    )
