"""The wheel and the cut. Fitness, spins, parents and cuts are drawn afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated

EVIDENCE = ("genetic-algorithms",)


@check("the spins of the lesson hit the right sectors", points=2, visible=True, evidence=EVIDENCE, required=True)
def spins_hit_their_sectors(submission, data):
    fitness, spins = np.array([2.0, 3.0, 1.0, 0.0]), np.array([0.40, 0.20, 0.90, 0.0, 0.99])
    seen = submission.call("roulette", fitness, spins)
    expect(seen, "roulette([2, 3, 1, 0], [0.4, 0.2, 0.9, 0, 0.99])").shape(5).dtype("int").equals(
        np.array([1, 0, 2, 0, 2])
    )


@check("sectors are as wide as fitness says", points=3, visible=False, needs=("spins-hit-their-sectors",), evidence=EVIDENCE, required=True)
def sectors_follow_fitness(submission, data):
    rng = fresh_rng()
    fitness, spins = rng.uniform(0.5, 40, size=9), rng.uniform(size=400)
    seen = submission.call("roulette", fitness, spins)
    expect(seen, "roulette(fitness, spins)").shape(400).dtype("int").equals(reference.call("roulette", fitness, spins))


@check("who has no fitness is never drawn", points=1, visible=False, needs=("spins-hit-their-sectors",), evidence=EVIDENCE)
def no_fitness_no_children(submission, data):
    fitness = np.array([0.0, 1.0, 0.0, 3.0, 0.0])
    seen = submission.call("roulette", fitness, np.array([0.0, 0.25, 0.1, 0.9]))
    expect(seen, "roulette([0, 1, 0, 3, 0], [0, 0.25, 0.1, 0.9])").because(
        "a sector without width cannot be hit, not even by a spin of exactly 0 or on an edge"
    ).equals(np.array([1, 3, 1, 3]))


@check("the lesson's parents have the lesson's child", points=2, visible=True, evidence=EVIDENCE, required=True)
def child_of_the_lesson(submission, data):
    A, B = np.array([[1, 1, 0, 0]]), np.array([[0, 1, 1, 1]])
    expect(submission.call("crossover", A, B, np.array([2])), "the child of 1100 and 0111, cut in the middle").shape(
        1, 4
    ).equals(np.array([[1, 1, 1, 1]]))


@check("each pair is cut in its own place", points=3, visible=False, needs=("child-of-the-lesson",), evidence=EVIDENCE, required=True)
def each_pair_has_its_cut(submission, data):
    rng = fresh_rng()
    A, B = rng.integers(0, 27, size=(12, 7)), rng.integers(0, 27, size=(12, 7))
    cuts = rng.integers(1, 7, size=12)
    seen = submission.call("crossover", A, B, cuts)
    expect(seen, "crossover(A, B, cuts)").shape(12, 7).equals(reference.call("crossover", A, B, cuts))


@check("parents stay as they were", points=1, visible=False, needs=("child-of-the-lesson",), evidence=EVIDENCE)
def parents_are_left_alone(submission, data):
    rng = fresh_rng()
    A, B = rng.integers(0, 9, size=(5, 6)), rng.integers(0, 9, size=(5, 6))
    input_not_mutated(submission, "crossover", A, B, rng.integers(1, 6, size=5))
