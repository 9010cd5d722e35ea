from collections import Counter
from pathlib import Path

import pytest

from evals.record import read_run
from evals.run import report, run_suites
from evals.suites import retrieval
from evals.suites.retrieval import GOLD, LabelledQuestion, is_answerable, rank_places, read_questions
from knowledge.catalog import load_catalog
from knowledge.passage import page_of
from knowledge.search import Hit

QUESTIONS = read_questions()


def test_ids_and_queries_are_used_once() -> None:
    for values in ([question.id for question in QUESTIONS], [question.query for question in QUESTIONS]):
        assert [value for value, count in Counter(values).items() if count > 1] == []


def test_the_set_has_enough_of_each_scope_in_both_splits() -> None:
    counts = Counter((question.scope, question.split) for question in QUESTIONS)
    assert min(counts["covered", "dev"], counts["covered", "test"]) >= 40
    assert min(counts["outside", "dev"], counts["outside", "test"]) >= 20
    assert min(counts["planned", "dev"], counts["planned", "test"]) >= 10


def test_covered_questions_have_gold_and_others_have_none() -> None:
    assert all(bool(question.gold) == (question.scope == "covered") for question in QUESTIONS)


def test_every_gold_section_of_a_written_unit_exists() -> None:
    catalog = load_catalog()
    missing = [
        (question.id, place.section)
        for question in QUESTIONS
        if is_answerable(question, catalog)
        for place in question.gold
        if place.section not in (None, "overview")
        and page_of(catalog, catalog.unit(place.unit)).section(place.section or "") is None
    ]
    assert missing == []


def test_a_hit_below_a_gold_section_counts_for_it() -> None:
    hits = [
        Hit(
            "perceptron",
            "lesson",
            "From one neuron to a network",
            "from-one-neuron-to-a-network",
            0.9,
            "",
            "",
        ),
        Hit("perceptron", "lesson", "Mathematics", "mathematics", 0.8, "", ""),
    ]
    ranked = rank_places(hits, {("perceptron", "idea")}, load_catalog())
    assert ranked == [GOLD, ("perceptron", "mathematics")]


def test_the_suite_runs_on_the_packaged_content_by_words_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLTUTOR_EMBEDDER", "none")
    few = [
        LabelledQuestion(
            id="a", split="test", scope="covered", query="linearly separable classes and their margin",
            gold=({"unit": "perceptron", "section": "mathematics"},),
        ),
        LabelledQuestion(id="b", split="test", scope="outside", query="how long should I boil an egg?"),
    ]  # fmt: skip
    monkeypatch.setattr(retrieval, "read_questions", lambda: few)
    path = run_suites(["retrieval"], tmp_path)
    covered, outside = read_run(path)[0].samples
    assert covered.scores["lexical.recall@5"] == 1.0
    assert covered.scores["answered.covered"] == 1.0
    assert outside.scores == {"silent.outside": 1.0, "lexical.silent.outside": 1.0}
    assert "fused.recall@5" in report(path)
