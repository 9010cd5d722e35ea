"""Answers without a model: authored sentences, whole, cited, and about the question."""

from __future__ import annotations

import pytest

from tutor.speaker.embedded import EmbeddedSpeaker, compose_answer
from tutor.speaker.extract import asked_terms, extract_answer, wants
from tutor.speaker.prose import pieces, sentences, terms
from tutor.speaker.speaker import Passage, SpeakRequest

IDEA = Passage(
    "hill-walk",
    "Idea",
    "You stand on a hill in fog. **Gradient descent** takes a step against the slope and looks again. "
    "It stops where the ground is flat. The length of a step is the **learning rate**.\n\n"
    "A step downhill lowers the loss:\n\n  w ← w − η ∇L(w)",
    1.0,
    "Walking downhill",
)
CODE = Passage(
    "hill-walk",
    "In code",
    "One step of gradient descent is one line:\n\n```python run\nw = w - eta * gradient(w)\n```\n\n"
    "Print the loss as you go.",
    0.8,
)
PITFALLS = Passage(
    "hill-walk",
    "Pitfalls",
    "- **A learning rate that is too large.** The steps leap over the valley and the loss grows.\n"
    "- **Scaling forgotten.** One long axis slows all others down.",
    0.7,
)
ALL = (IDEA, CODE, PITFALLS)


def ask(question: str, passages: tuple[Passage, ...] = ALL) -> str:
    return compose_answer(SpeakRequest("answer", question, passages=passages, next_step="Then learn."))


def test_a_sentence_and_what_it_announces_are_one_piece() -> None:
    told = pieces(IDEA.text)
    assert [piece.kind for piece in told] == ["sentence"] * 5
    assert told[4].announced.strip() == "w ← w − η ∇L(w)"
    assert pieces("Then comes the formula:")[0].dangles


def test_sentences_end_where_a_reader_ends_them() -> None:
    text = "Take a loss, e.g. the squared one. Mr. X says ‖w‖ = 0.5. Is it? Yes."
    assert sentences(text)[0] == "Take a loss, e.g. the squared one."
    assert sentences(text)[-2:] == ["Is it?", "Yes."]


def test_the_definition_comes_first_and_every_paragraph_is_cited() -> None:
    answer = ask("what is gradient descent?")
    paragraphs = answer.split("\n\n")
    assert "**Gradient descent** takes a step against the slope" in paragraphs[0]
    assert "[hill-walk › Idea]" in answer and paragraphs[-1] == "Then learn."


def test_a_definition_in_the_section_about_its_subject_is_followed_to_the_end_of_its_paragraph() -> None:
    steps = " ".join(f"Then the walker takes step {n} towards the valley below." for n in range(1, 8))
    text = f"You stand in fog.\n\nA **hill walk** is a way down by slopes. {steps} So it ends."
    about = Passage("hill-walk", "Idea", text, 1.0, "Hill walk", opens=True)
    beside = Passage("fog", "Idea", text, 1.0, "Fog", opens=True)
    assert extract_answer("what is a hill walk?", (about,))[0].markdown.endswith("So it ends.")
    assert not extract_answer("what is a hill walk?", (beside,))[0].markdown.endswith("So it ends.")


def test_every_sentence_stands_in_a_passage() -> None:
    for question in ("what is the learning rate?", "how does it walk?", "why does the loss grow?"):
        for extract in extract_answer(question, ALL):
            for piece in extract.pieces:
                assert " ".join(piece.text.split()) in " ".join(extract.passage.text.split())


def test_code_is_shown_to_those_who_ask_for_it_and_without_the_checkers_mark() -> None:
    answer = ask("show me gradient descent in numpy code")
    assert "```python\nw = w - eta" in answer and "python run" not in answer
    assert "[hill-walk › In code]" in answer
    assert "```" not in ask("what is the learning rate?")


def test_a_formula_is_shown_to_those_who_ask_for_it() -> None:
    assert "w ← w − η ∇L(w)" in ask("what is the update formula of gradient descent?")


def test_no_answer_ends_in_the_air_or_points_at_what_is_not_there() -> None:
    for question in ("what is a step?", "how do I step?", "what goes wrong with the learning rate?"):
        for extract in extract_answer(question, ALL):
            assert not extract.pieces[-1].dangles
            assert not extract.pieces[0].leans_back or extract.pieces[0] is pieces(extract.passage.text)[0]


def test_an_answer_is_never_too_long() -> None:
    long = Passage("u", "Idea", " ".join(f"Gradient descent is step number {n} of many." for n in range(80)))
    assert len(ask("what is gradient descent?", (long, IDEA, CODE)).split()) < 200


@pytest.mark.parametrize(
    ("question", "kind"),
    [("what is x?", "what"), ("why does x fail", "why"), ("how does x work", "how"),
     ("x in pytorch code", "code"), ("what is a loss function?", "what"),
     ("the equation of x", "formula"), ("common mistakes with x", "pitfall")],
)  # fmt: skip
def test_a_question_tells_what_kind_of_answer_it_wants(question: str, kind: str) -> None:
    assert wants(question) == kind


def test_words_that_only_ask_are_no_terms() -> None:
    assert asked_terms("explain the difference between a weight and a bias") == tuple(terms("weight bias"))
    assert asked_terms("explain the meaning") != ()


@pytest.mark.anyio
async def test_the_embedded_speaker_says_a_move_word_for_word() -> None:
    said: list[str] = []
    spoken = await EmbeddedSpeaker().speak(
        SpeakRequest("hint", "", text="Look at b.\n\nThen try."), said.append
    )
    assert spoken.text == "".join(said) == "Look at b.\n\nThen try." and len(said) > 3
