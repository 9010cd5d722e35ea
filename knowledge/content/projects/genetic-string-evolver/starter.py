"""A genetic algorithm that breeds strings. Fill in the functions; the brief says what each returns."""

import numpy as np


def distance(text, target, alphabet):
    """Alphabetical distance of two strings of equal length, an int; ValueError for unequal lengths."""
    # TODO: how far apart are two letters?
    raise NotImplementedError


def fitness(text, target, alphabet):
    """1 / (1 + distance), a float."""
    # TODO
    raise NotImplementedError


def probabilities(fitnesses):
    """The chance of each string to be drawn as a parent: array (n,) that sums to 1."""
    # TODO: what if all fitnesses are 0?
    raise NotImplementedError


def pick(fitnesses, spins):
    """For each spin in [0, 1) the index whose sector of the wheel it hits, as a list of ints."""
    # TODO: where does each sector end?
    raise NotImplementedError


def crossover(a, b, cut):
    """Two children: the heads of a and b, `cut` letters long, with each other's tails."""
    # TODO
    raise NotImplementedError


def mutate(text, rate, alphabet, rng):
    """The string, each letter replaced with chance `rate` by one drawn uniformly from the alphabet."""
    rng = np.random.default_rng(rng)  # a seed becomes a Generator, a Generator stays what it is
    # TODO
    raise NotImplementedError


def next_generation(population, fitnesses, alphabet, rate, elite, rng):
    """The elite as they are, then mutated children of parents drawn by the wheel: as many strings."""
    rng = np.random.default_rng(rng)
    # TODO
    raise NotImplementedError


def evolve(score, length, alphabet, size, rate, elite, generations, seed, goal=1.0):
    """(best, history): the best string met, and the best score within each generation."""
    # TODO: random strings first; score them, keep the best, breed, repeat.
    raise NotImplementedError
