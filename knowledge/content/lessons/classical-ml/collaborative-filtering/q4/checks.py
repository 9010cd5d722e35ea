"""Centred cosine over shared films, and one step of gradient descent. Numbers are drawn afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated

EVIDENCE = ("collaborative-filtering",)


def pair(value, k):
    """The two vectors that `step` returns, once they are two vectors of length k."""
    expect(value, "step(...)").type(tuple, list).length(2)
    for part, name in zip(value, ("the new p", "the new q")):
        expect(part, name).shape(k).finite()
    return value


@check("similarity of the lesson's three users", points=2, visible=True, evidence=EVIDENCE, required=True)
def similarity_of_three_users(submission, data):
    nan = np.nan
    ana, ben, cem = np.array([2, 0, -2, nan]), np.array([1.0, 0, -2, 1]), np.array([-1.0, 0, 2, -1])
    for other, right, name in ((ben, 6 / np.sqrt(40), "ben"), (cem, -6 / np.sqrt(40), "cem")):
        expect(submission.call("similarity", ana, other), f"similarity(ana, {name})").because(
            "only the three films that both have rated may count, in the product and in the lengths"
        ).close(right)


@check("similarity is right for any gaps", points=2, visible=False, needs=("similarity-of-three-users",), evidence=EVIDENCE, required=True)
def similarity_with_any_gaps(submission, data):
    rng = fresh_rng()
    for _ in range(5):
        a, b = rng.normal(size=(2, 12))
        a[rng.permutation(12)[:4]] = np.nan
        b[rng.permutation(12)[:4]] = np.nan
        expect(submission.call("similarity", a, b), "similarity(a, b)").close(reference.call("similarity", a, b))


@check("nothing in common gives 0", points=1, visible=False, needs=("similarity-of-three-users",), evidence=EVIDENCE)
def nothing_in_common(submission, data):
    nan = np.nan
    apart = submission.call("similarity", np.array([1.0, nan]), np.array([nan, 1.0]))
    expect(apart, "the similarity of two users who share no film").finite().close(0.0)
    flat = submission.call("similarity", np.array([0.0, 0.0, 3.0]), np.array([1.0, -1.0, nan]))
    expect(flat, "the similarity when one user has no deviation on the shared films").finite().close(0.0)


@check("a step without a penalty follows the other vector", points=2, visible=True, evidence=EVIDENCE, required=True)
def step_follows_the_other_vector(submission, data):
    p, q = pair(submission.call("step", np.array([1.0, 0.0]), np.array([0.0, 2.0]), 0.5, 0.1, 0.0), 2)
    expect(p, "the new p").close(np.array([1.0, 0.1]))
    expect(q, "the new q").because("q moves along the p from before the step, as both gradients are of one loss").close(
        np.array([0.05, 2.0])
    )


@check("a step with a penalty is right", points=2, visible=False, needs=("step-follows-the-other-vector",), evidence=EVIDENCE, required=True)
def step_with_a_penalty(submission, data):
    rng = fresh_rng()
    p, q, error = rng.normal(size=4), rng.normal(size=4), float(rng.normal())
    seen = pair(submission.call("step", p, q, error, 0.05, 0.3), 4)
    for new, right, name in zip(seen, reference.call("step", p, q, error, 0.05, 0.3), ("p", "q")):
        expect(new, f"the new {name}").close(right)


@check("the vectors you are given stay as they were", points=1, visible=False, needs=("step-follows-the-other-vector",), evidence=EVIDENCE)
def vectors_are_left_alone(submission, data):
    rng = fresh_rng()
    input_not_mutated(submission, "step", rng.normal(size=3), rng.normal(size=3), 0.7, 0.1, 0.01)
