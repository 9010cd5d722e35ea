"""Ranking: every passage that a query may mean, by words, by meaning, or by both mixed.

The one rule owned here: the two legs judge the same candidates. What only words found
gets its exact cosine, so no passage is ranked low for having been looked at by one leg.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from knowledge.embed import Embedder
from knowledge.fusion import (
    DENSE_SHARE,
    FUSED_RELEVANCE,
    LEXICAL_RELEVANCE,
    Evidence,
    lean_on_units,
    mix,
    raise_definitions,
    take_turns,
    word_scores,
)
from knowledge.lexical import LexicalIndex, LexicalMatch
from knowledge.passage import PassageKind
from knowledge.vectors import BrokenVectors, Store

Leg = Literal["lexical", "dense", "fused"]
_LEXICAL_CANDIDATES = 50
_MOST_HITS = 200


@dataclass(frozen=True)
class Hit:
    """A passage that answers. `score` is in [0, 1] and compares within one query only.

    Hits run by score, but a unit's third passage waits until every other unit had its two.
    """

    unit: str
    kind: PassageKind
    section: str
    anchor: str
    score: float
    text: str
    ranking: str


@dataclass(frozen=True)
class Ranking:
    """The best 200 candidates of a query, best first, and what speaks for any of them being relevant."""

    hits: tuple[Hit, ...]
    evidence: Evidence
    is_relevant: bool


@dataclass(frozen=True)
class Semantics:
    """The leg of meaning: vectors, and the embedder whose weights made them."""

    vectors: Store
    embedder: Embedder


def rank_passages(
    query: str,
    lexical: LexicalIndex,
    semantics: Semantics | None,
    leg: Leg = "fused",
    kind: PassageKind | None = None,
    track: str | None = None,
    share: float = DENSE_SHARE,
) -> Ranking:
    """Every candidate of one leg, or of both mixed; of words alone without `semantics`.

    share: the part of a mixed score that is the cosine's.

    Raises BrokenVectors when the vectors cannot be read.
    """
    match = lexical.match(query, kind, track)
    coverage = max(match.coverage.values(), default=0.0)
    words = word_scores(match.scores, match.coverage)
    # A query without a content word means nothing to either leg.
    if leg == "lexical" or semantics is None or not match.words:
        evidence = Evidence(0.0, coverage, match.known)
        found = raise_definitions(words, match.defining)
        is_relevant = bool(match.defining) or LEXICAL_RELEVANCE.holds(evidence)
        return Ranking(_hits(lexical, found, "lexical"), evidence, is_relevant)
    cosines = _cosines(query, lexical, match, semantics, kind, track)
    evidence = Evidence(max(cosines.values(), default=0.0), coverage, match.known)
    scores = mix(cosines, words if leg == "fused" else {}, 1.0 if leg == "dense" else share)
    if leg == "fused":
        scores = raise_definitions(scores, match.defining)
    is_relevant = bool(match.defining) or FUSED_RELEVANCE.holds(evidence)
    return Ranking(_hits(lexical, scores, leg), evidence, is_relevant)


def _cosines(
    query: str,
    lexical: LexicalIndex,
    match: LexicalMatch,
    semantics: Semantics,
    kind: PassageKind | None,
    track: str | None,
) -> dict[int, float]:
    """Cosines of the nearest passages and of the best by words."""
    vector = semantics.embedder.encode([query])[0]
    near = semantics.vectors.nearest(vector, kind, track)
    best = sorted(match.scores, key=lambda row: -match.scores[row])[:_LEXICAL_CANDIDATES]
    asked = [(lexical.passages[row].id, lexical.windows[row]) for row in best]
    near |= semantics.vectors.cosines(vector, [pair for pair in asked if pair[0] not in near])
    try:
        return {lexical.row_of[key]: cosine for key, cosine in near.items()}
    except KeyError as error:
        raise BrokenVectors(f"they hold {error}, which is no passage") from None


def _hits(lexical: LexicalIndex, scores: dict[int, float], ranking: str) -> tuple[Hit, ...]:
    unit_of = {row: lexical.passages[row].unit for row in scores}
    # The learner's own books are no units: all answers may stand in one of them.
    whole = {row for row in scores if lexical.passages[row].kind == "material"}
    scores = lean_on_units(scores, unit_of, whole)
    best = sorted(scores, key=lambda row: (-scores[row], row))
    turns = take_turns(best, unit_of, whole)
    return tuple(_hit(lexical, row, scores[row], ranking) for row in turns[:_MOST_HITS])


def _hit(lexical: LexicalIndex, row: int, score: float, ranking: str) -> Hit:
    found = lexical.passages[row]
    return Hit(found.unit, found.kind, found.section, found.anchor, round(score, 4), found.text, ranking)
