"""Our own labelled answers to explain questions about machine learning (`datasets/matching.*`).

The development questions calibrate the weights of `teaching.matching`; the test questions
are only measured. The one rule owned here: no question is in both splits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from evals.rows import read_rows
from knowledge.content_file import parse, read_yaml
from knowledge.unit import ExplainQuestion, Misconception
from teaching.features import Proposition
from teaching.matching import propositions

Split = Literal["dev", "test"]
FOLDER = Path(__file__).with_name("datasets")


class _Questions(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    questions: list[ExplainQuestion]
    misconceptions: list[Misconception]


class LabelledAnswer(BaseModel):
    """covers: ids of the expectations that the answer states; misconception: the one it voices."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    split: Split = "test"
    question: str
    answer: str
    covers: list[str]
    misconception: str | None = None


@dataclass(frozen=True)
class Judgement:
    """Does `answer` state the proposition? `group` is the question, for folds."""

    group: str
    answer: str
    proposition: Proposition
    stated: bool


def read_questions(path: Path = FOLDER / "matching_questions.yaml") -> tuple[
    dict[str, ExplainQuestion], dict[str, Misconception]
]:  # fmt: skip
    content = parse(_Questions, read_yaml(path), path)
    return {q.id: q for q in content.questions}, {m.id: m for m in content.misconceptions}


def read_answers(path: Path = FOLDER / "matching.jsonl") -> list[LabelledAnswer]:
    """One labelled answer a line. TutorError `broken-content` names the file and the line."""
    return read_rows(path, LabelledAnswer)


def judgements(
    answers: list[LabelledAnswer],
    questions: Mapping[str, ExplainQuestion],
    misconceptions: Mapping[str, Misconception],
) -> Iterator[Judgement]:
    """Every answer against every expectation of its question and every misconception."""
    for row in answers:
        question = questions[row.question]
        ideas, wrong = propositions(question, misconceptions)
        for idea, item in zip(question.expectations, ideas, strict=True):
            yield Judgement(row.question, row.answer, item, idea.id in row.covers)
        for name, item in wrong:
            yield Judgement(row.question, row.answer, item, name == row.misconception)


def leave_one_out(
    questions: Mapping[str, ExplainQuestion], misconceptions: Mapping[str, Misconception]
) -> Iterator[Judgement]:
    """Every authored wording as if a learner had said it, against its proposition without it."""
    for name, question in questions.items():
        ideas, wrong = propositions(question, misconceptions)
        for item in (*ideas, *(item for _, item in wrong)):
            for good in item.good:
                without = tuple(text for text in item.good if text != good)
                yield Judgement(name, good, replace(item, good=without), True)
            for bad in item.bad:
                without = tuple(text for text in item.bad if text != bad)
                yield Judgement(name, bad, replace(item, bad=without), False)
