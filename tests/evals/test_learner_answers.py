import json
import math
from pathlib import Path

import pytest
from sklearn.metrics import cohen_kappa_score

from evals.agreement import cohen_kappa, percent_agreement
from evals.learner_answers import agreement, pairs, read_learner_answers
from evals.suites.matching import explain_questions
from knowledge.catalog import load_catalog
from tutor_error import TutorError


def test_kappa_is_scikit_learns() -> None:
    rows = read_learner_answers()[:60]
    one, other = (
        [label for row in rows for _, label in sorted(row.ratings[name].items())] for name in ("a", "b")
    )
    assert cohen_kappa(one, other) == pytest.approx(cohen_kappa_score(one, other))
    assert percent_agreement("aab", "aba") == pytest.approx(1 / 3)
    assert math.isnan(cohen_kappa([], []))


def test_every_answer_is_labelled_for_every_idea_of_a_question_of_the_content() -> None:
    catalog = load_catalog()
    rows = read_learner_answers()
    found = pairs(rows, explain_questions(catalog), catalog.misconceptions)
    assert len(rows) >= 300 and len({row.id for row in rows}) == len(rows)
    assert len(found) == sum(len(row.labels) for row in rows)
    assert all(pair.bare.bad == () and pair.bare.good == pair.proposition.good for pair in found)


def test_labels_of_other_ideas_are_refused() -> None:
    catalog = load_catalog()
    row = read_learner_answers()[0].model_copy(update={"labels": {"other": "covered"}})
    with pytest.raises(TutorError, match="labels are not those"):
        pairs([row], explain_questions(catalog), catalog.misconceptions)


def test_an_unknown_label_is_named_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    line = {"id": "1", "question": "a/q", "style": "right", "answer": "x", "labels": {"e1": "maybe"}}
    path.write_text(json.dumps(line), encoding="utf-8")
    with pytest.raises(TutorError, match=r"answers\.jsonl.*e1"):
        read_learner_answers(path)


def test_agreement_is_of_answers_with_two_ratings() -> None:
    rows = read_learner_answers()
    told = agreement(rows)
    assert told["answers"] == sum(len(row.ratings) == 2 for row in rows)
    assert 0 < told["kappa"] <= told["percent"] <= 1
