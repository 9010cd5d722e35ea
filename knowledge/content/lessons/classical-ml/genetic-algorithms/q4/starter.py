"""Selection by a roulette wheel and single-point crossover, for a whole population at once."""

import numpy as np


def roulette(fitness, spins):
    """For each spin (m,) in [0, 1) the index of the string whose sector it hits: integers (m,).

    fitness (n,) is at least 0, with a positive sum. The sectors lie one after the other in the
    order of the strings, and their widths are in proportion to fitness. A spin exactly where one
    sector ends belongs to the next.
    """
    # TODO: where does each sector end?
    raise NotImplementedError


def crossover(A, B, cuts):
    """Children (n, L): row i has the first cuts[i] genes of A[i] and the others of B[i].

    A, B: parents (n, L). cuts: integers (n,) from 1 to L - 1.
    """
    # TODO
    raise NotImplementedError
