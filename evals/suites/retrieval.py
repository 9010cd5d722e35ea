"""Does search find the section that answers, and stay silent when nothing does?

Questions are in learners' words, labelled by the section that answers them. The rule
owned here: words alone and meaning alone are measured beside the mix, as its controls,
and what the parameters were fitted on (`dev`) is never counted with the rest (`test`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Hashable, Iterator, Sequence, Set
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from evals.metrics import mean, ndcg_at, recall_at, reciprocal_rank
from evals.record import Sample
from evals.run import Context
from knowledge.catalog import Catalog
from knowledge.page import slugify
from knowledge.passage import page_of
from knowledge.search import Hit, Leg, Search, open_search

NAME = "retrieval"
DESCRIPTION = "search finds the answering section; says nothing when no section answers"
FLOORS = {"fused.recall@5": 0.85, "fused.unit@3": 0.9, "silent.outside": 0.9, "answered.covered": 0.9}
DATASET = Path(__file__).parent.parent / "datasets" / "retrieval.jsonl"
GOLD = "gold"
LEGS: tuple[Leg, ...] = ("lexical", "dense", "fused")


class Place(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    """A section of the upper level; any of the unit where there is none."""

    unit: str
    section: str | None = None


class LabelledQuestion(BaseModel):
    """One query and what a good search makes of it.

    scope: `covered`, the content answers it; `planned`, a unit that is not written would;
    `outside`, it is no question for this tutor. gold: the sections (of the page's upper
    level) each of which answers it alone, or the units, where a question was written from the
    curriculum's table without sight of the text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    split: Literal["dev", "test"]
    scope: Literal["covered", "planned", "outside"]
    query: str
    gold: tuple[Place, ...] = ()


def read_questions(path: Path = DATASET) -> list[LabelledQuestion]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [LabelledQuestion.model_validate(json.loads(line)) for line in lines if line.strip()]


def run(context: Context) -> Iterator[Sample]:
    """One sample a question; questions about units that are not written yet are left out."""
    search = open_search(context.home, context.catalog, wait_for_vectors=True)
    try:
        for question in read_questions():
            if is_answerable(question, context.catalog):
                yield _measure(search, question, context.catalog)
    finally:
        search.close()


def is_answerable(question: LabelledQuestion, catalog: Catalog) -> bool:
    return all(catalog.unit(place.unit).status != "planned" for place in question.gold)


def summary(samples: Sequence[Sample]) -> dict[str, float]:
    """Figures of the test split, then the same of the development split as `dev.*`."""
    found: dict[str, float] = {}
    for split, prefix in (("test", ""), ("dev", "dev.")):
        own = [sample for sample in samples if sample.input["split"] == split]
        for name in sorted({name for sample in own for name in sample.scores}, key=_order):
            found[prefix + name] = mean([s.scores[name] for s in own if name in s.scores])
    return found


def rank_places(hits: Sequence[Hit], gold: Set[tuple[str, str | None]], catalog: Catalog) -> list[Hashable]:
    """The sections that hits stand in, in their order; every gold section is the one item `GOLD`."""
    places = ((hit.unit, _upper_section(hit, catalog)) for hit in hits)
    return [GOLD if place in gold or (place[0], None) in gold else place for place in places]


def _upper_section(hit: Hit, catalog: Catalog) -> str:
    """The anchor of the section of the upper level that a hit's own section lies in."""
    section = page_of(catalog, catalog.unit(hit.unit)).section(hit.anchor)
    return slugify(section.path[0]) if section else hit.anchor


def _measure(search: Search, question: LabelledQuestion, catalog: Catalog) -> Sample:
    started = time.perf_counter()
    found = search.search(question.query)
    seconds = time.perf_counter() - started
    words_only = search.rank(question.query, "lexical").is_relevant
    scores: dict[str, float] = {}
    if question.scope == "covered":
        scores["answered.covered"] = float(bool(found))
        scores["lexical.answered.covered"] = float(words_only)
        for leg in LEGS:
            scores |= _rank_scores(search.rank(question.query, leg).hits, question, leg, catalog)
    else:
        scores[f"silent.{question.scope}"] = float(not found)
        scores[f"lexical.silent.{question.scope}"] = float(not words_only)
    return Sample(
        id=question.id,
        input={"query": question.query, "split": question.split, "scope": question.scope,
               "gold": [[place.unit, place.section] for place in question.gold]},
        output=[[hit.unit, hit.anchor, hit.score] for hit in found],
        scores=scores,
        seconds=seconds,
    )  # fmt: skip


def _rank_scores(
    hits: Sequence[Hit], question: LabelledQuestion, leg: Leg, catalog: Catalog
) -> dict[str, float]:
    gold = {(place.unit, place.section) for place in question.gold}
    units = {unit for unit, _ in gold}
    ranked = rank_places(hits, gold, catalog)
    sections = list(dict.fromkeys(ranked))
    return {
        f"{leg}.recall@5": recall_at(ranked, {GOLD}, 5),
        f"{leg}.ndcg@10": ndcg_at(sections, {GOLD: 1.0}, 10),
        f"{leg}.mrr": reciprocal_rank(sections, {GOLD}),
        f"{leg}.unit@1": float(bool(hits) and hits[0].unit in units),
        f"{leg}.unit@3": float(any(hit.unit in units for hit in hits[:3])),
    }


def _order(name: str) -> tuple[int, str]:
    first = name.split(".")[0]
    known = ("fused", "dense", "lexical", "answered", "silent")
    return (known.index(first) if first in known else len(known), name)
