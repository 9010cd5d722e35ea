"""Reconstructions and counts; neither depends on the signs of the components."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated

ROW = "course/w1/topic-1.3"
EVIDENCE = ("principal-component-analysis",)


def cloud(rng, n, d):
    """Rows with clearly different variances along slanted directions, far from the origin."""
    turn = np.linalg.qr(rng.normal(size=(d, d)))[0]
    return rng.normal(size=(n, d)) * 2.0 ** -np.arange(d) @ turn + rng.normal(size=d) * 20


@check("four pupils are rebuilt from one score", points=2, task=ROW, visible=True, evidence=EVIDENCE, required=True)
def pupils_are_rebuilt(submission, data):
    X = np.array([[1.0, 4.0], [2.0, 3.0], [4.0, 7.0], [5.0, 6.0]])
    wanted = np.array([[1.5, 3.5], [1.5, 3.5], [4.5, 6.5], [4.5, 6.5]])
    expect(submission.call("reconstruct", X, 1), "reconstruct(X, 1)").shape(4, 2).close(wanted, atol=1e-8)


@check("reconstructions are the best possible", points=3, task=ROW, visible=False, needs=("pupils-are-rebuilt",), evidence=EVIDENCE, required=True)
def reconstructions_are_best(submission, data):
    rng = fresh_rng()
    for n, d in ((40, 5), (6, 9)):
        X = cloud(rng, n, d)
        for k in (1, 3):
            expect(submission.call("reconstruct", X, k), f"{n} rows of {d} columns from {k} components").shape(n, d).close(
                reference.call("reconstruct", X, k), rtol=1e-6, atol=1e-7
            )


@check("all components lose nothing", points=1, task=ROW, visible=False, needs=("pupils-are-rebuilt",), evidence=EVIDENCE)
def nothing_is_lost(submission, data):
    X = cloud(fresh_rng(), 12, 4)
    expect(submission.call("reconstruct", X, 4), "reconstruct with k = d").close(X, rtol=1e-7, atol=1e-8)


@check("the count is the smallest that suffices", points=3, task=ROW, visible=False, evidence=EVIDENCE, required=True)
def count_is_smallest(submission, data):
    rng = fresh_rng()
    X = cloud(rng, 30, 5)
    variances = np.sort(np.linalg.eigvalsh(np.cov(X.T)))[::-1]
    explained = np.cumsum(variances) / variances.sum()
    for k in range(1, 5):
        for share, wanted in ((explained[k - 1] - 1e-4, k), (explained[k - 1] + 1e-4, k + 1)):
            seen = submission.call("components_needed", X, float(share))
            expect(seen, f"components_needed for {share:.2%}").because(
                f"the running shares are {np.round(explained, 4).tolist()}"
            ).equals(wanted)


@check("the rows you are given stay as they were", points=1, task=ROW, visible=False, needs=("pupils-are-rebuilt",), evidence=EVIDENCE)
def rows_are_left_alone(submission, data):
    input_not_mutated(submission, "reconstruct", cloud(fresh_rng(), 8, 3), 2)
