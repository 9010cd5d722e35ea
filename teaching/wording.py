"""How answers are worded: words, stems, clauses, negation, opposites, small typos.

The one rule owned here: two wordings are compared only after the same normalisation,
so that spelling (British or American), contractions and word endings never decide
whether an idea was said, while a negation or an opposite always can.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

LONGEST_ANSWER = 4000
"""Characters of an answer that are read; what lies beyond is ignored."""

_KEPT = 8192
"""Texts whose reading is kept: authored wordings come back at every turn."""
_CONTRACTIONS = (
    (re.compile(r"\bcan(?:no|'?)t\b"), "can not"),
    (re.compile(r"\bwon'?t\b"), "will not"),
    (re.compile(r"\b(do|does|did|is|are|was|were|has|have|had|would|could|should)n'?t\b"), r"\1 not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'(?:s|re|ve|ll|d|m)\b"), ""),
    (re.compile(r"\b(?:not only|not just|no matter|no doubt|whether or not)\b"), "also"),
)
_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+\d*")
_STOP_WORDS = """
a an the this that these those it its they them their he she we us our you your i me my
is are was were be been being am do does did doing done has have had having will would can could
should shall may might must to of in on at by for with from as into onto about than then there here
and or but so because since also too very just only really quite such some any each every
what which who whom whose when where why how if while although though however therefore thus hence
get gets got own s t think guess believe basically actually simply well yes okay ok"""
_STOP = frozenset(_STOP_WORDS.split())
_NEGATING_WORDS = """
not no never none nothing nobody nowhere neither nor without hardly barely unable impossible
fail fails failed lack lacks lacking absent false untrue"""
_NEGATIONS = frozenset(_NEGATING_WORDS.split())
_NUMBERS = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10",
}  # fmt: skip
_SHORT_FORMS = {
    "lr": "learning rate", "nn": "neural network", "nns": "neural networks", "params": "parameters",
    "param": "parameter", "grad": "gradient", "grads": "gradients", "deriv": "derivative",
    "dims": "dimensions", "dim": "dimension", "acc": "accuracy", "val": "validation",
    "neighbour": "neighbor", "neighbours": "neighbors", "colour": "color", "behaviour": "behavior",
    "favour": "favor",
}  # fmt: skip
_OPPOSITE_PAIRS = """increase decrease | rise fall | grow shrink | up down | uphill downhill | upward downward
    large small | larger smaller | largest smallest | big small | bigger smaller | more less | more fewer
    most least | high low | higher lower | highest lowest | fast slow | faster slower | early late
    positive negative | add subtract | plus minus | maximize minimize | maximum minimum | max min
    always never | all none | same different | equal different | before after | first last | above below
    overfit underfit | linear nonlinear | toward away | near far | closer farther
    converge diverge | better worse | best worst | open closed | connect disconnect | forward backward
    row column | input output | supervised unsupervised | long short | longer shorter | wide narrow
    deep shallow | independent dependent | stable unstable | local global | sparse dense
    ascent descent | strong weak | stronger weaker | easy hard | train test | encoder decoder
    connect separate | same differ | similar different | many few | huge tiny | big tiny | bigger tiny
    possible impossible | likely unlikely | rare common | noise signal | multiply add | first later
    keep lose | gain lose | cautious extreme | precise imprecise | cancel accumulate | equal unequal
    share specific | informative useless | slower quicker | shrink enlarge | shrink amplify | small enormous
    reduce increase | reduce amplify | reduce raise | lower raise | larger fewer | inner outer | left right
    true false | convex concave | explode vanish | steep flat | start end | beginning end | inside outside"""
_UP_WORDS = "up uphill upward upwards ascent rise climb increase grow higher highest"
_DOWN_WORDS = "down downhill downward downwards descent fall drop decrease shrink reduce lower lowest minimum"
_SENTENCE_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)[.!?;\n]+(?=\s|$)|\n+")
_CLAUSE_END = re.compile(
    r",|:|\s[-–—]+>?\s|→|\b(?:and|but|so|because|since|which|while|whereas|therefore|thus|hence|then)\b",
    re.IGNORECASE,
)
_MOST_SEGMENTS = 28


@lru_cache(maxsize=_KEPT)
def words(text: str) -> tuple[str, ...]:
    """Lower-case words and numbers with contractions undone ("don't" is "do not")."""
    plain = text[:LONGEST_ANSWER].lower().replace("’", "'").replace("‑", "-")
    for pattern, full in _CONTRACTIONS:
        plain = pattern.sub(full, plain)
    found: list[str] = _WORD.findall(plain)
    spread = " ".join(_SHORT_FORMS.get(word, word) for word in found)
    return tuple(_NUMBERS.get(word, word) for word in spread.split())


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A light stem: plural, tense, -ly and -ise/-ize endings fall away; `loss` stays `loss`."""
    if len(word) < 4 or not word.isalpha():
        return word
    base = re.sub(r"is(e|es|ed|ing|ation|ations)$", r"iz\1", word) if len(word) > 5 else word
    for ending, least in (
        ("ations", 5), ("ation", 5), ("ings", 4), ("ing", 3), ("edly", 4), ("ies", 2), ("ied", 2),
        ("ed", 3), ("sses", 2), ("xes", 2), ("ches", 2), ("shes", 2), ("ly", 4),
    ):  # fmt: skip
        if base.endswith(ending) and len(base) - len(ending) >= least:
            kept = base[: -len(ending)]
            base = kept + {"ies": "y", "ied": "y", "sses": "ss", "xes": "x", "ches": "ch", "shes": "sh"}.get(
                ending, ""
            )
            break
    else:
        if base.endswith("s") and not base.endswith(("ss", "us", "is")):
            base = base[:-1]
    if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "sl":
        base = base[:-1]
    return base[:-1] if len(base) > 3 and base.endswith("e") else base


def content(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order, repeats kept."""
    return [stem(word) for word in words(text) if word not in _STOP and word not in _NEGATIONS]


@lru_cache(maxsize=_KEPT)
def plain(text: str) -> tuple[str, ...]:
    """The wording without stop words, negations kept: equal tuples say the same words in the same order."""
    return tuple(stem(word) for word in words(text) if word not in _STOP)


@lru_cache(maxsize=_KEPT)
def is_negated(text: str) -> bool:
    """Whether some clause denies: an odd number of negations in it ("not impossible" denies nothing)."""
    return any(sum(word in _NEGATIONS for word in words(clause)) % 2 for clause in clauses(text))


@lru_cache(maxsize=_KEPT)
def clauses(text: str) -> tuple[str, ...]:
    """The text cut at sentence ends, commas and conjunctions."""
    found = [clause for sentence in _SENTENCE_END.split(text) for clause in _CLAUSE_END.split(sentence)]
    return tuple(clause.strip() for clause in found if clause.strip())


def segments(text: str) -> list[str]:
    """The answer whole, then its sentences, clauses and neighbouring clause pairs, without repeats."""
    text = text[:LONGEST_ANSWER].strip()
    found = [text]
    for sentence in _SENTENCE_END.split(text):
        found.append(sentence)
        parts = clauses(sentence)
        found += parts
        found += [f"{left}, {right}" for left, right in pairwise(parts)]
    unique: dict[str, None] = {}
    for segment in found:
        tidy = " ".join(segment.split())
        if tidy and (content(tidy) or tidy == text):
            unique.setdefault(tidy)
    return list(unique)[:_MOST_SEGMENTS] or [""]


@lru_cache(maxsize=1)
def opposite_words() -> dict[str, tuple[str, ...]]:
    """Each word that has opposites, with them, the commonest first."""
    table: dict[str, dict[str, None]] = {}
    for pair in _OPPOSITE_PAIRS.replace("\n", "|").split("|"):
        names = pair.split()
        for one, other in zip(names[::2], names[1::2], strict=True):
            table.setdefault(one, {}).setdefault(other)
            table.setdefault(other, {}).setdefault(one)
    return {word: tuple(others) for word, others in table.items()}


@lru_cache(maxsize=1)
def opposites() -> dict[str, frozenset[str]]:
    """Stems with the stems of their opposites."""
    table: dict[str, set[str]] = {}
    for word, others in opposite_words().items():
        table.setdefault(stem(word), set()).update(stem(other) for other in others)
    return {word: frozenset(others) for word, others in table.items()}


def is_opposed(said: list[str], meant: list[str]) -> bool:
    """Whether `said` (stems) puts an opposite where `meant` has a word: "rises" for "falls".

    Up and down, in all their words, are opposed only when each side speaks of one of them.
    """
    table, wanted, used = opposites(), set(meant), set(said)
    against = {other for word in wanted for other in table.get(word, ())} - wanted
    if used & against:
        return True
    return _direction(used) * _direction(wanted) < 0


def _direction(stems: set[str]) -> int:
    """1 for a text that only goes up, -1 for one that only goes down, else 0."""
    return bool(stems & _ups()) - bool(stems & _downs())


@lru_cache(maxsize=1)
def _ups() -> frozenset[str]:
    return frozenset(stem(word) for word in _UP_WORDS.split())


@lru_cache(maxsize=1)
def _downs() -> frozenset[str]:
    return frozenset(stem(word) for word in _DOWN_WORDS.split())


def edit_distance_is_one(one: str, other: str) -> bool:
    """One letter changed, added, dropped, or two neighbours swapped."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    if len(one) == len(other):
        at = [i for i in range(len(one)) if one[i] != other[i]]
        swapped = len(at) == 2 and one[at[0] : at[1] + 1] == other[at[0] : at[1] + 1][::-1]
        return len(at) == 1 or (swapped and at[1] == at[0] + 1)
    short, long = sorted((one, other), key=len)
    return any(short == long[:i] + long[i + 1 :] for i in range(len(long)))


def is_same_word(said: str, meant: str) -> bool:
    """Equal, or a small slip in a word of five letters or more (never in its first letter)."""
    if said == meant:
        return True
    long_enough = len(meant) >= 5 and said.isalpha() and meant.isalpha()
    return long_enough and said[:1] == meant[:1] and edit_distance_is_one(said, meant)
