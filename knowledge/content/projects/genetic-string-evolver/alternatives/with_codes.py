"""The same with whole populations as arrays of letter numbers."""

import numpy as np


def encode(text, alphabet):
    place = {letter: number for number, letter in enumerate(alphabet)}
    return np.array([place[letter] for letter in text], dtype=int)


def decode(codes, alphabet):
    return "".join(alphabet[code] for code in codes)


def distance(text, target, alphabet):
    if len(text) != len(target):
        raise ValueError(f"{len(text)} letters against {len(target)}")
    return int(np.abs(encode(text, alphabet) - encode(target, alphabet)).sum())


def fitness(text, target, alphabet):
    return 1.0 / (1.0 + distance(text, target, alphabet))


def probabilities(fitnesses):
    weights = np.array(fitnesses, dtype=float)
    if not weights.any():
        weights += 1.0
    return weights / weights.sum()


def pick(fitnesses, spins):
    shares = probabilities(fitnesses)
    chosen = []
    for spin in spins:
        passed, last = 0.0, None
        for index, share in enumerate(shares):
            if share > 0:
                last = index
                passed += share
                if spin < passed:
                    break
        chosen.append(last)
    return chosen


def crossover(a, b, cut):
    return (a[:cut] + b[cut:], b[:cut] + a[cut:])


def changed(codes, rate, count, rng):
    return np.where(rng.random(codes.shape) < rate, rng.integers(0, count, codes.shape), codes)


def mutate(text, rate, alphabet, rng):
    rng = np.random.default_rng(rng)
    return decode(changed(encode(text, alphabet), rate, len(alphabet), rng), alphabet)


def bred(codes, fitnesses, count, rate, elite, rng):
    n, length = codes.shape
    ranked = sorted(range(n), key=lambda i: -fitnesses[i])
    parents = rng.choice(n, size=(2, n - elite), p=probabilities(fitnesses))
    head = np.arange(length)[None, :] < rng.integers(1, length, size=n - elite)[:, None]
    children = changed(np.where(head, codes[parents[0]], codes[parents[1]]), rate, count, rng)
    return np.vstack([codes[ranked[:elite]], children])


def next_generation(population, fitnesses, alphabet, rate, elite, rng):
    codes = np.array([encode(text, alphabet) for text in population])
    following = bred(codes, list(fitnesses), len(alphabet), rate, elite, np.random.default_rng(rng))
    return [decode(row, alphabet) for row in following]


def evolve(score, length, alphabet, size, rate, elite, generations, seed, goal=1.0):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, len(alphabet), size=(size, length))
    met, history = [], []
    for generation in range(generations + 1):
        texts = [decode(row, alphabet) for row in codes]
        scores = [score(text) for text in texts]
        top = max(range(size), key=scores.__getitem__)
        met.append((scores[top], texts[top]))
        history.append(float(scores[top]))
        if scores[top] >= goal:
            break
        if generation < generations:
            codes = bred(codes, scores, len(alphabet), rate, elite, rng)
    return max(met)[1], history
