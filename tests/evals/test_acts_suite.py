from collections import Counter
from pathlib import Path

import pytest

from evals.metrics import f1_by_class
from evals.record import Sample
from evals.suites.acts import open_questions, read_lines, summary
from teaching.dialogue_state import DialogueState
from teaching.turn import act_of_line
from tutor_error import TutorError


def test_the_labelled_lines_are_many_distinct_and_split_by_their_words() -> None:
    rows = read_lines()
    assert len(rows) >= 300
    assert len({(row.question, row.line) for row in rows}) == len(rows)
    assert {row.question for row in rows} <= set(open_questions())
    splits = Counter(row.split for row in rows)
    assert min(splits.values()) > 40
    by_line = {row.line.lower(): row.split for row in rows}
    assert all(by_line[row.line.lower()] == row.split for row in rows)


def test_answers_are_lost_at_most_two_times_in_a_hundred() -> None:
    questions = open_questions()
    answers = [row for row in read_lines() if row.act == "answer"]
    lost = []
    for row in answers:
        state = DialogueState("", (row.question,), 0, row.question, "answer")
        if act_of_line(questions[row.question], state, row.line).kind != "answer":
            lost.append(row.line)
    assert len(lost) <= 0.02 * len(answers), lost


def test_the_summary_counts_each_split_and_each_confusion() -> None:
    def sample(name: str, act: str, said: str, split: str) -> Sample:
        right = {"words.right": float(act == said)}
        return Sample(name, {"act": act, "split": split}, {"words": said}, right, seconds=0.0)

    found = summary(
        [
            sample("1", "answer", "answer", "test"), sample("2", "answer", "question", "test"),
            sample("3", "help", "help", "test"), sample("4", "help", "help", "dev"),
        ]
    )  # fmt: skip
    assert found["answers_kept"] == 0.5 and found["words.answers_kept"] == 0.5
    assert found["macro_f1"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["answer as question"] == 1.0 and found["dev.macro_f1"] == 1.0


def test_macro_f1_agrees_with_scikit_learn() -> None:
    from sklearn.metrics import f1_score

    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("c", "a"), ("c", "c"), ("c", "c")]
    meant, said = zip(*pairs, strict=True)
    wanted = f1_score(meant, said, average="macro")
    assert sum(f1_by_class(pairs).values()) / 3 == pytest.approx(wanted)


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(TutorError, match="line 1"):
        read_lines(path)
