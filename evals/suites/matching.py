"""Does the tutor hear an idea when a learner says it, and only then?

Answers to explain questions in learners' words, labelled by the ideas that they state, and
every authored wording of the content as if a learner had said it. The one rule owned here:
a wording is never measured against a question that contains it. The shipped weights saw the
answers of `answers.jsonl` (figures `answers.*`) and the network that reads pairs saw the authored
wordings (`authored.*`): those guard against a change for the worse;
what holds for units that the weights never saw is in docs/answer-matching.md.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evals.labelled import LabelledAnswer, leave_one_out, read_answers, read_questions
from evals.learner_answers import read_learner_answers
from evals.metrics import auc, mean
from evals.record import Sample
from evals.run import Context
from evals.vectors import RememberingEncoder
from knowledge.catalog import Catalog
from knowledge.embed import open_embedder
from knowledge.unit import ExplainQuestion, Misconception
from teaching.features import Encoder
from teaching.matching import COVERS, Matching, believe, match_answer

NAME = "matching"
DESCRIPTION = "ideas in free answers are heard when said and only then; misconceptions are named, not guessed"
FLOORS = {
    "dense.covered_right": 0.85, "lexical.covered_right": 0.85, "dense.decided_right": 0.92,
    "dense.not_accused": 0.9, "answers.dense.auc": 0.89, "answers.lexical.auc": 0.87,
    "answers.dense.not_disputed": 0.95, "answers.lexical.not_disputed": 0.95,
    "answers.dense.not_confirmed": 0.95, "answers.lexical.not_confirmed": 0.95,
}  # fmt: skip


def run(context: Context) -> Iterator[Sample]:
    """One sample a labelled answer, and one an authored wording left out of its own question."""
    found = open_embedder()
    # A text stands beside many answers here; it is embedded once.
    embedder = RememberingEncoder(found) if found else None
    questions, misconceptions = read_questions()
    for row in read_answers():
        yield _measure(row, questions[row.question], misconceptions, embedder)
    yield from _learners(context.catalog, embedder)
    yield from _authored(context.catalog, embedder)


def _learners(catalog: Catalog, embedder: Encoder | None) -> Iterator[Sample]:
    """Learners' answers to the content's own questions, judged as in a dialogue."""
    questions = explain_questions(catalog)
    for row in read_learner_answers():
        started = time.perf_counter()
        scores: dict[str, float] = {}
        output: dict[str, Any] = {}
        for leg, encoder in (("lexical", None), ("dense", embedder)):
            if leg == "dense" and encoder is None:
                continue
            found = match_answer(questions[row.question], row.answer, catalog.misconceptions, encoder)
            scores |= {f"{leg}.{name}": value for name, value in _heard(row.labels, found).items()}
            output[leg] = {"expectations": dict(found.expectations), "contradicted": found.contradicted}
        given = {"question": row.question, "answer": row.answer, "labels": row.labels, "split": "answers"}
        yield Sample(row.id, given, output, scores, seconds=time.perf_counter() - started)


def _heard(labels: Mapping[str, str], found: Matching) -> dict[str, float]:
    """Of the covered ideas: heard, not disputed; of the contradicted ones: not confirmed."""
    scores: dict[str, float] = {}
    covered = [name for name, label in labels.items() if label == "covered"]
    wrong = [name for name, label in labels.items() if label == "contradicts"]
    denied = set(found.contradicted) | (set(found.missed) if len(found.missed) == len(labels) else set())
    if covered:
        scores["heard"] = mean([float(name in found.covered) for name in covered])
        scores["not_disputed"] = mean([float(name not in denied) for name in covered])
    if wrong:
        scores["not_confirmed"] = mean([float(name not in found.covered) for name in wrong])
    return scores


def summary(samples: Sequence[Sample]) -> dict[str, float]:
    """Means over the samples that have a score: of the test split plainly, of the others as `dev.*`."""
    found: dict[str, float] = {}
    for split, prefix in (("test", ""), ("dev", "dev."), ("authored", "authored."), ("answers", "answers.")):
        own = [sample for sample in samples if sample.input["split"] == split]
        for name in sorted({name for sample in own for name in sample.scores}):
            found[prefix + name] = mean([s.scores[name] for s in own if name in s.scores])
    return found | _ranking([sample for sample in samples if sample.input["split"] == "answers"])


def _ranking(samples: Sequence[Sample]) -> dict[str, float]:
    """AUC of the probabilities, covered against the rest, over all pairs of an answer and an idea."""
    found: dict[str, float] = {}
    for leg in ("lexical", "dense"):
        judged = [
            (label == "covered", sample.output[leg]["expectations"][name])
            for sample in samples
            if leg in sample.output
            for name, label in sample.input["labels"].items()
        ]
        if judged:
            found[f"answers.{leg}.auc"] = auc(
                [p for is_so, p in judged if is_so], [p for is_so, p in judged if not is_so]
            )
    return found


def _measure(
    row: LabelledAnswer,
    question: ExplainQuestion,
    misconceptions: Mapping[str, Misconception],
    embedder: Encoder | None,
) -> Sample:
    started = time.perf_counter()
    legs: dict[str, Matching] = {"lexical": match_answer(question, row.answer, misconceptions)}
    if embedder is not None:
        legs["dense"] = match_answer(question, row.answer, misconceptions, embedder)
    scores: dict[str, float] = {}
    for leg, found in legs.items():
        scores |= {f"{leg}.{name}": value for name, value in _scores(row, found).items()}
    output: dict[str, Any] = {
        leg: {"expectations": dict(found.expectations), "misconception": found.misconception}
        for leg, found in legs.items()
    }
    given = {
        "question": row.question, "answer": row.answer, "covers": row.covers,
        "misconception": row.misconception, "split": row.split,
    }  # fmt: skip
    return Sample(row.id, given, output, scores, seconds=time.perf_counter() - started)


def _scores(row: LabelledAnswer, found: Matching) -> dict[str, float]:
    """Each is a mean over what it speaks of, and absent where the answer gives it nothing."""
    scores: dict[str, float] = {}
    covered = [name in row.covers for name in found.covered]
    decided = [*covered, *(name not in row.covers for name in found.missed)]
    if covered:
        scores["covered_right"] = mean([float(right) for right in covered])
    if decided:
        scores["decided_right"] = mean([float(right) for right in decided])
    scores["decided"] = len(decided) / len(found.expectations)
    if row.covers:
        scores["recall"] = mean([float(name in found.covered) for name in row.covers])
    if row.misconception:
        scores["named"] = float(found.misconception == row.misconception)
    else:
        scores["not_accused"] = float(found.misconception is None)
    return scores


def _authored(catalog: Catalog, embedder: Encoder | None) -> Iterator[Sample]:
    """A left-out wording of an idea should not be missed; what is no wording of it should not cover."""
    questions = explain_questions(catalog)
    for place, judgement in enumerate(leave_one_out(questions, catalog.misconceptions), 1):
        scores: dict[str, float] = {}
        for leg, encoder in (("lexical", None), ("dense", embedder)):
            if leg == "dense" and embedder is None:
                continue
            p = believe(judgement.answer, [judgement.proposition], encoder)[0].p
            name = "heard" if judgement.stated else "not_taken_for_it"
            scores[f"{leg}.{name}"] = float(p >= COVERS) if judgement.stated else float(p < COVERS)
        given = {
            "question": judgement.group,
            "answer": judgement.answer,
            "stated": judgement.stated,
            "split": "authored",
        }
        yield Sample(f"{judgement.group}#{place}", given, None, scores)


def explain_questions(catalog: Catalog) -> dict[str, ExplainQuestion]:
    """The explain questions of every authored lesson and case, by `unit/question`."""
    found: dict[str, ExplainQuestion] = {}
    for unit in catalog.find():
        if unit.status == "planned" or unit.kind == "project":
            continue
        source = catalog.lesson(unit.id) if unit.kind == "lesson" else catalog.case(unit.id)
        for question in source.front.questions:
            if isinstance(question, ExplainQuestion):
                found[f"{unit.id}/{question.id}"] = question
    return found
