"""Does the tutor hear an idea when a learner says it, and only then?

Answers to explain questions in learners' words, labelled by the ideas that they state, and
every authored wording of the content as if a learner had said it. The one rule owned here:
a wording is never measured against a question that contains it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.labelled import LabelledAnswer, leave_one_out, read_answers, read_questions
from evals.metrics import mean
from evals.record import Sample
from evals.run import Context
from knowledge.catalog import Catalog
from knowledge.embed import open_embedder
from knowledge.unit import ExplainQuestion, Misconception
from teaching.features import Encoder
from teaching.matching import COVERS, Matching, believe, match_answer

NAME = "matching"
DESCRIPTION = "ideas in free answers are heard when said and only then; misconceptions are named, not guessed"
FLOORS = {"dense.covered_right": 0.85, "lexical.covered_right": 0.85, "dense.decided_right": 0.92,
          "dense.not_accused": 0.9}  # fmt: skip


def run(context: Context) -> Iterator[Sample]:
    """One sample a labelled answer, and one an authored wording left out of its own question."""
    embedder = open_embedder()
    questions, misconceptions = read_questions()
    for row in read_answers():
        yield _measure(row, questions[row.question], misconceptions, embedder)
    yield from _authored(context.catalog, embedder)


def match_file(path: Path, catalog: Catalog, embedder: Encoder | None = None) -> Iterator[Sample]:
    """Labelled answers of one's own: a line a JSON object `{id, question, answer, covers, misconception?}`.

    question: `unit/question` of the catalogue. TutorError `broken-content` names a wrong line;
    `unknown-question` or `unknown-unit` a question that is not there.
    """
    for row in read_answers(path):
        _, question = catalog.question(row.question)
        if isinstance(question, ExplainQuestion):
            yield _measure(row, question, catalog.misconceptions, embedder)


def summary(samples: Sequence[Sample]) -> dict[str, float]:
    """Means over the samples that have a score: of the test split plainly, of the others as `dev.*`."""
    found: dict[str, float] = {}
    for split, prefix in (("test", ""), ("dev", "dev."), ("authored", "authored.")):
        own = [sample for sample in samples if sample.input["split"] == split]
        for name in sorted({name for sample in own for name in sample.scores}):
            found[prefix + name] = mean([s.scores[name] for s in own if name in s.scores])
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
