"""Chances of counts, and the logarithm of the bell curve, for numbers drawn afresh."""

import math

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference

EVIDENCE = ("probability-distributions",)


@check("two tries are counted right", points=2, visible=True, evidence=EVIDENCE, required=True)
def two_tries_are_counted_right(submission, data):
    expect(submission.call("binomial_chances", 2, 0.2), "binomial_chances(2, 0.2)").because(
        "one success in two tries can happen in two orders"
    ).shape(3).close(np.array([0.64, 0.32, 0.04]))


@check("any number of tries is counted right", points=3, visible=False, needs=("two-tries-are-counted-right",),
       evidence=EVIDENCE, required=True)
def any_number_of_tries(submission, data):
    rng = fresh_rng()
    for n, p in [(5, 0.0), (4, 1.0), (1, 0.3), (int(rng.integers(10, 40)), float(rng.uniform(0.1, 0.9)))]:
        chances = submission.call("binomial_chances", n, p)
        expect(chances, f"binomial_chances({n}, {p:.3f})").shape(n + 1).finite().sums_to(1.0).close(
            reference.call("binomial_chances", n, p)
        )


@check("the peak of the bell has the right height", points=2, visible=True, evidence=EVIDENCE, required=True)
def peak_has_the_right_height(submission, data):
    for mean, deviation in ((0.0, 1.0), (0.1, 0.02)):
        seen = submission.call("gaussian_log_density", np.array([mean]), mean, deviation)
        expect(seen, f"the log density at the mean, deviation {deviation}").shape(1).close(
            np.array([-math.log(deviation * math.sqrt(2 * math.pi))])
        )


@check("the log density is right anywhere", points=3, visible=False, needs=("peak-has-the-right-height",),
       evidence=EVIDENCE, required=True)
def log_density_is_right_anywhere(submission, data):
    rng = fresh_rng()
    mean, deviation = float(rng.normal(scale=5)), float(rng.uniform(0.3, 4))
    x = mean + deviation * rng.normal(size=(4, 3))
    expect(submission.call("gaussian_log_density", x, mean, deviation), "the log density of x (4, 3)").shape(
        4, 3
    ).close(reference.call("gaussian_log_density", x, mean, deviation))


@check("far away the log density stays a number", points=2, visible=False,
       needs=("log-density-is-right-anywhere",), evidence=EVIDENCE)
def far_away_it_stays_a_number(submission, data):
    deviation = float(fresh_rng().uniform(0.5, 2))
    x = np.array([-300.0, 300.0]) * deviation
    expect(submission.call("gaussian_log_density", x, 0.0, deviation), "the log density at 300 deviations").because(
        "the density itself is below the smallest float there, its logarithm is not"
    ).finite().close(reference.call("gaussian_log_density", x, 0.0, deviation))
