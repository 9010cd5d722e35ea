"""Moving, unmoving and weighting rows. Shapes are square where that hides a slip."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng
from sandbox.probes import input_not_mutated

ROW = "hub/1.1/objective-2"
EVIDENCE = ("matrix-operations-numpy",)


@check("points move as the matrix says", points=2, task=ROW, visible=True, evidence=EVIDENCE, required=True)
def points_move(submission, data):
    X = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]])
    A, b = np.array([[0.0, -1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([10.0, 20.0, 30.0])
    wanted = np.array([[10.0, 21.0, 31.0], [9.0, 20.0, 31.0], [11.0, 22.0, 31.0]])
    expect(submission.call("affine", X, A, b), "affine(X, A, b)").shape(3, 3).close(wanted)


@check("clouds move, square or not", points=2, task=ROW, visible=False, needs=("points-move",), evidence=EVIDENCE, required=True)
def clouds_move(submission, data):
    rng = fresh_rng()
    for n, d, m in ((4, 4, 4), (7, 3, 5), (1, 6, 2)):
        X, A, b = rng.normal(size=(n, d)), rng.normal(size=(m, d)), rng.normal(size=m)
        wanted = np.array([A @ x + b for x in X])
        expect(submission.call("affine", X, A, b), f"affine of {n} points, A of shape ({m}, {d})").shape(n, m).close(wanted)


@check("moved points are brought back", points=3, task=ROW, visible=False, evidence=EVIDENCE, required=True)
def points_come_back(submission, data):
    rng = fresh_rng()
    for n, d in ((3, 3), (1, 2), (20, 5)):
        A, b, X = rng.normal(size=(d, d)) + 3 * np.eye(d), rng.normal(size=d) * 10, rng.normal(size=(n, d))
        moved = np.array([A @ x + b for x in X])
        expect(submission.call("undo", A, b, moved), f"undo for {n} points of length {d}").shape(n, d).close(
            X, rtol=1e-6, atol=1e-8
        )


@check("the scatter weighs each row", points=3, task=ROW, visible=False, evidence=EVIDENCE, required=True)
def scatter_weighs_rows(submission, data):
    rng = fresh_rng()
    for n, d in ((4, 4), (30, 3), (2, 6)):
        X, w = rng.normal(size=(n, d)), rng.uniform(0.5, 2, size=n)
        wanted = sum(w[i] * np.outer(X[i], X[i]) for i in range(n))
        expect(submission.call("weighted_scatter", X, w), f"the scatter of {n} rows").because(
            "each row has a weight of its own, also when there are as many rows as columns"
        ).shape(d, d).symmetric().close(wanted)


@check("the arrays you are given stay as they were", points=1, task=ROW, visible=False, needs=("points-come-back",), evidence=EVIDENCE)
def arrays_are_left_alone(submission, data):
    rng = fresh_rng()
    input_not_mutated(submission, "undo", np.eye(3) + rng.uniform(0, 0.2, size=(3, 3)), rng.normal(size=3), rng.normal(size=(5, 3)))
    input_not_mutated(submission, "weighted_scatter", rng.normal(size=(6, 2)), rng.uniform(size=6))
