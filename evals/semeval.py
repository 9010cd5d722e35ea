"""SemEval-2013 task 7 as propositions and labelled answers (Beetle, SciEntsBank; three-way labels).

The one rule owned here: a question's exemplars (the wordings an author would supply)
are drawn by a seed and never appear among the answers that are scored; an answer that says what a
reference says is an answer like any other.
"""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

from teaching.features import Proposition
from teaching.wording import plain

Label = Literal["correct", "contradictory", "incorrect"]
CORPORA = ("beetle", "sciEntsBank")
_LABELS: tuple[Label, ...] = ("correct", "contradictory", "incorrect")


@dataclass(frozen=True)
class Asked:
    """One question with its reference answers and the students' labelled answers."""

    id: str
    corpus: str
    text: str
    references: tuple[str, ...]
    answers: tuple[tuple[str, Label], ...]


@dataclass(frozen=True)
class Labelled:
    """An answer to judge against a proposition. `group` is the question, for folds."""

    group: str
    corpus: str
    answer: str
    label: Label
    proposition: Proposition


def read_questions(archive: Path, part: str, *, distinct: bool = True) -> list[Asked]:
    """`part` is "training", "unseen-answers", "unseen-questions" or "unseen-domains".

    distinct: an answer that several students gave counts once; False keeps the official number.
    """
    found: list[Asked] = []
    with zipfile.ZipFile(archive) as zipped:
        for name in sorted(zipped.namelist()):
            pieces = name.split("/")
            if not name.endswith(".xml") or pieces[1] != "3way":
                continue
            if part == ("training" if pieces[0] == "training" else pieces[3].removeprefix("test-")):
                found.append(_read_question(zipped.read(name).decode("utf-8"), pieces[2], distinct))
    return found


def _read_question(xml: str, corpus: str, distinct: bool) -> Asked:
    # The archive is a fixed research set with no entities; nothing of a learner is parsed here.
    root = ElementTree.fromstring(xml)
    references = [
        (node.text or "").strip()
        for node in root.iter("referenceAnswer")
        if node.get("category") != "KEYWORD" and (node.text or "").strip()
    ]
    answers: dict[str, tuple[str, Label]] = {}
    for number, node in enumerate(root.iter("studentAnswer")):
        text, label = (node.text or "").strip(), node.get("accuracy")
        if text and label in _LABELS:
            answers.setdefault(text.lower() if distinct else str(number), (text, label))
    return Asked(
        f"{corpus}/{root.get('id')}",
        corpus,
        (root.findtext("questionText") or "").strip(),
        tuple(references),
        tuple(answers.values()),
    )


def draw_items(
    asked: Asked,
    scored: Asked,
    *,
    seed: int,
    good: int | None = None,
    bad: int | None = None,
) -> Iterator[Labelled]:
    """Answers of `scored` against the proposition that `asked`'s references and exemplars make.

    good, bad: how many exemplars to draw; None draws as many as an authored item has (3-4, 3-6).
    """
    draw = random.Random(f"{seed}/{asked.id}")
    right = [text for text, label in asked.answers if label == "correct"]
    wrong = [text for text, label in asked.answers if label != "correct"]
    good = draw.randint(3, 4) if good is None else good
    bad = draw.randint(3, 6) if bad is None else bad
    chosen_good = draw.sample(right, min(good, max(len(right) - 1, 0)))
    chosen_bad = draw.sample(wrong, min(bad, max(len(wrong) - 1, 0)))
    item = Proposition(asked.text, (*asked.references, *chosen_good), tuple(chosen_bad))
    exemplars = {plain(text) for text in (*chosen_good, *chosen_bad)}
    for text, label in scored.answers:
        if plain(text) not in exemplars:
            yield Labelled(asked.id, asked.corpus, text, label, item)
