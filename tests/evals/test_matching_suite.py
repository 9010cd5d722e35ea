import json
from pathlib import Path

import pytest

from evals.labelled import Judgement, leave_one_out, read_answers, read_questions
from evals.record import Sample
from evals.semeval import Asked, draw_items
from evals.suites.matching import summary
from teaching.wording import plain
from tutor_error import TutorError


def test_a_left_out_wording_is_not_among_those_it_is_measured_against() -> None:
    questions, misconceptions = read_questions()
    found: list[Judgement] = list(leave_one_out(questions, misconceptions))
    assert len(found) > 300
    for judgement in found:
        own = judgement.proposition.good if judgement.stated else judgement.proposition.bad
        assert judgement.answer not in own


def test_exemplars_are_never_scored() -> None:
    answers = tuple((f"right answer number {i}", "correct") for i in range(9))
    wrong = tuple((f"wrong answer number {i}", "contradictory") for i in range(9))
    asked = Asked("beetle/1", "beetle", "Why?", ("Because.",), (*answers, *wrong))  # type: ignore[arg-type]
    rows = list(draw_items(asked, asked, seed=1))
    assert rows == list(draw_items(asked, asked, seed=1))
    for row in rows:
        exemplars = {plain(text) for text in (*row.proposition.good[1:], *row.proposition.bad)}
        assert plain(row.answer) not in exemplars
    assert {row.label for row in rows} == {"correct", "contradictory"}


def test_a_wrong_line_of_labelled_answers_is_named(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(
        json.dumps({"id": "1", "question": "q", "answer": "a", "covers": []}) + "\n{", encoding="utf-8"
    )
    with pytest.raises(TutorError, match="line 2"):
        read_answers(path)


def test_the_summary_keeps_the_splits_apart() -> None:
    samples = [
        Sample("1", {"split": "test"}, None, {"dense.decided_right": 1.0}),
        Sample("2", {"split": "test"}, None, {"dense.decided_right": 0.0}),
        Sample("3", {"split": "dev"}, None, {"dense.decided_right": 1.0}),
    ]
    assert summary(samples) == {"dense.decided_right": 0.5, "dev.dense.decided_right": 1.0}


def test_learners_answers_are_summed_up_with_their_ranking() -> None:
    given = {"split": "answers", "labels": {"e1": "covered", "e2": "partial"}}
    sample = Sample("1", given, {"lexical": {"expectations": {"e1": 0.7, "e2": 0.2}}}, {"lexical.heard": 0.0})
    assert summary([sample]) == {"answers.lexical.heard": 0.0, "answers.lexical.auc": 1.0}
