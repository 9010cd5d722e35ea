import pytest
from lesson_fixture import explain_question, gradient_descent

from knowledge.unit import Cloze, ClozeQuestion, NumericQuestion, OrderQuestion, PredictQuestion
from teaching.moves import Voice, excerpt, progress, question_text, vary

LESSON = gradient_descent()


def test_a_question_is_put_without_its_answer_or_reason() -> None:
    for question in LESSON.front.questions:
        text = question_text(question)
        assert question.ask in text
        assert str(getattr(question, "why", "\0")) not in text
        assert str(getattr(question, "ideal", "\0")) not in text
    numeric = NumericQuestion(id="q", kind="numeric", ask="?", answer=0.123, tolerance=0, unit="ms", why="w")
    assert "0.123" not in question_text(numeric) and "ms" in question_text(numeric)
    cloze = ClozeQuestion(
        id="q", kind="cloze", ask="?", cloze=Cloze(text="A ___.", answers=["tensor"]), why="w"
    )
    assert "tensor" not in question_text(cloze) and "A ___." in question_text(cloze)
    predict = PredictQuestion(id="q", kind="predict", ask="?", code="print(1 + 1)", answer="2", why="w")
    assert "print(1 + 1)" in question_text(predict)


def test_an_order_question_is_shown_shuffled_and_numbered() -> None:
    question = OrderQuestion(id="q", kind="order", ask="?", items=["first", "second", "third"], why="w")
    move = Voice("unit", question, "s").ask(question)
    assert sorted(move.options) == sorted(question.items) and list(move.options) != question.items
    assert all(f"{place}. {item}" in move.text for place, item in enumerate(move.options, 1))


def test_progress_names_what_was_said_and_leaves_blanks() -> None:
    question = explain_question()
    shown = progress(question, ["step-size"])
    assert shown.startswith("1 of 3 ideas so far.")
    assert question.expectations[1].says in shown and shown.count("____") == 2


def test_an_excerpt_keeps_blocks_and_fences_whole() -> None:
    code = "```python\nx = 1\n\ny = 2\n```"
    text = f"One two three.\n\n{code}\n\n{'word ' * 200}"
    assert excerpt(text, 40) == f"One two three.\n\n{code}"
    assert excerpt(code + "\n\nmore", 1) == code
    assert excerpt("short") == "short"


def test_wording_varies_with_the_place_and_repeats_for_the_same_place() -> None:
    idea = explain_question().expectations[0]
    texts = {Voice("unit", explain_question(), f"place {i}").tell(idea).text for i in range(20)}
    assert len(texts) > 1
    assert vary("same", ("a", "b", "c")) == vary("same", ("a", "b", "c"))


@pytest.mark.parametrize("kind", ["hint", "prompt", "restate"])
def test_a_helping_move_aims_at_its_idea_and_holds_no_other_text_in_its_facts(kind: str) -> None:
    question = explain_question()
    idea = question.expectations[0]
    voice = Voice("unit", question, "s")
    move = {
        "hint": voice.hint(idea.hints[0], idea),
        "prompt": voice.prompt(idea),
        "restate": voice.restate(idea),
    }[kind]
    assert (move.kind, move.expectation, move.question) == (kind, "uphill", "q3")
    assert all(fact in move.text for fact in move.facts)
