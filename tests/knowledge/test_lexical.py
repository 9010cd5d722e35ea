from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.lexical import LexicalIndex, query_words, tokens, write_lexical
from knowledge.page import read_page
from knowledge.passage import Passage, split_unit
from knowledge.terms import Term
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


def test_a_filter_keeps_the_scores_of_what_it_lets_through(tmp_path: Path) -> None:
    tracks = ("math", "classical-ml", "math")
    passages = [
        Passage(f"u{row}#p", f"u{row}", kind, track, 1, "", "Part", "p", (), f"a loss of {row} {extra}")
        for row, (kind, track, extra) in enumerate(
            zip(("lesson", "lesson", "project"), tracks, ("logits", "weights", "weights"), strict=True), 1
        )
    ]
    write_lexical(tmp_path / "lexical.db", passages)
    index = LexicalIndex(tmp_path / "lexical.db")
    every = index.match("loss weights")
    assert set(every.scores) == {1, 2, 3} and every.known == pytest.approx(1.0)
    for kind, track, rows in (
        ("lesson", None, {1, 2}), (None, "math", {1, 3}), ("lesson", "math", {1}),
        ("case_study", None, set()),
    ):  # fmt: skip
        some = index.match("loss weights", kind, track)
        assert some.scores == {row: every.scores[row] for row in rows}
        assert some.coverage == {row: every.coverage[row] for row in rows}
    assert index.match("loss weights", "lesson", "math").known < 1.0
    index.close()


def test_of_very_many_matches_the_best_are_ranked_and_the_defining_one_with_them(tmp_path: Path) -> None:
    passages = [
        Passage(
            f"u{row}#p", f"u{row}", "lesson", "math", 1, "", "Part", "p", (), f"{'loss ' * (row % 7 + 1)} x"
        )
        for row in range(900)
    ]
    # The term is introduced where it stands once among many words, which BM25 ranks last.
    passages[0] = replace(passages[0], text="The **loss** is " + "something else " * 40)
    write_lexical(tmp_path / "lexical.db", passages, [Term("loss", "u0")])
    index = LexicalIndex(tmp_path / "lexical.db")
    match = index.match("what is a loss?")
    assert match.defining == (1,) and 1 in match.scores and len(match.scores) == 501
    assert match.coverage == dict.fromkeys(match.scores, pytest.approx(1.0))
    assert min(match.scores[row] for row in match.scores if row != 1) > match.scores[1]
    index.close()


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
