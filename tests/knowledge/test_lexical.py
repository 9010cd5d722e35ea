from pathlib import Path

import pytest

from knowledge.lexical import LexicalIndex, query_words, tokens, write_lexical
from knowledge.page import read_page
from knowledge.passage import split_unit
from knowledge.unit import Unit

TEXTS = {
    "neighbours": "The k nearest neighbours vote for a class.",
    "loss": "`nn.CrossEntropyLoss` takes logits.",
    "penalty": "L2 regularisation shrinks weights; L1 makes many of them zero.",
    "descent": "SGD takes a step after each minibatch, along −∇ of the loss with rate η.",
    "norm": "Centre and normalise the columns: $\\frac{x - \\mu}{\\sigma}$ of `X_train`.",
}


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    passages = []
    for name, text in TEXTS.items():
        unit = Unit(id=name, kind="lesson", title=name.title(), track="math", level=1)
        passages += split_unit(unit, read_page(f"## Part\n{text}\n"))
    write_lexical(tmp_path / "lexical.db", passages)
    return LexicalIndex(tmp_path / "lexical.db")


def best(index: LexicalIndex, query: str) -> str | None:
    scores = index.match(query).scores
    return index.passages[max(scores, key=lambda row: scores[row])].unit if scores else None


@pytest.mark.parametrize(
    ("query", "unit"),
    [
        ("kNN", "neighbours"),
        ("k-NN", "neighbours"),
        ("k-nearest neighbors", "neighbours"),
        ("nn.CrossEntropyLoss", "loss"),
        ("CrossEntropyLoss", "loss"),
        ("cross-entropy", "loss"),
        ("L2", "penalty"),
        ("what is l1?", "penalty"),
        ("regularization", "penalty"),
        ("stochastic gradient descent", "descent"),
        ("mini-batches", "descent"),
        ("eta", "descent"),
        ("normalizing", "norm"),
        ("centering", "norm"),
        ("sigma", "norm"),
        ("X_train", "norm"),
    ],
)
def test_a_term_is_found_however_it_is_written(index: LexicalIndex, query: str, unit: str) -> None:
    assert best(index, query) == unit


@pytest.mark.parametrize("query", ["", "   ", "what is the", '"" OR *', "(((", "NEAR(", "frac", "日本"])
def test_a_query_without_a_known_word_matches_nothing_and_raises_nothing(
    index: LexicalIndex, query: str
) -> None:
    assert index.match(query).scores == {}


@pytest.mark.parametrize(
    "query", ['weights" OR "loss', "weights'); DROP TABLE passage; --", "weights AND NOT"]
)
def test_query_syntax_is_read_as_words(index: LexicalIndex, query: str) -> None:
    assert index.match(query).scores
    assert len(index.passages) == len(TEXTS)


def test_coverage_is_the_idf_share_of_the_query_words(index: LexicalIndex) -> None:
    whole = index.match("logits")
    half = index.match("logits unheardof")
    assert max(whole.coverage.values()) == pytest.approx(1.0)
    # The unknown word is rarer than any known one, so it weighs more than half.
    assert 0 < max(half.coverage.values()) == half.known < 0.5


def test_words_that_no_passage_holds_together_may_still_all_be_known(index: LexicalIndex) -> None:
    apart = index.match("logits minibatch")
    assert apart.known == pytest.approx(1.0)
    assert max(apart.coverage.values()) < 0.9


def test_a_filter_keeps_the_scores_of_what_it_lets_through(index: LexicalIndex) -> None:
    every = index.match("loss")
    assert len(every.scores) == 2
    for row, score in every.scores.items():
        assert index.match("loss", {row}).scores == {row: score}


def test_stop_words_are_dropped_and_the_statistic_called_mean_is_kept() -> None:
    assert query_words("what does the gradient mean?") == ("gradient",)
    assert query_words("how is the mean computed") == ("mean", "computed")


def test_spellings_and_symbols_become_one_token() -> None:
    assert tokens("Regularisation of neighbours") == ["regularization", "of", "neighbors"]
    assert tokens("precise noise") == ["precise", "noise"]
    assert "alpha" in tokens("α") and "x1" in tokens("x₁")


def test_a_pasted_file_is_a_query_like_any_other(index: LexicalIndex) -> None:
    pasted = "logits " + " ".join(f"word{number}" for number in range(20_000))
    assert best(index, pasted) == "loss"
    assert len(query_words(pasted)) == 64
