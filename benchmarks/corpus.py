"""A corpus of any size made of the real one: its passages, and copies with noise in words and vectors.

The one rule owned here: a copy is as hard to search as what it was made of. A tenth of its words are
other words of the corpus, and its vectors are the real ones turned by about a third of a right angle.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.catalog import load_catalog
from knowledge.embed import Embedder
from knowledge.index import read_passages
from knowledge.lexical import LexicalIndex, write_lexical
from knowledge.passage import Passage, Window, windows
from knowledge.ranking import Semantics
from knowledge.terms import terms_of
from knowledge.vectors import PACKAGED, VectorIndex, embed_windows, write_chroma

CHANGED_WORDS = 0.1
NOISE = 0.6
"""Length of the noise that is added to a vector of length 1."""
_WORD = re.compile(r"[A-Za-z]{4,}")


@dataclass(frozen=True)
class Corpus:
    """Passages, their windows in order, and the vectors of these; real: how many passages are no copies."""

    passages: list[Passage]
    pieces: list[Window]
    vectors: Any
    real: int

    def name(self) -> str:
        count = len(self.passages)
        made = f" ({self.real} real, the others noised copies)" if count > self.real else ""
        return f"{count:,} passages{made}"


def real_corpus(home: Path, embedder: Embedder) -> Corpus:
    catalog = load_catalog()
    passages, _ = read_passages(catalog)
    pieces = [piece for passage in passages for piece in windows(passage)]
    vectors, _ = embed_windows(home / "vectors.db", pieces, embedder, catalog.root / PACKAGED)
    return Corpus(passages, pieces, vectors, len(passages))


def resized(corpus: Corpus, count: int, seed: int = 7) -> Corpus:
    """The first `count` passages of the corpus in a random order, then copies of it up to `count`."""
    chance, noise = random.Random(seed), np.random.default_rng(seed)
    places: dict[str, list[int]] = {}
    for place, piece in enumerate(corpus.pieces):
        places.setdefault(piece.passage, []).append(place)
    order = chance.sample(corpus.passages, len(corpus.passages))
    words = sorted({word for passage in corpus.passages for word in _WORD.findall(passage.text)})
    passages: list[Passage] = []
    pieces: list[Window] = []
    vectors: list[Any] = []
    for number in range(count):
        passage, edition = order[number % len(order)], number // len(order)
        own = places.get(passage.id, [])
        found = corpus.vectors[own]
        if edition:
            passage = _reworded(passage, edition, words, chance)
            found = _turned(found, noise)
        passages.append(passage)
        pieces += [replace(corpus.pieces[place], passage=passage.id) for place in own]
        vectors.append(found)
    return Corpus(passages, pieces, np.concatenate(vectors), min(count, len(order)))


def written(corpus: Corpus, folder: Path, embedder: Embedder) -> tuple[LexicalIndex, Semantics]:
    """The corpus as search opens it: words in SQLite, vectors in Chroma."""
    folder.mkdir(parents=True)
    write_lexical(folder / "lexical.db", corpus.passages, terms_of(load_catalog()))
    write_chroma(folder / "chroma", corpus.passages, corpus.pieces, corpus.vectors)
    lexical = LexicalIndex(folder / "lexical.db")
    return lexical, Semantics(VectorIndex(folder / "chroma", len(corpus.pieces)), embedder)


def _reworded(passage: Passage, edition: int, words: Sequence[str], chance: random.Random) -> Passage:
    def other(found: re.Match[str]) -> str:
        return chance.choice(words) if chance.random() < CHANGED_WORDS else found[0]

    unit = f"{passage.unit}-{edition}"
    renamed = passage.id.replace(passage.unit, unit, 1)
    return replace(passage, id=renamed, unit=unit, text=_WORD.sub(other, passage.text))


def _turned(vectors: Any, noise: np.random.Generator) -> Any:
    added = noise.normal(size=vectors.shape).astype(np.float32)
    added *= NOISE / np.maximum(np.linalg.norm(added, axis=1, keepdims=True), 1e-9)
    moved = vectors + added
    return moved / np.linalg.norm(moved, axis=1, keepdims=True)
