"""Phrases to practise on, and secret targets over fresh alphabets for each grade."""

from types import SimpleNamespace

import numpy as np

LETTERS = "abcdefghijklmnopqrstuvwxyz "
FIRST = ["a small", "the old", "one red", "my late", "no quick", "some blue", "that odd"]
SECOND = ["fox", "queen", "jazz band", "owl", "wizard", "kettle", "pixel"]
THIRD = ["sleeps", "votes", "gets lost", "plays chess", "is away", "makes tea"]


def public(seed, scale):
    """targets.txt: six phrases, one a line."""
    rng = np.random.default_rng(seed)
    phrases = [" ".join(str(rng.choice(part)) for part in (FIRST, SECOND, THIRD)) for _ in range(6)]
    with open("targets.txt", "w") as file:
        file.write("\n".join(phrases) + "\n")


def hidden(seed, scale):
    rng = np.random.default_rng(seed)
    shuffled = "".join(rng.permutation(list(LETTERS)))
    return SimpleNamespace(
        letters=shuffled,
        targets=[(_random(rng, LETTERS, 10), LETTERS), (_random(rng, "ACGT", 20), "ACGT")],
    )


def _random(rng, alphabet, length):
    return "".join(rng.choice(list(alphabet), size=length))


def real():
    """The line from Hamlet that Dawkins bred in 1986, and its alphabet; no network is needed."""
    return "METHINKS IT IS LIKE A WEASEL", "ABCDEFGHIJKLMNOPQRSTUVWXYZ "
