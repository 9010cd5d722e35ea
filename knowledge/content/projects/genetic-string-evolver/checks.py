"""What a genetic algorithm for strings must do, from one distance to a secret phrase."""

import numpy as np

from sandbox.judge import check, expect, fail, fresh_rng, reference
from sandbox.probes import input_not_mutated, seed_determinism

ROW = "syllabus/project/26"
GA = ("genetic-algorithms",)
LETTERS = "abcdefghijklmnopqrstuvwxyz "

SCORE = '''
TARGET, ALPHABET = {target!r}, {alphabet!r}

def score(text):
    """How near a string is to the secret target; remembers how often it was asked."""
    score.calls += 1
    if not isinstance(text, str) or len(text) != len(TARGET):
        raise ValueError("score takes a string of the length that evolve was given")
    return 1 / (1 + sum(abs(ALPHABET.index(a) - ALPHABET.index(b)) for a, b in zip(text, TARGET)))

score.calls = 0
'''


def word(rng, alphabet, length):
    return "".join(rng.choice(list(alphabet), size=length))


def strings(value, what, count, length):
    """A list of `count` strings of `length` letters, once it is one."""
    expect(value, what).type(list).length(count)
    for text in value:
        expect(text, f"a string of {what}").type(str).length(length)
    return value


def outcome(submission, target, alphabet, **settings):
    """(best, history, score) of one run of evolve, once the result has its form; score knows its calls."""
    score = submission.lend(SCORE.format(target=target, alphabet=alphabet), "score")
    result = submission.call("evolve", score, len(target), alphabet, **settings)
    expect(result, "evolve(...)").type(tuple, list).length(2)
    best, history = result
    expect(best, "best").type(str).length(len(target))
    expect(history, "history").type(list, tuple)
    expect(np.array(history, dtype=float), "history").shape(None).finite()
    if not history:
        fail("history is empty", "no entries", "one entry for each generation, generation 0 included")
    return best, list(history), score


def marked_children(submission, kinds, values, count, length):
    """Children without mutation and elite, from as many strings of each kind, like 'aaaa' and 'bbbb'."""
    each = count // len(kinds)
    population = [kind * length for kind in kinds for _ in range(each)]
    fitnesses = [value for value in values for _ in range(each)]
    alphabet, seed = kinds + "xyz", int(fresh_rng().integers(1000))
    seen = submission.call("next_generation", population, fitnesses, alphabet, 0.0, 0, seed)
    return strings(seen, "next_generation(...)", len(population), length), length


@check("distance counts positions in the alphabet", points=2, task=ROW, visible=True, evidence=GA, required=True)
def distance_is_alphabetical(submission, data):
    expect(submission.call("distance", "cat", "cot", LETTERS), "distance('cat', 'cot')").type(int).equals(14)
    rng = fresh_rng()
    for alphabet in (LETTERS, data.letters):
        a, b = word(rng, alphabet, 12), word(rng, alphabet, 12)
        expect(submission.call("distance", a, b, alphabet), f"distance({a!r}, {b!r}, {alphabet!r})").because(
            "each place adds how far its two letters are apart in the alphabet that is given, not only whether they differ"
        ).equals(reference.call("distance", a, b, alphabet))


@check("strings of unequal length are refused", points=1, task=ROW, visible=False,
       needs=("distance-is-alphabetical",), evidence=GA)
def unequal_lengths_are_refused(submission, data):
    submission.raises("distance", "cat", "cats", LETTERS, error="ValueError")
    submission.raises("distance", "cats", "cat", LETTERS, error="ValueError")


@check("fitness rises as distance falls, and is never negative", points=1, task=ROW, visible=True,
       needs=("distance-is-alphabetical",), evidence=GA, required=True)
def fitness_rises_as_distance_falls(submission, data):
    target = word(fresh_rng(), LETTERS, 6)
    expect(submission.call("fitness", target, target, LETTERS), "the fitness of the target").close(1.0)
    expect(submission.call("fitness", "cat", "cot", LETTERS), "fitness('cat', 'cot')").because(
        "the wheel needs numbers that are not negative, higher for better; the distance is 14"
    ).close(1 / 15)


@check("chances are in proportion to fitness", points=2, task=ROW, visible=True, evidence=GA, required=True)
def shares_follow_fitness(submission, data):
    rng = fresh_rng()
    expect(submission.call("probabilities", [1.0, 3.0, 0.0]), "probabilities([1, 3, 0])").shape(3).close(
        np.array([0.25, 0.75, 0.0])
    )
    values = rng.uniform(0.1, 5, size=8)
    expect(submission.call("probabilities", values.tolist()), "probabilities(fitnesses)").shape(8).sums_to(1.0).close(
        values / values.sum()
    )
    expect(submission.call("probabilities", [0.0] * 4), "the chances when all fitnesses are 0").finite().close(
        np.full(4, 0.25)
    )


@check("spins of the wheel hit the right sectors", points=2, task=ROW, visible=True,
       needs=("shares-follow-fitness",), evidence=GA, required=True)
def spins_hit_their_sectors(submission, data):
    rng = fresh_rng()
    seen = submission.call("pick", [2.0, 0.0, 3.0, 5.0], [0.1, 0.3, 0.95, 0.21])
    expect(seen, "pick([2, 0, 3, 5], [0.1, 0.3, 0.95, 0.21])").type(list).equals([0, 2, 3, 2])
    values, spins = rng.uniform(0.1, 5, size=11), rng.uniform(size=200)
    expect(submission.call("pick", values.tolist(), spins.tolist()), "pick(fitnesses, spins)").type(list).equals(
        reference.call("pick", values.tolist(), spins.tolist())
    )
    expect(submission.call("pick", [0.0, 1.0], [0.0, 0.5]), "pick([0, 1], [0.0, 0.5])").because(
        "a sector without width cannot be hit"
    ).equals([1, 1])


@check("tails are exchanged behind the cut", points=1, task=ROW, visible=True, evidence=GA, required=True)
def tails_are_exchanged(submission, data):
    expect(submission.call("crossover", "strong", "weaker", 2), "crossover('strong', 'weaker', 2)").equals(
        ("staker", "werong")
    )
    rng = fresh_rng()
    a, b, cut = word(rng, LETTERS, 9), word(rng, LETTERS, 9), int(rng.integers(1, 9))
    expect(submission.call("crossover", a, b, cut), f"crossover({a!r}, {b!r}, {cut})").equals(
        (a[:cut] + b[cut:], b[:cut] + a[cut:])
    )


@check("every letter mutates with a chance of its own", points=3, task=ROW, visible=True, evidence=GA, required=True)
def letters_mutate_one_by_one(submission, data):
    rng = fresh_rng()
    text, seed = word(rng, LETTERS, 20_000), int(rng.integers(1000))
    expect(submission.call("mutate", text[:50], 0.0, LETTERS, seed), "mutate(text, 0.0, ...)").equals(text[:50])
    rate = float(rng.uniform(0.1, 0.3))
    seen = submission.call("mutate", text, rate, LETTERS, seed)
    expect(seen, "the mutated string").type(str).length(len(text))
    changed = float(np.mean([a != b for a, b in zip(seen, text)]))
    right = rate * 26 / 27
    expect(changed, f"the share of 20000 letters that differ after mutate(text, {rate:.3f}, ...)").because(
        f"each letter is replaced with chance {rate:.3f}, and 1 in 27 of the new letters equals the old one"
    ).between(right - 0.03, right + 0.03)


@check("new letters come from the whole alphabet alike", points=2, task=ROW, visible=False,
       needs=("letters-mutate-one-by-one",), evidence=GA)
def new_letters_are_uniform(submission, data):
    rng = fresh_rng()
    for alphabet in (LETTERS, "ACGT"):
        count = 400 * len(alphabet)
        seen = submission.call("mutate", alphabet[1] * count, 1.0, alphabet, int(rng.integers(1000)))
        expect(seen, "the mutated string").type(str).length(count)
        shares = np.array([seen.count(letter) for letter in alphabet]) / 400
        expect(shares, f"how often each letter of {alphabet!r} comes up at rate 1, against an even share").because(
            "a replaced letter is drawn uniformly from the whole alphabet, however far it lies from the old one"
        ).between(0.65, 1.35)
        if set(seen) - set(alphabet):
            fail("a mutated string has letters that are not in the alphabet", sorted(set(seen) - set(alphabet)), alphabet)


@check("the elite pass as they are", points=2, task=ROW, visible=True,
       needs=("tails-are-exchanged", "letters-mutate-one-by-one", "spins-hit-their-sectors"), evidence=GA, required=True)
def elite_pass_as_they_are(submission, data):
    rng = fresh_rng()
    population = [word(rng, LETTERS, 12) for _ in range(15)]
    values = (rng.permutation(15) + 1.0).tolist()
    ranked = [population[i] for i in np.argsort(-np.array(values))]
    for elite in (1, 3):
        seen = submission.call("next_generation", population, values, LETTERS, 1.0, elite, int(rng.integers(1000)))
        strings(seen, "next_generation(...)", 15, 12)
        expect(seen[:elite], f"the first {elite} of the next generation, at mutation rate 1").because(
            "the fittest strings pass on untouched by crossover and mutation"
        ).equals(ranked[:elite])


@check("parents are drawn in proportion to fitness", points=3, task=ROW, visible=False,
       needs=("elite-pass-as-they-are",), evidence=GA, required=True)
def parents_are_drawn_in_proportion(submission, data):
    seen, _ = marked_children(submission, "abcd", [1.0, 3.0, 0.0, 6.0], 1200, 5)
    heads = np.array([sum(text[0] == kind for text in seen) for kind in "abcd"]) / len(seen)
    for kind, share, right in zip("abcd", heads, (0.1, 0.3, 0.0, 0.6)):
        expect(float(share), f"the share of children whose head is of kind {kind!r} (a, b, c, d have fitness 1, 3, 0, 6)").because(
            "a parent's chance is its share of the whole fitness: the weak have some, those without fitness none"
        ).between(right - 0.075 if right else 0.0, right + 0.075 if right else 0.0)


@check("children have the head of one parent and the tail of another", points=2, task=ROW, visible=False,
       needs=("parents-are-drawn-in-proportion",), evidence=GA)
def children_have_two_parents(submission, data):
    seen, length = marked_children(submission, "abcdef", [1.0] * 6, 300, 8)
    mixed = [text for text in seen if len(set(text)) == 2]
    for text in seen:
        switches = sum(text[i] != text[i + 1] for i in range(length - 1))
        if switches > 1:
            fail("a child of two parents like 'aaaaaaaa' and 'bbbbbbbb' changes more than once between them: "
                 "single-point crossover cuts in one place", text, "one head and one tail")
    expect(len(mixed) / len(seen), "the share of children with two different parents, of six equally fit kinds").because(
        "by the wheel, mother and father are of different kinds in five cases of six"
    ).between(0.7, 0.95)


@check("the cut falls anywhere", points=2, task=ROW, visible=False,
       needs=("children-have-two-parents",), evidence=GA)
def cut_falls_anywhere(submission, data):
    seen, length = marked_children(submission, "abcdef", [1.0] * 6, 1200, 6)
    cuts = [next(i for i in range(1, length) if text[i] != text[0]) for text in seen if len(set(text)) == 2]
    shares = np.bincount(cuts, minlength=length)[1:] / len(cuts)
    expect(shares, f"how often the cut lay behind letter 1 … {length - 1}").because(
        "each of the places between two letters is as good as any other"
    ).between(0.1, 0.3)


@check("children are mutated", points=2, task=ROW, visible=False,
       needs=("elite-pass-as-they-are",), evidence=GA, required=True)
def children_are_mutated(submission, data):
    rng = fresh_rng()
    population = ["aaaaaaaaaa"] * 300
    seen = submission.call("next_generation", population, [1.0] * 300, LETTERS, 0.2, 0, int(rng.integers(1000)))
    strings(seen, "next_generation(...)", 300, 10)
    changed = sum(letter != "a" for text in seen for letter in text) / 3000
    expect(changed, "the share of changed letters, bred from 'aaaaaaaaaa' alone at mutation rate 0.2").because(
        "crossover of equal parents makes nothing new; each letter of each child may mutate"
    ).between(0.2 * 26 / 27 - 0.05, 0.2 * 26 / 27 + 0.05)


@check("history has the best of each generation", points=2, task=ROW, visible=True,
       needs=("elite-pass-as-they-are",), evidence=GA, required=True)
def history_tells_each_generation(submission, data):
    rng = fresh_rng()
    target = word(rng, LETTERS, 20)
    best, history, score = outcome(
        submission, target, LETTERS, size=20, rate=0.05, elite=1, generations=8, seed=int(rng.integers(1000))
    )
    expect(history, "history after generation 0 and 8 more").length(9)
    expect(history, "history with one elite string").because("with an elite the best is never lost").increasing()
    expect(history[-1], "the last entry of history").close(
        reference.call("fitness", best, target, LETTERS)
    )
    calls = score.get("calls")
    if calls > 180:
        fail("the score was asked more often than there were strings; in practice each answer costs",
             f"{calls} calls for 9 generations of 20", "at most 180 calls")
    best, history, _ = outcome(
        submission, target, LETTERS, size=20, rate=0.05, elite=1, generations=8, seed=1, goal=0.0
    )
    expect(history, "history when already generation 0 reaches the goal").length(1)


@check("the best ever met is returned", points=2, task=ROW, visible=False,
       needs=("history-tells-each-generation",), evidence=GA)
def best_ever_met_is_returned(submission, data):
    rng = fresh_rng()
    for _ in range(6):
        target = word(rng, LETTERS, 6)
        best, history, _ = outcome(
            submission, target, LETTERS, size=8, rate=0.5, elite=0, generations=12, seed=int(rng.integers(1000))
        )
        expect(reference.call("fitness", best, target, LETTERS), "the fitness of `best`, bred without an elite").because(
            "what was best in generation 3 may have died by generation 12"
        ).close(max(history))


@check("one seed, one run", points=1, task=ROW, visible=False,
       needs=("history-tells-each-generation",), evidence=GA)
def one_seed_one_run(submission, data):
    target = word(fresh_rng(), LETTERS, 20)

    def run(seed):
        return outcome(submission, target, LETTERS, size=12, rate=0.1, elite=1, generations=4, seed=seed)[:2]

    seed_determinism(run)


@check("the population you are given stays as it was", points=1, task=ROW, visible=False,
       needs=("elite-pass-as-they-are",), evidence=GA)
def population_is_left_alone(submission, data):
    rng = fresh_rng()
    population = [word(rng, LETTERS, 6) for _ in range(10)]
    input_not_mutated(submission, "next_generation", population, rng.uniform(size=10).tolist(), LETTERS, 0.1, 2, 3)


@check("hidden targets are reached", points=5, task=ROW, visible=False,
       needs=("history-tells-each-generation", "parents-are-drawn-in-proportion", "children-are-mutated",
              "new-letters-are-uniform", "cut-falls-anywhere"),
       evidence=GA, required=True)
def hidden_targets_are_reached(submission, data):
    rng = fresh_rng()
    for target, alphabet in data.targets:
        for _ in range(2):  # one unlucky run proves nothing
            best, history, score = outcome(
                submission, target, alphabet, size=120, rate=0.5 / len(target), elite=2, generations=300,
                seed=int(rng.integers(1000)),
            )
            if best == target:
                break
        expect(best, f"the best string for a secret target of {len(target)} letters").because(
            "about 50 generations are enough for a working algorithm; it had 300"
        ).equals(target)
        calls = score.get("calls")
        if calls > 120 * len(history):
            fail("the score was asked more often than there were strings", f"{calls} calls", f"{120 * len(history)}")
