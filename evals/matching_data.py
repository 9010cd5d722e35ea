"""What the matching weights are fitted on and measured with: answers beside a proposition, labelled.

Three sources: SemEval-2013 task 7 (`semeval`), learners' answers to our own questions (`learners`),
and the questions that were written for measurement (`made`). The one rule owned here: each comes
in two kinds, `bare` with nothing but what states the idea, and `exemplars` with what comes close
and does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from evals.labelled import judgements, read_answers, read_questions
from evals.learner_answers import Pair
from evals.semeval import draw_items
from evals.semeval import read_questions as read_semeval
from teaching.features import Proposition

Kind = Literal["bare", "exemplars"]
Source = Literal["semeval", "learners", "made"]
KINDS: tuple[Kind, ...] = ("bare", "exemplars")
SEED = 20130614


@dataclass(frozen=True)
class Example:
    """An answer to judge. group: the unit or question, for folds; part: a corpus or a split, for tables."""

    source: Source
    group: str
    part: str
    answer: str
    proposition: Proposition
    covers: bool
    contradicts: bool


def semeval_training(archive: Path, kind: Kind) -> list[Example]:
    """The training split: without exemplars, or with as many as an author supplies."""
    number = 0 if kind == "bare" else None
    return list(semeval(archive, "training", good=number, bad=number))


def semeval(
    archive: Path, part: str, *, good: int | None = None, bad: int | None = None, seed: int = SEED
) -> Iterator[Example]:
    """A split of SemEval. Exemplars come from the training answers where the question is in training."""
    known = {asked.id: asked for asked in read_semeval(archive, "training")}
    for asked in read_semeval(archive, part, distinct=part == "training"):
        for row in draw_items(known.get(asked.id, asked), asked, seed=seed, good=good, bad=bad):
            covers, contradicts = row.label == "correct", row.label == "contradictory"
            yield Example("semeval", row.group, row.corpus, row.answer, row.proposition, covers, contradicts)


def learners(pairs: Iterable[Pair], kind: Kind) -> list[Example]:
    """Learners' answers idea by idea; a partial statement of an idea does not cover it."""
    return [
        Example(
            "learners", pair.unit, pair.label, pair.answer, _as(kind, pair.proposition),
            pair.label == "covered", pair.label == "contradicts",
        )
        for pair in pairs
    ]  # fmt: skip


def made(kind: Kind, split: str) -> list[Example]:
    """The answers of `datasets/matching.jsonl` in one of its splits, dev or test."""
    questions, misconceptions = read_questions()
    rows = [row for row in read_answers() if row.split == split]
    return [
        Example("made", row.group, split, row.answer, _as(kind, row.proposition), row.stated, False)
        for row in judgements(rows, questions, misconceptions)
    ]


def _as(kind: Kind, item: Proposition) -> Proposition:
    return replace(item, bad=()) if kind == "bare" else item
