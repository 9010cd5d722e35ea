"""The guard: citations of what was retrieved, and no oracle's words."""

from __future__ import annotations

import pytest

from knowledge.catalog import load_catalog
from knowledge.unit import ExplainQuestion
from tutor.agent.guard import Blocked, GuardedStream, Oracle, cited, find_fault, oracle_of
from tutor.speaker.speaker import Passage

IDEA = Passage("perceptron", "Idea", "A neuron adds a bias.")
SECRET = "one two three four five six seven eight nine ten"


def test_citations_are_read_once_and_in_order() -> None:
    text = "A [b-c › In code]. B [a › Idea]. C [b-c › In code]. D [not a citation]"
    assert cited(text) == [{"unit": "b-c", "section": "In code"}, {"unit": "a", "section": "Idea"}]


def test_a_citation_of_nothing_retrieved_is_a_fault() -> None:
    assert find_fault("So it is [perceptron › Idea].", [IDEA], Oracle()) is None
    assert "not retrieved" in str(find_fault("So [perceptron › Why].", [IDEA], Oracle()))


def test_eight_tokens_of_an_oracle_are_a_fault_unless_the_move_says_them() -> None:
    oracle = Oracle((SECRET,), ())
    assert find_fault("seven words: one two three four five six seven", [], oracle) is None
    assert find_fault(f"so: {SECRET}", [], oracle) is not None
    assert find_fault(f"so: {SECRET}", [], oracle, allowed=[SECRET]) is None
    assert find_fault(f"so: {SECRET}", [], Oracle((SECRET,), (SECRET,))) is None


def test_no_word_of_a_bad_sentence_is_let_through() -> None:
    shown: list[str] = []
    stream = GuardedStream(shown.append, lambda text: find_fault(text, [], Oracle((SECRET,))))
    for piece in ("All is well. Now one two three ", "four five six seven"):
        stream.write(piece)
    assert "".join(shown) == "All is well."
    with pytest.raises(Blocked):
        stream.write(" eight. And on.")
    assert "".join(shown) == "All is well."


def test_the_oracle_of_a_lesson_and_a_project_holds_what_judges_them() -> None:
    catalog = load_catalog()
    oracle = oracle_of(catalog, ["perceptron", "iris-knn-classifier", "density-clustering", "no-such"])
    explain = next(q for q in catalog.lesson("perceptron").front.questions if isinstance(q, ExplainQuestion))
    assert explain.ideal in oracle.secret
    assert any("def " in text for text in oracle.secret)
    assert catalog.project("iris-knn-classifier").brief in oracle.public
    assert find_fault(explain.ideal, [], oracle) is not None
    assert find_fault(explain.ask, [], oracle) is None
