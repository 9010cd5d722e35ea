"""Answers in learners' words to the explain questions of the content (`datasets/answers.jsonl`).

They were written from the question alone and labelled, idea by idea, by two readers who saw the
ideas and no verdict; where the two differ a third reading decided. The one rule owned here: an
answer is labelled for every idea of its question, or the file is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from evals.agreement import cohen_kappa, percent_agreement
from evals.rows import read_rows
from knowledge.content_file import broken
from knowledge.unit import ExplainQuestion, Misconception
from teaching.features import Proposition
from teaching.matching import propositions

Stated = Literal["covered", "partial", "missing", "contradicts"]
ANSWERS = Path(__file__).with_name("datasets") / "answers.jsonl"


class LearnerAnswer(BaseModel):
    """labels: by id of the expectation, the decided ones; ratings: the same by labeller."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    question: str
    style: str
    answer: str
    labels: dict[str, Stated]
    ratings: dict[str, dict[str, Stated]] = {}

    @property
    def unit(self) -> str:
        return self.question.rpartition("/")[0]


@dataclass(frozen=True)
class Pair:
    """One answer against one idea. `proposition` has the bad wordings too, `bare` the good ones alone."""

    id: str
    unit: str
    answer: str
    idea: str
    label: Stated
    proposition: Proposition

    @property
    def bare(self) -> Proposition:
        return replace(self.proposition, bad=())


def read_learner_answers(path: Path = ANSWERS) -> list[LearnerAnswer]:
    """One answer a line. TutorError `broken-content` names the file and the line."""
    return read_rows(path, LearnerAnswer)


def pairs(
    rows: Sequence[LearnerAnswer],
    questions: Mapping[str, ExplainQuestion],
    misconceptions: Mapping[str, Misconception],
) -> list[Pair]:
    """Every answer against every idea of its question. TutorError where question or labels do not fit."""
    found: list[Pair] = []
    for row in rows:
        question = questions.get(row.question)
        wanted = {idea.id for idea in question.expectations} if question else set[str]()
        if question is None or wanted != set(row.labels):
            raise broken(
                ANSWERS, f"{row.id}: its labels are not those of the ideas of `{row.question}`",
                "Label the answer anew when its question has changed.",
            )  # fmt: skip
        ideas, _ = propositions(question, misconceptions)
        for idea, item in zip(question.expectations, ideas, strict=True):
            label = row.labels[idea.id]
            found.append(Pair(f"{row.id}#{idea.id}", row.unit, row.answer, idea.id, label, item))
    return found


def agreement(rows: Sequence[LearnerAnswer]) -> dict[str, float]:
    """Agreement of the two labellers over all pairs: of the four labels, and of covered against the rest."""
    both = [row.ratings for row in rows if set(row.ratings) == {"a", "b"}]
    one = [label for rating in both for _, label in sorted(rating["a"].items())]
    other = [label for rating in both for _, label in sorted(rating["b"].items())]
    covers = [[label == "covered" for label in labels] for labels in (one, other)]
    return {
        "answers": len(both),
        "pairs": len(one),
        "percent": percent_agreement(one, other),
        "kappa": cohen_kappa(one, other),
        "percent_covered": percent_agreement(*covers),
        "kappa_covered": cohen_kappa(*covers),
    }
