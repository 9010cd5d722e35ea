"""
misconception: one-mutation-for-each-string
fails: [letters-mutate-one-by-one]
"""

import numpy as np


def distance(text, target, alphabet):
    if len(text) != len(target):
        raise ValueError("the strings differ in length")
    return sum(abs(alphabet.index(a) - alphabet.index(b)) for a, b in zip(text, target))


def fitness(text, target, alphabet):
    return 1 / (1 + distance(text, target, alphabet))


def probabilities(fitnesses):
    values = np.asarray(fitnesses, dtype=float)
    total = values.sum()
    return values / total if total > 0 else np.full(len(values), 1 / len(values))


def pick(fitnesses, spins):
    edges = np.cumsum(probabilities(fitnesses))
    return np.searchsorted(edges, np.asarray(spins) * edges[-1], side="right").tolist()


def crossover(a, b, cut):
    return a[:cut] + b[cut:], b[:cut] + a[cut:]


def mutate(text, rate, alphabet, rng):
    rng = np.random.default_rng(rng)
    if rng.uniform() < rate:
        place = int(rng.integers(len(text)))
        text = text[:place] + alphabet[rng.integers(len(alphabet))] + text[place + 1 :]
    return text


def next_generation(population, fitnesses, alphabet, rate, elite, rng):
    rng = np.random.default_rng(rng)
    fittest = np.argsort(-np.asarray(fitnesses, dtype=float), kind="stable")[:elite]
    following = [population[i] for i in fittest]
    while len(following) < len(population):
        mother, father = pick(fitnesses, rng.uniform(size=2))
        cut = int(rng.integers(1, len(population[0])))
        for child in crossover(population[mother], population[father], cut):
            following.append(mutate(child, rate, alphabet, rng))
    return following[: len(population)]


def evolve(score, length, alphabet, size, rate, elite, generations, seed, goal=1.0):
    rng = np.random.default_rng(seed)
    population = ["".join(rng.choice(list(alphabet), size=length)) for _ in range(size)]
    best, best_score, history = None, -1.0, []
    while True:
        fitnesses = [score(text) for text in population]
        leader = int(np.argmax(fitnesses))
        history.append(float(fitnesses[leader]))
        if fitnesses[leader] > best_score:
            best, best_score = population[leader], fitnesses[leader]
        if best_score >= goal or len(history) > generations:
            return best, history
        population = next_generation(population, fitnesses, alphabet, rate, elite, rng)
