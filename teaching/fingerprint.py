"""Similar submissions, pointed out by fingerprints of their tokens. It is no verdict.

Winnowing: Schleimer, Wilkerson and Aiken 2003 (doi 10.1145/872757.872770). The rule owned here:
names, values and layout do not count, and neither does what everybody was given.
"""

from __future__ import annotations

import hashlib
import io
import keyword
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

TOKENS = 12
"""Length of a fingerprinted run: about two statements, which different people write alike by chance."""
WINDOW = 6
SIMILAR = 0.6
LEAST = 8
"""Fewer fingerprints of one's own say nothing: short answers to short tasks are alike."""

_LEFT_OUT = frozenset(
    {
        tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING,
        tokenize.ENDMARKER,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Likeness:
    """Two entries and the share of the smaller one's own fingerprints that the other has too."""

    first: str
    second: str
    similarity: float


def fingerprints(source: str) -> frozenset[str]:
    """The winnowed fingerprints of a program; what cannot be read as Python has none."""
    tokens = _normalised(source)
    runs = [" ".join(tokens[start : start + TOKENS]) for start in range(len(tokens) - TOKENS + 1)]
    hashes = [hashlib.sha256(run.encode()).hexdigest()[:12] for run in runs]
    if len(hashes) <= WINDOW:
        return frozenset(hashes)
    return frozenset(min(hashes[start : start + WINDOW]) for start in range(len(hashes) - WINDOW + 1))


def find_similar(sources: Mapping[str, str], given: Iterable[str] = ()) -> list[Likeness]:
    """Pairs of entries that share more than SIMILAR of what is their own, the most alike first.

    given: programs that everybody had, such as the starter; what stands in them is nobody's own.
    """
    common = frozenset[str]().union(*(_all_runs(source) for source in given))
    own = {name: fingerprints(source) - common for name, source in sources.items()}
    found: list[Likeness] = []
    for first, second in combinations(sorted(own), 2):
        least = min(len(own[first]), len(own[second]))
        if least < LEAST:
            continue
        share = len(own[first] & own[second]) / least
        if share >= SIMILAR:
            found.append(Likeness(first, second, round(share, 3)))
    return sorted(found, key=lambda one: (-one.similarity, one.first, one.second))


def _all_runs(source: str) -> frozenset[str]:
    tokens = _normalised(source)
    runs = (" ".join(tokens[start : start + TOKENS]) for start in range(len(tokens) - TOKENS + 1))
    return frozenset(hashlib.sha256(run.encode()).hexdigest()[:12] for run in runs)


def _normalised(source: str) -> list[str]:
    """Tokens without identity: a name is a name, a value a value; keywords and operators stay.

    A string that is a statement of its own, as a docstring is, is no part of the program.
    """
    tokens: list[str] = []
    fresh = True  # at the start of a statement
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in _LEFT_OUT:
                fresh = fresh or token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
                continue
            if token.type == tokenize.STRING and fresh:
                continue
            fresh = False
            tokens.append(_normal(token))
    except (tokenize.TokenError, SyntaxError):  # an unfinished program counts as far as it goes
        pass
    return tokens


def _normal(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME:
        return token.string if keyword.iskeyword(token.string) else "N"
    return "L" if token.type in (tokenize.NUMBER, tokenize.STRING) else token.string
