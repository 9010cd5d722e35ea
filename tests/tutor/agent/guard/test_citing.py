"""Citations: what a section supports stays, what it does not goes, and own words are marked."""

from __future__ import annotations

import pytest

from tutor.agent.guard import OWN_WORDS, Blocked, GuardedStream, Watch, cited
from tutor.agent.guard.citing import PARTLY_OWN, Citing, place_of
from tutor.agent.guard.statement import is_statement
from tutor.speaker.speaker import Passage

IDEA = Passage("perceptron", "Idea", "A neuron adds a bias. The bias shifts the decision boundary.")
WATCH = Watch(passages=(IDEA,), sections={place_of("perceptron", "Idea"): IDEA.text})
CITED = "The bias shifts the decision boundary [perceptron › Idea]."
STRANGE = "Dropout switches off random units during training"


def say(text: str, watch: Watch = WATCH, move: str = "answer", size: int = 5) -> str:
    """What is shown of a text that comes in pieces. Raises Blocked."""
    stream = watch.stream(move, lambda _: None)
    for at in range(0, len(text), size):
        stream.write(text[at : at + size])
    return watch.finish(stream, move)


def test_citations_are_read_once_and_in_order() -> None:
    text = "A [b-c › In code]. B [a › Idea]. C [b-c › In code]. D [not a citation]"
    assert cited(text) == [{"unit": "b-c", "section": "In code"}, {"unit": "a", "section": "Idea"}]


def test_a_citation_of_nothing_retrieved_is_a_fault() -> None:
    assert WATCH.fault(CITED, "answer") is None
    assert "not among the passages" in str(WATCH.fault("So [perceptron › Why].", "answer"))
    assert "not among the passages" in str(WATCH.fault("So [Perceptron, Idea › x].", "answer"))


def test_a_citation_that_its_section_supports_stays_in_any_cut_of_the_stream() -> None:
    behind = "The bias shifts the decision boundary. [perceptron › Idea]"
    for size in (1, 3, 50):
        assert say(CITED, size=size) == CITED
        assert say(behind, size=size) == behind


def test_a_citation_that_its_section_does_not_support_goes_and_the_sentence_is_marked() -> None:
    shown = say(f"{CITED}\n\n{STRANGE} [perceptron › Idea].")
    assert shown == f"{CITED}\n\n{STRANGE}. {OWN_WORDS}"


def test_a_paragraph_is_marked_once_and_says_when_only_a_part_is_its_own() -> None:
    shown = say(f"{STRANGE}. {STRANGE} anew. {CITED}\n\n{STRANGE}. Batch size matters for noise.")
    assert shown.count(PARTLY_OWN) == 1 and shown.count(OWN_WORDS) == 1
    assert shown.index(CITED) < shown.index(PARTLY_OWN) < shown.index(OWN_WORDS)


def test_what_a_source_says_gets_its_citation_where_the_model_gave_none() -> None:
    said = "The bias shifts the decision boundary."
    assert say(said) == f"{said} [perceptron › Idea]"


def test_an_answer_of_which_nothing_can_be_traced_is_blocked() -> None:
    with pytest.raises(Blocked, match="near enough"):
        say(f"{STRANGE} [perceptron › Idea].")


@pytest.mark.parametrize(
    "talk",
    ["Good, let us go on to the next question.", "You could try that in the sandbox.", "Which way is up?",
     "I am not sure that I understood you.", "Think of a hill in fog.", "Would you like a hint?",
     "Please paste the whole error message.", "Let me know if you want an example.", "`/hint` leads you on."],
)  # fmt: skip
def test_talk_and_questions_state_nothing(talk: str) -> None:
    assert not is_statement(talk)


@pytest.mark.parametrize("fact", [STRANGE, CITED, "Newton's method divides the slope by the curvature."])
def test_facts_are_statements(fact: str) -> None:
    assert is_statement(fact)


def test_what_repeats_the_moves_facts_needs_no_mark() -> None:
    citing = Citing({}, ["The learning rate scales each step of the descent."])
    assert citing.sentence("The learning rate scales each step.") and citing.end_paragraph() == ""
    assert citing.sentence(STRANGE) and citing.end_paragraph() == f" {OWN_WORDS}"


def test_no_word_of_a_bad_sentence_is_let_through() -> None:
    shown: list[str] = []
    stream = GuardedStream(shown.append, lambda text: "bad" if "secret" in text else None)
    for piece in ("All is well. Now the sec", "ret"):
        stream.write(piece)
    assert "".join(shown) == "All is well."
    with pytest.raises(Blocked):
        stream.write(" is out. And on.")
    assert "".join(shown) == "All is well."


def test_a_block_of_code_is_shown_whole_or_not_at_all() -> None:
    shown: list[str] = []
    stream = GuardedStream(shown.append, lambda text: "bad" if "secret = 3" in text else None)
    stream.write("Look here:\n\n```python\nx = 1\ny = 2\n\nz = 3\n")
    assert "x = 1" not in "".join(shown)
    with pytest.raises(Blocked):
        stream.write("secret = 3\n```\n\nDone. ")
        stream.finish()
    assert "x = 1" not in "".join(shown)
