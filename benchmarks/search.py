"""Search: how soon it answers, warm and from a cold start, and how soon its index is built.

    python -m benchmarks.search [--full] [--quick] [--write]

Warm: our fused search beside BM25 alone and beside sentence-transformers with a plain Chroma query,
on the same words and vectors, query by query in turn. Cold: the command line itself in a prepared home.
"""

from __future__ import annotations

import argparse
import gc
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpus import Corpus, real_corpus, resized, written
from benchmarks.record import Row, compare, replace
from benchmarks.starting import START_GOALS, build_rows, start_rows
from evals.suites.retrieval import read_questions
from knowledge.chroma_folder import open_client
from knowledge.embed import Embedder, open_embedder
from knowledge.lexical import LexicalIndex, query_words
from knowledge.quick_embed import QuickEmbedder, export_graph, quick_embedder
from knowledge.ranking import rank_passages

COMMAND = "python -m benchmarks"
FULL_COMMAND = "python -m benchmarks.search --full --write"
SIZES = (500,)
FULL_SIZES = (10_000, 100_000)
BM25 = "BM25 alone (SQLite FTS5)"
PLAIN = "sentence-transformers and a Chroma query"
GOALS = START_GOALS
_SHOWN = 5
_WARMING = 20


def rows(rounds: int, full: bool = False, quick: bool = False) -> list[Row]:
    """rounds: each asks all queries, in another order. full: the large corpora alone.

    Empty where there is no embedder.
    """
    embedder = open_embedder()
    if embedder is None:
        return []
    found: list[Row] = []
    queries = _queries(20 if quick else 100)
    with tempfile.TemporaryDirectory(prefix="mltutor-search-") as folder:
        home = Path(folder)
        export_graph(home, embedder)
        real = real_corpus(home, embedder)
        for size in FULL_SIZES if full else SIZES:
            corpus = resized(real, size)
            found += warm_rows(corpus, home / str(size), home, embedder, queries, rounds)
        if not full:
            found += start_rows(home, rounds)
            found += build_rows(home, max(1, rounds - 1))
    return found


def warm_rows(
    corpus: Corpus, folder: Path, home: Path, embedder: Embedder, queries: Sequence[str], rounds: int
) -> list[Row]:
    quick = quick_embedder(home, embedder)
    assert isinstance(quick, QuickEmbedder) and quick.has_graph
    lexical, semantics = written(corpus, folder, quick)
    client = open_client(folder / "chroma")
    collection = client.get_collection("windows", embedding_function=None)
    ways: list[Callable[[str], object]] = [
        lambda query: rank_passages(query, lexical, semantics).hits[:_SHOWN],
        lambda query: plain_bm25(lexical, query),
        lambda query: plain_chroma(collection, embedder, query),
    ]
    try:
        measured = interleave(ways, queries, rounds)
        command = COMMAND if len(corpus.passages) in SIZES else FULL_COMMAND
        return _told(f"search, warm, {corpus.name()}", measured, command)
    finally:
        lexical.close()
        semantics.vectors.close()
        client.close()


def interleave(
    ways: Sequence[Callable[[str], object]], queries: Sequence[str], rounds: int
) -> list[list[list[float]]]:
    """Milliseconds by way, round and query. A query goes to all ways in turn; a few go before, unmeasured."""
    chance = random.Random(7)
    found: list[list[list[float]]] = [[] for _ in ways]
    for query in queries[:_WARMING]:
        for way in ways:
            way(query)
    for _ in range(rounds):
        gc.collect()
        asked = chance.sample(list(queries), len(queries))
        times = [[_milliseconds(way, query) for way in ways] for query in asked]
        for one, column in zip(found, zip(*times, strict=True), strict=True):
            one.append(list(column))
    return found


def plain_bm25(lexical: LexicalIndex, query: str) -> list[Any]:
    """What SQLite does alone with the query's words: the ids and texts of the best five passages."""
    words = " OR ".join(f'"{word}"' for word in query_words(query))
    if not words:
        return []
    ranked = "SELECT rowid FROM term WHERE term MATCH ? ORDER BY bm25(term) LIMIT ?"
    best = [row[0] for row in lexical._select(ranked, (words, _SHOWN))]
    return [lexical.passages[row] for row in best]


def plain_chroma(collection: Any, embedder: Embedder, query: str) -> Any:
    """What most programs do: embed the query with sentence-transformers, ask Chroma for the best five."""
    vector = embedder.encode([query])[0]
    return collection.query(query_embeddings=[vector], n_results=_SHOWN)


def _told(name: str, measured: list[list[list[float]]], command: str) -> list[Row]:
    found: list[Row] = []
    for percent in (50, 99):
        ours, *theirs = [[float(np.percentile(times, percent)) for times in way] for way in measured]
        for peer, values in zip((BM25, PLAIN), theirs, strict=True):
            found.append(compare(f"{name}, p{percent}", "ms", ours, peer, values, command))
    return found


def _queries(count: int) -> list[str]:
    """Questions of the evaluation that content answers, in learners' words."""
    asked = [question.query for question in read_questions() if question.scope == "covered"]
    return random.Random(7).sample(asked, min(count, len(asked)))


def _milliseconds(way: Callable[[str], object], query: str) -> float:
    began = time.perf_counter()
    way(query)
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure search.")
    parser.add_argument("--full", action="store_true", help="10,000 and 100,000 passages instead")
    parser.add_argument("--quick", action="store_true", help="one round: does it work?")
    parser.add_argument("--write", action="store_true", help="put the rows into docs/benchmarks.json")
    options = parser.parse_args()
    measured = rows(1 if options.quick else 3, options.full, options.quick)
    for row in measured:
        theirs = f"; {row.peer} {row.peer_value} {row.unit}; {row.ratio} times better" if row.peer else ""
        print(f"{row.name}: {row.value} {row.unit}{theirs} {row.interval}", flush=True)
    if options.write and measured and not options.quick:
        replace(measured)


if __name__ == "__main__":
    main()
