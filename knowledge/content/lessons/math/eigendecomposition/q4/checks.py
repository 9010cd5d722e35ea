"""Dominant directions and powers of matrices that are made from known eigenvectors, afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng
from sandbox.probes import input_not_mutated

EVIDENCE = ("eigendecomposition",)


def made_from(rng, values):
    """A matrix with these eigenvalues, its (slanted) eigenvectors as columns, and those of length 1."""
    d = len(values)
    V = np.linalg.qr(rng.normal(size=(d, d)))[0] + 0.15 * rng.uniform(-1, 1, size=(d, d))
    V = V / np.linalg.norm(V, axis=0)
    return V @ np.diag(values) @ np.linalg.inv(V), V


def pair(value, d):
    """The eigenvalue and the eigenvector, once they are a number and an array."""
    expect(value, "power_iteration(...)").type(tuple, list).length(2)
    expect(value[0], "the eigenvalue").type(float, int).finite()
    expect(value[1], "the eigenvector").type(np.ndarray).shape(d).finite()
    return float(value[0]), value[1]


@check("the dominant direction is found", points=2, visible=True, evidence=EVIDENCE, required=True)
def dominant_direction(submission, data):
    A = np.array([[4.0, 1.0], [2.0, 3.0]])
    value, vector = pair(submission.call("power_iteration", A, np.array([1.0, 0.0]), 60), 2)
    expect(value, "the eigenvalue of [[4, 1], [2, 3]]").close(5.0, rtol=1e-6)
    expect(abs(vector), "the eigenvector, signs aside").close(np.full(2, np.sqrt(0.5)), atol=1e-6)


@check("negative eigenvalues keep their sign", points=2, visible=False, needs=("dominant-direction",), evidence=EVIDENCE, required=True)
def negative_eigenvalue(submission, data):
    rng = fresh_rng()
    A, V = made_from(rng, [-4.0, 1.5, 0.5])
    value, vector = pair(submission.call("power_iteration", A, V @ np.ones(3), 80), 3)
    expect(value, "the dominant eigenvalue").because("the arrow is turned round in every step").close(-4.0, rtol=1e-6)
    expect(abs(float(vector @ V[:, 0])), "|cosine| between the vector and the eigenvector").close(1.0, atol=1e-6)


@check("a thousand steps do not overflow", points=2, visible=False, needs=("dominant-direction",), evidence=EVIDENCE)
def no_overflow(submission, data):
    rng = fresh_rng()
    A, V = made_from(rng, [60.0, 20.0])
    value, _ = pair(submission.call("power_iteration", A, V @ np.ones(2), 1000), 2)
    expect(value, "the eigenvalue after 1000 steps").close(60.0, rtol=1e-6)


@check("whole powers agree with multiplying", points=3, visible=False, evidence=EVIDENCE, required=True)
def whole_powers(submission, data):
    rng = fresh_rng()
    A, _ = made_from(rng, [1.2, 0.9, 0.5, 0.2])
    x = rng.normal(size=4)
    for k in (0, 1, 2, 7):
        wanted = np.linalg.matrix_power(A, k) @ x
        expect(submission.call("evolve", A, x, k), f"evolve(A, x, {k})").because(
            "the eigenvectors of this matrix are not perpendicular"
        ).shape(4).close(wanted, rtol=1e-6, atol=1e-8)


@check("two half steps make a whole one", points=2, visible=False, needs=("whole-powers",), evidence=EVIDENCE)
def half_steps(submission, data):
    rng = fresh_rng()
    A, _ = made_from(rng, [2.0, 1.1, 0.4])
    x = rng.normal(size=3)
    half = submission.call("evolve", A, x, 0.5)
    expect(half, "evolve(A, x, 0.5)").shape(3).finite()
    expect(submission.call("evolve", A, half, 0.5), "half a step, twice").close(A @ x, rtol=1e-6, atol=1e-8)


@check("the arrays you are given stay as they were", points=1, visible=False, needs=("dominant-direction",), evidence=EVIDENCE)
def arrays_are_left_alone(submission, data):
    rng = fresh_rng()
    input_not_mutated(submission, "power_iteration", np.diag([3.0, 1.0]), rng.uniform(1, 2, size=2), 5)
