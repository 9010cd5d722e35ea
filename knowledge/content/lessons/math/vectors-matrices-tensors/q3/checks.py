"""Spans and maps, on vectors drawn afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng

ROW = "hub/1.1/objective-1"
EVIDENCE = ("vectors-matrices-tensors",)


@check("a plane in space is recognized", points=2, task=ROW, visible=True, evidence=EVIDENCE, required=True)
def plane_is_recognized(submission, data):
    V = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    inside, outside = np.array([2.0, -3.0, -1.0]), np.array([0.0, 0.0, 1.0])
    expect(submission.call("in_span", V, inside), "in_span of (2, -3, -1)").equals(True)
    expect(submission.call("in_span", V, outside), "in_span of (0, 0, 1)").equals(False)


@check("dependent rows do not widen a span", points=2, task=ROW, visible=False, needs=("plane-is-recognized",), evidence=EVIDENCE)
def dependent_rows_add_nothing(submission, data):
    rng = fresh_rng()
    plane = rng.normal(size=(2, 5))
    V = rng.normal(size=(6, 2)) @ plane
    expect(submission.call("in_span", V, rng.normal(size=2) @ plane), "in_span inside a plane given by six rows").equals(True)
    expect(submission.call("in_span", V, rng.normal(size=5)), "in_span of a vector off that plane").because(
        "six rows in one plane span a plane, however many they are"
    ).equals(False)


@check("a map is recovered from the basis vectors", points=2, task=ROW, visible=True, evidence=EVIDENCE)
def map_from_the_basis(submission, data):
    A = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, -1.0]])
    expect(submission.call("recover_map", np.eye(2), A.T.copy()), "recover_map(I, images)").shape(3, 2).close(A)


@check("a map is recovered from any spanning examples", points=3, task=ROW, visible=False, needs=("map-from-the-basis",), evidence=EVIDENCE, required=True)
def map_from_any_examples(submission, data):
    rng = fresh_rng()
    A, X = rng.normal(size=(3, 4)), rng.normal(size=(9, 4))
    expect(submission.call("recover_map", X, X @ A.T), "recover_map of nine examples").shape(3, 4).close(A, rtol=1e-6, atol=1e-8)
