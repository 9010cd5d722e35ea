import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from lesson_fixture import MISCONCEPTIONS, explain_question

from evals.labelled import judgements, read_answers, read_questions
from knowledge.unit import ExplainQuestion
from teaching import matching
from teaching.features import DENSE, LEXICAL, PAIRED, Proposition, read_answer
from teaching.matching import match_answer
from teaching.vector_features import cosines_over, texts_of, texts_of_answer

QUESTION = explain_question()
IDEAS = [(idea.id, text) for idea in QUESTION.expectations for text in (idea.says, *idea.variants)]
PARTS = [(idea.id, text) for idea in QUESTION.expectations for text in idea.partial]


class LetterCounts:
    """An embedder without a model: unit vectors of letter counts. Counts the texts that it encoded."""

    def __init__(self) -> None:
        self.encoded = 0

    def encode(self, texts: list[str]) -> Any:
        import numpy as np  # only this fake needs arrays

        self.encoded += len(texts)
        rows = np.array([[text.lower().count(chr(97 + i)) + 1e-3 for i in range(26)] for text in texts])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def match(text: str) -> matching.Matching:
    return match_answer(QUESTION, text, MISCONCEPTIONS)


@pytest.mark.parametrize(("idea", "text"), IDEAS)
def test_every_authored_wording_covers_its_idea_and_no_other(idea: str, text: str) -> None:
    found = match(text)
    assert idea in found.covered
    assert found.covered == (idea,)
    assert found.misconception is None


@pytest.mark.parametrize(("idea", "text"), PARTS)
def test_a_partial_answer_does_not_cover(idea: str, text: str) -> None:
    assert idea not in match(text).covered


@pytest.mark.parametrize(("idea", "text"), IDEAS)
def test_a_wording_survives_case_punctuation_contractions_and_a_typo(idea: str, text: str) -> None:
    assert idea in match(text.upper().replace(",", " ")).covered
    assert idea in match(f"I think that {text.lower()}").covered
    longest = max(text.split(), key=len)
    assert idea in match(text.replace(longest, longest[:-2] + longest[-1])).covered


def test_two_ideas_in_one_answer_are_both_covered() -> None:
    first_wordings = [IDEAS[place] for place in (0, 1, 4, 5, 8, 9)]
    for (one, said), (other, also) in itertools.permutations(first_wordings, 2):
        if one != other:
            assert {one, other} <= set(match(f"{said} {also}").covered)


@pytest.mark.parametrize(
    "text",
    [
        "The gradient does not point in the direction in which the loss increases fastest.",
        "The gradient shows the steepest way up, and going the opposite way does not lower the loss.",
        "It is false that stepping along the negative gradient decreases the loss fastest.",
        "The rate does not set how large a step the parameters take along the gradient.",
        "The learning rate never scales the gradient, so it doesn't control the step size.",
        "Too big a rate can't overshoot the minimum.",
        "Multiplying by the rate decides how much the weights change in one step. That is wrong.",
    ],
)
def test_a_negated_idea_is_never_covered(text: str) -> None:
    assert match(text).covered == ()


@pytest.mark.parametrize(
    "text",
    [
        "The gradient points in the direction in which the loss decreases fastest.",
        "Stepping along the positive gradient decreases the loss fastest.",
        "If the steps are too short the parameters jump past the highest point and never settle.",
    ],
)
def test_an_opposite_is_never_covered(text: str) -> None:
    assert match(text).covered == ()


@pytest.mark.parametrize(
    "text", ["", "because", "loss loss loss gradient rate step", "the gradient", QUESTION.ask]
)
def test_key_words_and_the_question_itself_cover_nothing(text: str) -> None:
    assert match(text).covered == ()


def test_a_misconception_is_named_by_its_belief_and_its_cues() -> None:
    for misconception in MISCONCEPTIONS.values():
        for text in (misconception.belief, *misconception.cue):
            assert match(text).misconception == misconception.id


def test_a_denied_misconception_is_not_named() -> None:
    assert match("The gradient does not point downhill, towards the minimum.").misconception is None
    assert match("A larger learning rate does not always reach the minimum faster.").misconception is None


def test_the_bands_part_the_expectations() -> None:
    for text in ("you overshoot", "the rate says how big the step is", IDEAS[0][1], "pizza"):
        found = match(text)
        assert sorted((*found.covered, *found.missed, *found.unsure)) == sorted(found.expectations)
        assert all(found.expectations[name] >= matching.COVERS for name in found.covered)
        assert all(found.expectations[name] <= matching.MISSES for name in found.missed)


def test_an_embedder_is_asked_once_for_the_authored_texts() -> None:
    encoder = LetterCounts()
    match_answer(QUESTION, "you jump over the minimum", MISCONCEPTIONS, encoder)
    first = encoder.encoded
    match_answer(QUESTION, "you jump across the minimum", MISCONCEPTIONS, encoder)
    assert encoder.encoded - first <= len(texts_of_answer("you jump across the minimum"))


def test_an_authored_wording_covers_with_an_embedder_too() -> None:
    encoder = LetterCounts()
    for idea, text in IDEAS:
        assert idea in match_answer(QUESTION, text, MISCONCEPTIONS, encoder).covered


def test_the_weights_carry_their_licence_and_name_existing_features() -> None:
    path = Path(matching.__file__).with_name("matching_model.json")
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert "CC BY-SA 4.0" in stored["notice"]
    for leg, names in (
        ("lexical", LEXICAL),
        ("dense", LEXICAL + DENSE),
        ("paired", LEXICAL + DENSE + PAIRED),
    ):
        for kind in ("bare", "exemplars"):
            for head in ("covers", "contradicts"):
                assert sorted(stored["models"][leg][kind][head]["weights"]) == sorted(names)


def test_all_features_that_are_named_are_measured_and_no_others() -> None:
    item = Proposition(QUESTION.ask, (IDEAS[0][1], IDEAS[1][1]), (PARTS[0][1],))
    assert sorted(read_answer("the gradient points up", item).features) == sorted(LEXICAL)
    texts = (*texts_of(item), *texts_of_answer("the gradient points up"))
    vectors = dict(zip(texts, LetterCounts().encode(list(texts)), strict=True))
    found = read_answer("the gradient points up", item, cosines_over(vectors))
    assert sorted(found.features) == sorted(LEXICAL + DENSE)
    paired = read_answer(
        "the gradient points up", item, cosines_over(vectors), lambda _, texts: [(1.0, -1.0)] * len(texts)
    )
    assert sorted(paired.features) == sorted(LEXICAL + DENSE + PAIRED)


def test_the_bands_of_a_verdict_part_the_plane() -> None:
    assert matching.verdict(matching.COVERS, 1.0) == "covered"
    assert matching.verdict(0.0, matching.DENIES) == "contradicts"
    assert matching.verdict(matching.MISSES, 0.0) == "missing"
    assert matching.verdict((matching.MISSES + matching.COVERS) / 2, 0.0) == "unsure"


def test_a_length_beyond_reason_is_read_in_bounded_time_and_covers_nothing_new() -> None:
    assert match("gradient and rate, " * 50_000).covered == ()


def test_features_are_those_of_the_nearest_segment() -> None:
    item = Proposition(QUESTION.ask, (IDEAS[4][1],))
    alone = read_answer("The rate sets the step.", item)
    among = read_answer("Bananas are yellow. The rate sets the step. Paris is in France.", item)
    assert among.segment == alone.segment.rstrip(".")
    assert among.features["recall"] == alone.features["recall"]


@pytest.fixture(scope="module")
def labelled() -> list[tuple[matching.Matching, Any]]:
    questions, misconceptions = read_questions()
    rows = [row for row in read_answers() if row.split == "test"]
    return [(match_answer(questions[row.question], row.answer, misconceptions), row) for row in rows]


def test_what_is_covered_on_unseen_questions_is_right(labelled: list[tuple[matching.Matching, Any]]) -> None:
    covered = [(name in row.covers) for found, row in labelled for name in found.covered]
    assert len(covered) >= 4
    assert sum(covered) / len(covered) >= 0.85


def test_what_is_missed_on_unseen_questions_was_mostly_not_said(
    labelled: list[tuple[matching.Matching, Any]],
) -> None:
    missed = [(name not in row.covers) for found, row in labelled for name in found.missed]
    assert sum(missed) / len(missed) >= 0.92


def test_no_labelled_question_is_in_both_splits() -> None:
    splits: dict[str, set[str]] = {}
    for row in read_answers():
        splits.setdefault(row.question, set()).add(row.split)
    assert all(len(found) == 1 for found in splits.values())


def test_labels_name_ideas_and_misconceptions_that_exist() -> None:
    questions, misconceptions = read_questions()
    for row in read_answers():
        question: ExplainQuestion = questions[row.question]
        assert set(row.covers) <= {idea.id for idea in question.expectations}
        assert row.misconception is None or row.misconception in question.misconceptions
    assert sum(1 for _ in judgements(read_answers(), questions, misconceptions)) > 500
