"""Selection by a roulette wheel and single-point crossover, for a whole population at once."""

import numpy as np


def roulette(fitness, spins):
    edges = np.cumsum(fitness)
    return np.searchsorted(edges, np.asarray(spins) * edges[-1], side="right")


def crossover(A, B, cuts):
    return np.where(np.arange(A.shape[1]) < np.asarray(cuts)[:, None], A, B)
