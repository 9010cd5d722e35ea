"""What speaks against an answer that sounds right: a negation, an opposite, two words that changed places.

Similarity cannot tell "the loss rises" from "the loss falls". The one rule owned here: every
sign is held against the clause of the wording that it answers, and none of them decides
alone; the weights do (`matching.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

from teaching import wording

_KEPT = 16_384
_DISMISSING = frozenset(
    [
        "only",
        "just",
        "merely",
        "simply",
        "fine",
        "enough",
        "exactly",
        "perfectly",
        "anyway",
        "regardless",
        "easily",
        "nothing",
        "always",
    ]
)
_AUXILIARY = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "can",
        "could",
        "will",
        "would",
        "should",
        "must",
        "may",
        "might",
        "does",
        "do",
        "has",
        "have",
    ]
)


@lru_cache(maxsize=_KEPT)
def stems(text: str) -> tuple[str, ...]:
    """Stems of the words that carry meaning, in order."""
    return tuple(wording.content(text))


@lru_cache(maxsize=_KEPT)
def word_overlap(one: str, other: str) -> float:
    """Dice coefficient of the two texts' content stems, 0 to 1."""
    first, second = Counter(stems(one)), Counter(stems(other))
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 0.0


def _counterpart(clause: str, others: Sequence[str]) -> str:
    return max(others, key=lambda other: word_overlap(clause, other), default="")


@lru_cache(maxsize=_KEPT)
def differs_in_negation(said: str, meant: str) -> bool:
    """Whether a clause denies what its counterpart states, or the other way round.

    A wording may hold two clauses and an answer one of them, so clause is held against clause.
    """
    ours, theirs = wording.clauses(said), wording.clauses(meant)
    for clause in ours:
        if wording.is_negated(clause) and not wording.is_negated(_counterpart(clause, theirs)):
            return True
    for clause in theirs:
        other = _counterpart(clause, ours)
        if (
            wording.is_negated(clause)
            and not wording.is_negated(other)
            and word_overlap(clause, other) >= 0.4
        ):
            return True
    return False


@lru_cache(maxsize=_KEPT)
def opposed(said: str, meant: str) -> bool:
    """Whether `said` puts an opposite where `meant` has a word."""
    return wording.is_opposed(list(stems(said)), list(stems(meant)))


@lru_cache(maxsize=_KEPT)
def opposed_share(said: str, meant: str) -> float:
    """Of the words of `meant` that have an opposite: how many stand reversed in `said`, less those kept."""
    used, wanted = set(stems(said)), set(stems(meant))
    table = wording.opposites()
    reversed_, kept = 0, 0
    for word in wanted & set(table):
        kept += word in used
        reversed_ += word not in used and bool(table[word] & used - wanted)
    return (reversed_ - kept) / (reversed_ + kept) if reversed_ + kept else 0.0


@lru_cache(maxsize=_KEPT)
def swapped_share(said: str, meant: str) -> float:
    """Share of the pairs of common words that stand in the other order (Kendall's distance, 0 to 1)."""
    ours, theirs = stems(said), stems(meant)
    shared = [word for word in dict.fromkeys(ours) if ours.count(word) == 1 == theirs.count(word)]
    if len(shared) < 2:
        return 0.0
    places = [theirs.index(word) for word in shared]
    pairs = list(combinations(places, 2))
    return sum(first > second for first, second in pairs) / len(pairs)


def dismissal(text: str) -> float:
    """Words such as "only", "just" and "always", per word: a wrong cause is often put so."""
    found = wording.words(text)
    return sum(word in _DISMISSING for word in found) / len(found) if found else 0.0


def flip(said: str, wordings: Sequence[str]) -> float:
    """How far a clause of `said` is a clause of the wordings turned round, less how far one agrees; -1 to 1.

    Clauses are held against each other with opposites counted as the same word; an odd number of
    opposites and negations turns the meaning round, an even number leaves it.
    """
    turned, kept = 0.0, 0.0
    for clause in wording.clauses(said):
        for other in (part for text in wordings for part in wording.clauses(text)):
            likeness, odd = _aligned(clause, other)
            if odd:
                turned = max(turned, likeness)
            else:
                kept = max(kept, likeness)
    return turned - kept


@lru_cache(maxsize=_KEPT)
def _aligned(clause: str, other: str) -> tuple[float, bool]:
    """Overlap of two clauses with opposites as matches (0 to 1), and whether their senses differ."""
    mine, theirs, table = set(stems(clause)), set(stems(other)), wording.opposites()
    same = mine & theirs
    swapped = sum(1 for word in mine - same if table.get(word, frozenset()) & (theirs - same))
    denied = wording.is_negated(clause) != wording.is_negated(other)
    likeness = (len(same) + swapped) / max(min(len(mine), len(theirs)), 3)
    return min(likeness, 1.0), (swapped + denied) % 2 == 1


@lru_cache(maxsize=_KEPT)
def contraries(text: str) -> tuple[str, ...]:
    """The wording turned round: a word exchanged for its opposite, or its first verb denied; at most 4."""
    words = text.split()
    table = wording.opposite_words()
    found: list[str] = []
    for place, word in enumerate(words):
        bare = word.lower().strip(".,;:!?")
        for other in table.get(bare, ())[:1]:
            found.append(" ".join([*words[:place], other, *words[place + 1 :]]))
        if bare == "not":
            found.append(" ".join([*words[:place], *words[place + 1 :]]))
    verb = next((place for place, word in enumerate(words) if word.lower() in _AUXILIARY), None)
    if verb is None:
        found.append(f"It is not true that {text[:1].lower()}{text[1:]}")
    else:
        found.append(" ".join([*words[: verb + 1], "not", *words[verb + 1 :]]))
    return tuple(dict.fromkeys(found))[:4]
