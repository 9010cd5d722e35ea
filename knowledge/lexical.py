"""The lexical leg: BM25 over passages, in one read-only SQLite file.

The one rule owned here: a text is turned into tokens by `tokens` alone, for passages and
queries alike, so whatever a learner can write of a term finds what the author wrote.
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.glossary import ABBREVIATIONS, PHRASE_LENGTHS, PHRASES, STOP_WORDS, SYMBOLS, american
from knowledge.passage import Passage, PassageKind, plain, windows
from knowledge.terms import Term

_WORD = re.compile(r"[a-zA-Z0-9_]+(?:\.[a-zA-Z_]\w*)*|[^\W_]+")
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_LATEX_WORD = re.compile(r"\\(alpha|beta|gamma|delta|epsilon|eta|theta|lambda|mu|sigma|nabla|partial)\b")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LATEX = re.compile(r"\\(?:[a-zA-Z]+|.)")

_SCHEMA = """
CREATE TABLE passage (
    rowid INTEGER PRIMARY KEY, id TEXT UNIQUE, unit TEXT, kind TEXT, track TEXT, level INTEGER,
    title TEXT, section TEXT, anchor TEXT, path TEXT, text TEXT, windows INTEGER
);
CREATE INDEX place ON passage (kind, track);
CREATE TABLE definition (words TEXT, passage INTEGER);
CREATE VIRTUAL TABLE term USING fts5(
    heading, body, asked, content='', tokenize="porter unicode61 remove_diacritics 0"
);
"""
_ASKING = frozenset({"explain", "define", "definition", "describe", "concept", "term", "simply", "briefly"})
"""Words that say that a definition is wanted, and not of what."""
_HEADING_WEIGHT = 1.5
_ASKED_WEIGHT = 1.0
_MOST_WORDS = 64
_MOST_RANKED = 500
_MOST_SCORED = 10_000
Values = tuple[str | float, ...]


@dataclass(frozen=True)
class LexicalMatch:
    """BM25 of each passage that holds a query word, and the idf share of words it holds.

    scores: passage row to BM25 (higher is better). coverage: passage row to the part, in
    [0, 1], of the query's idf that the passage's words account for. known: the part that the
    words of all those passages together account for. words: content words. defining: the rows that
    introduce the term that the query names, where it names one and nothing else.
    """

    scores: dict[int, float]
    coverage: dict[int, float]
    known: float
    words: tuple[str, ...]
    defining: tuple[int, ...] = ()


def tokens(text: str) -> list[str]:
    """Lower-case tokens, identifiers also in their parts, phrases also as abbreviations."""
    words: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", text.translate(SYMBOLS))):
        words += _spelled(word)
    found = list(words)
    for start, first in enumerate(words):
        for length in PHRASE_LENGTHS.get(first, ()):
            phrase = tuple(words[start : start + length])
            canonical = PHRASES.get(phrase)
            if canonical and phrase != (canonical,):
                found.append(canonical)
    return found


def query_words(query: str) -> tuple[str, ...]:
    """The distinct content words of a query, the first 64: no stop words, order kept."""
    # The verb that ends "what does this mean" is no statistic.
    asked = re.sub(r"\bmeans?\s*\W*$", " ", query, flags=re.IGNORECASE)
    kept = [word for word in tokens(asked) if word not in STOP_WORDS]
    # A pasted file is no query; its beginning is.
    return tuple(dict.fromkeys(kept))[:_MOST_WORDS]


def term_key(words: Collection[str]) -> str:
    """One key for all ways to write a term: singular or plural, in full or abbreviated."""
    kept = set(words)
    for short in kept & ABBREVIATIONS.keys():
        for form in ABBREVIATIONS[short]:
            if kept.issuperset(form.split()):
                kept -= set(form.split()) - {short}
    return " ".join(sorted(word[:-1] if word.endswith("s") and len(word) > 3 else word for word in kept))


def asked_term(query: str) -> str:
    """The key of what a query is about when it asks for one thing: `explain PCA` as `PCA` does."""
    words = query_words(query)
    return term_key([word for word in words if word not in _ASKING] or words)


def terms_in_bold(markdown: str) -> set[str]:
    """The keys of what a text sets in bold."""
    return {term_key(query_words(bold)) for bold in _BOLD.findall(markdown)}


def write_lexical(path: Path, passages: Sequence[Passage], terms: Sequence[Term] = ()) -> None:
    """A new index file at `path`, which must not exist.

    terms: the glossary; a query for nothing but a term brings the passage that introduces it first.
    """
    connection = sqlite3.connect(path)
    try:
        connection.executescript(_SCHEMA)
        for row, passage in enumerate(passages, 1):
            connection.execute(
                "INSERT INTO passage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (row, passage.id, passage.unit, passage.kind, passage.track, passage.level, passage.title,
                 passage.section, passage.anchor, json.dumps(passage.path), passage.text,
                 len(windows(passage))),
            )  # fmt: skip
            connection.execute(
                "INSERT INTO term (rowid, heading, body, asked) VALUES (?, ?, ?, ?)",
                (
                    row,
                    _indexed(" ".join(passage.path)),
                    _indexed(_without_latex(passage.text)),
                    _indexed(" ".join(passage.asked)),
                ),
            )
        connection.executemany("INSERT INTO definition VALUES (?, ?)", _definitions(passages, terms))
        connection.execute("INSERT INTO term (term) VALUES ('optimize')")
        connection.commit()
    finally:
        connection.close()


class LexicalIndex:
    """Passages and their BM25, read from a file that no one writes any more. Thread-safe."""

    def __init__(self, path: Path) -> None:
        # Published files never change, so SQLite may skip locks and journals.
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._lock = threading.Lock()
        rows = self._select("SELECT rowid, id, unit, kind, track, level, title, section, anchor, path, text, "
                            "windows FROM passage ORDER BY rowid")  # fmt: skip
        self.passages: dict[int, Passage] = {
            row[0]: Passage(*row[1:9], path=tuple(json.loads(row[9])), text=row[10]) for row in rows
        }
        self.row_of: dict[str, int] = {passage.id: row for row, passage in self.passages.items()}
        self.windows: dict[int, int] = {row[0]: row[11] for row in rows}
        self._definitions: dict[str, list[int]] = {}
        for words, row in self._select("SELECT words, passage FROM definition"):
            self._definitions.setdefault(words, []).append(row)

    def match(self, query: str, kind: PassageKind | None = None, track: str | None = None) -> LexicalMatch:
        """BM25 and coverage of the passages with a query word, of a kind and track where they are given.

        At most the best 500 by BM25, and those that define the query's term.
        """
        words = query_words(query)
        if not words:
            return LexicalMatch({}, {}, 0.0, ())
        within, values = _where(kind, track)
        held = counts = {word: self._count(word, "", ()) for word in words}
        weights = {word: self._idf(count) for word, count in counts.items()}
        total = sum(weights.values())
        if within:
            held = {word: self._count(word, within, values) if held[word] else 0 for word in words}
        known = sum(weights[word] for word in words if held[word]) / total
        scores = self._best(counts, within, values)
        defining = self._defining(query, kind, track)
        if defining and not scores.keys() >= set(defining):
            scores |= self._bm25(words, *_one_of(defining))
        coverage = dict.fromkeys(scores, 0.0)
        for word in words:
            for row in self._rows_with(word, scores) if held[word] else ():
                coverage[row] += weights[word] / total
        return LexicalMatch(scores, coverage, known, words, tuple(row for row in defining if row in scores))

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _count(self, word: str, within: str, values: Values) -> int:
        """How many passages hold a word; with a filter 1 for any number."""
        if within:
            sql = f"SELECT count(*) FROM (SELECT 1 FROM term WHERE term MATCH ? {within} LIMIT 1)"
        else:
            sql = "SELECT count(*) FROM term WHERE term MATCH ?"
        return int(self._select(sql, (f'"{word}"', *values))[0][0])

    def _best(self, counts: Mapping[str, int], within: str, values: Values) -> dict[int, float]:
        """BM25 of the best passages. In a large corpus only those that hold one of the rarer words are
        scored: the frequent ones alone put no passage first, and every score costs a look-up."""
        rare: list[str] = []
        scored = 0
        for word in sorted((word for word in counts if counts[word]), key=lambda word: counts[word]):
            scored += counts[word]
            if rare and scored > _MOST_SCORED:
                return self._bm25(list(counts), *_one_of(self._bm25(rare, within, values)))
            rare.append(word)
        return self._bm25(rare, within, values) if rare else {}

    def _bm25(self, words: Sequence[str], within: str, values: Values) -> dict[int, float]:
        sql = (
            "SELECT rowid, -bm25(term, ?, 1.0, ?) AS score FROM term "
            f"WHERE term MATCH ? {within} ORDER BY score DESC, rowid LIMIT ?"
        )
        any_word = " OR ".join(f'"{word}"' for word in words)
        return dict(self._select(sql, (_HEADING_WEIGHT, _ASKED_WEIGHT, any_word, *values, _MOST_RANKED)))

    def _defining(self, query: str, kind: str | None, track: str | None) -> list[int]:
        return [
            row
            for row in self._definitions.get(asked_term(query), ())
            if kind in (None, self.passages[row].kind) and track in (None, self.passages[row].track)
        ]

    def _rows_with(self, word: str, among: Collection[int]) -> list[int]:
        within, values = _one_of(among)
        rows = self._select(f"SELECT rowid FROM term WHERE term MATCH ? {within}", (f'"{word}"', *values))
        return [row[0] for row in rows]

    def _idf(self, holders: int) -> float:
        """Robertson's inverse document frequency, kept positive (Lucene's form)."""
        count = len(self.passages)
        return math.log(1 + (count - holders + 0.5) / (holders + 0.5))

    def _select(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()


def _where(kind: str | None, track: str | None) -> tuple[str, Values]:
    """The part of a query that leaves passages of a kind and a track, and its values."""
    wanted = [(name, value) for name, value in (("kind", kind), ("track", track)) if value is not None]
    if not wanted:
        return "", ()
    conditions = " AND ".join(f"{name} = ?" for name, _ in wanted)
    # The plus keeps SQLite from looking each row up in the words: going through them once is faster.
    return f"AND +rowid IN (SELECT rowid FROM passage WHERE {conditions})", tuple(
        value for _, value in wanted
    )


def _one_of(rows: Collection[int]) -> tuple[str, Values]:
    return "AND +rowid IN (SELECT value FROM json_each(?))", (json.dumps(list(rows)),)


def _definitions(passages: Sequence[Passage], terms: Sequence[Term]) -> Iterator[tuple[str, int]]:
    """(key, row) of the passage where a lesson introduces each of its terms: there it stands in bold."""
    rows: dict[str, list[tuple[int, Passage]]] = {}
    for row, passage in enumerate(passages, 1):
        rows.setdefault(passage.unit, []).append((row, passage))
    for term in terms:
        uses = [(row, passage.text) for row, passage in rows.get(term.unit, []) if term.is_in(passage.text)]
        key = term_key(query_words(term.term))
        bold = [row for row, text in uses if key in terms_in_bold(text)]
        if uses:
            yield key, (bold or [uses[0][0]])[0]


@lru_cache(maxsize=65_536)
def _spelled(word: str) -> tuple[str, ...]:
    """A word's tokens in American spelling."""
    return tuple(american(part) for part in _parts(word))


def _parts(word: str) -> list[str]:
    """`nn.CrossEntropyLoss` as itself joined, and as nn, crossentropyloss, cross, entropy, loss."""
    pieces = [piece for piece in re.split(r"[._]", word) if piece]
    found = [piece.lower() for piece in pieces]
    for piece in pieces:
        camel = _CAMEL.findall(piece)
        # kNN, ReLU and L2 are one word each; CrossEntropyLoss is three as well.
        if len(camel) > 1 and sum(len(part) > 2 for part in camel) > 1:
            found += [part.lower() for part in camel]
    if len(pieces) > 1:
        found.append("".join(pieces).lower())
    return found


def _without_latex(text: str) -> str:
    """Formulas keep their names, lose their commands: `\\frac` is no word of the text."""
    return _LATEX.sub(" ", _LATEX_WORD.sub(r" \1 ", plain(text)))


def _indexed(text: str) -> str:
    return " ".join(tokens(text))
