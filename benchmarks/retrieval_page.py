"""The figures of retrieval as a table with intervals, and the page of the documentation made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.record import ROOT, commit
from evals.metrics import Interval, mean, ndcg_at, paired_bootstrap, recall_at
from evals.suites.retrieval import GOLD, is_answerable, rank_places, read_questions
from knowledge.catalog import load_catalog
from knowledge.ranking import Leg
from knowledge.search import open_search

LEGS: tuple[Leg, ...] = ("lexical", "dense", "fused")
NAMES = {"lexical": "BM25", "dense": "dense", "fused": "fused"}
PAGE = ROOT / "docs" / "retrieval.md"
HEAD = Path(__file__).with_name("retrieval.md")


@dataclass
class Quality:
    """nDCG@10 and recall@5 of each leg, question by question, in one order."""

    title: str
    ndcg: dict[str, list[float]] = field(default_factory=lambda: {leg: [] for leg in LEGS})
    recall: dict[str, list[float]] = field(default_factory=lambda: {leg: [] for leg in LEGS})

    def add(self, leg: Leg, ndcg: float, recall: float) -> None:
        self.ndcg[leg].append(ndcg)
        self.recall[leg].append(recall)

    def table(self) -> str:
        """Means with 95 % bootstrap intervals over questions; then fused minus the better part, paired."""
        rows = [f"**{self.title}**", "", "| leg | nDCG@10 | recall@5 |", "|---|---|---|"]
        for leg in LEGS:
            rows.append(f"| {NAMES[leg]} | {_told(self.ndcg[leg])} | {_told(self.recall[leg])} |")
        gains = [self._gain(self.ndcg), self._gain(self.recall)]
        rows.append(f"| fused − the better part | {gains[0]} | {gains[1]} |")
        return "\n".join(rows)

    def _gain(self, scores: dict[str, list[float]]) -> str:
        better = max(("dense", "lexical"), key=lambda leg: mean(scores[leg]))
        gain = paired_bootstrap(scores[better], scores["fused"])
        return f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"


def own_questions(home: Path) -> Quality:
    """The questions of `evals/datasets/retrieval.jsonl` that were kept out of all tuning."""
    catalog = load_catalog()
    asked = [
        question
        for question in read_questions()
        if question.split == "test" and question.gold and is_answerable(question, catalog)
    ]
    found = Quality(f"Our own questions, test split: {len(asked)}, over all written units")
    with open_search(home, catalog, wait_for_vectors=True) as search:
        for question in asked:
            gold = {(place.unit, place.section) for place in question.gold}
            for leg in LEGS:
                places = rank_places(search.rank(question.query, leg).hits, gold, catalog)
                distinct = list(dict.fromkeys(places))
                found.add(leg, ndcg_at(distinct, {GOLD: 1.0}, 10), recall_at(places, {GOLD}, 5))
    return found


def write_page(tables: Sequence[Quality]) -> None:
    body = "\n\n".join(quality.table() for quality in tables)
    head = HEAD.read_text(encoding="utf-8").strip()
    PAGE.write_text(f"{head}\n\n{body}\n\nMeasured at commit {commit()}.\n", encoding="utf-8")


def _told(values: Sequence[float]) -> str:
    interval = _bootstrap(values)
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def _bootstrap(values: Sequence[float]) -> Interval:
    zero = [0.0] * len(values)
    return paired_bootstrap(zero, values)
