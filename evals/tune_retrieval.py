"""Fits the numbers of `knowledge/fusion.py` on the development split of the labelled questions.

    python -m evals.tune_retrieval [--home FOLDER]

It prints quality by share of the cosines, and the two regressions of relevance, to be
copied by hand after a look. The rule owned here: the test split is never read.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.metrics import mean, ndcg_at, recall_at
from evals.suites.retrieval import GOLD, LabelledQuestion, is_answerable, rank_places, read_questions
from knowledge.catalog import Catalog, load_catalog
from knowledge.fusion import Relevance
from knowledge.search import Leg, Search, open_search

SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)
PLANNED_WEIGHT = 0.5
"""A planned topic may bring up text that is near it; an outside question never may."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    catalog = load_catalog()
    questions = [
        question
        for question in read_questions()
        if question.split == "dev" and is_answerable(question, catalog)
    ]
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_search(options.home or Path(scratch), catalog, wait_for_vectors=True) as search,
    ):
        show_shares(search, [question for question in questions if question.gold], catalog)
        print(f"FUSED_RELEVANCE = {fit_relevance(search, questions, 'fused')}")
        print(f"LEXICAL_RELEVANCE = {fit_relevance(search, questions, 'lexical')}")


def show_shares(search: Search, covered: Sequence[LabelledQuestion], catalog: Catalog) -> None:
    for share in SHARES:
        ranked = [
            rank_places(
                search.rank(question.query, share=share).hits,
                {(place.unit, place.section) for place in question.gold},
                catalog,
            )
            for question in covered
        ]
        ndcg = mean([ndcg_at(list(dict.fromkeys(places)), {GOLD: 1.0}, 10) for places in ranked])
        recall = mean([recall_at(places, {GOLD}, 5) for places in ranked])
        print(f"share {share:.1f}  nDCG@10 {ndcg:.3f}  recall@5 {recall:.3f}")


def fit_relevance(search: Search, questions: Sequence[LabelledQuestion], leg: Leg) -> Relevance:
    """Logistic regression of `covered` on the evidence of one leg."""
    # Heavy: only this fit needs scikit-learn.
    from sklearn.linear_model import LogisticRegression

    found = [search.rank(question.query, leg).evidence for question in questions]
    weights = [PLANNED_WEIGHT if question.scope == "planned" else 1.0 for question in questions]
    columns = [[item.cosine, item.coverage, item.known] for item in found]
    # Typed as any: scikit-learn's own hints call its fitted arrays floats.
    model: Any = LogisticRegression(C=10.0, max_iter=5000)
    model.fit(columns, [question.scope == "covered" for question in questions], sample_weight=weights)
    intercept, cosine, coverage, known = (
        round(float(value), 2) for value in [*model.intercept_, *model.coef_.ravel()]
    )
    return Relevance(intercept, cosine, coverage, known)


if __name__ == "__main__":
    main()
