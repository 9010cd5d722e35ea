import threading
from pathlib import Path

import pytest
from small_content import CountingEmbedder, EmbedderThatWaits, write_content

from knowledge.catalog import Catalog
from knowledge.search import Search, open_search


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(write_content(tmp_path / "content"))


@pytest.fixture
def words(catalog: Catalog, tmp_path: Path):
    with open_search(tmp_path / "words", catalog, embedder="none") as search:
        yield search


@pytest.fixture
def fused(catalog: Catalog, tmp_path: Path):
    with open_search(
        tmp_path / "fused", catalog, embedder=CountingEmbedder(), wait_for_vectors=True
    ) as search:
        yield search


def test_an_empty_home_answers_by_words_at_once(words: Search) -> None:
    hits = words.search("Which distance between two rows is Euclidean?")
    assert (hits[0].unit, hits[0].section, hits[0].anchor) == ("neighbours", "Mathematics", "mathematics")
    assert {hit.ranking for hit in hits} == {"lexical"}
    assert not words.has_vectors and not words.ensure_vectors()


@pytest.mark.parametrize("query", ["", "  ", "?", "the of and", "how long should I boil an egg"])
def test_nothing_relevant_is_an_empty_list(words: Search, fused: Search, query: str) -> None:
    assert words.search(query) == []
    assert fused.search(query) == []


def test_a_planned_unit_is_not_found(words: Search) -> None:
    assert words.search("DBSCAN clusters") == []


def test_hits_are_ranked_bounded_and_no_more_than_asked(fused: Search) -> None:
    hits = fused.search("softmax before the loss flattens the gradient", k=3)
    assert hits[0].unit == "losses" and hits[0].anchor == "pitfalls"
    assert len(hits) <= 3
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert {hit.ranking for hit in hits} == {"fused"}


def test_filters_find_all_that_is_of_their_kind_and_track(fused: Search) -> None:
    every = fused.rank("flower").hits
    for kind, track in (("project", None), (None, "classical-ml"), ("lesson", "classical-ml")):
        units = {"flowers"} if kind == "project" else {"neighbours"} if kind else {"flowers", "neighbours"}
        found = fused.rank("flower", kind=kind, track=track).hits
        assert {hit.unit for hit in found} == units
        assert {hit.text for hit in found} == {hit.text for hit in every if hit.unit in units}


def test_each_leg_is_ranked_alone_and_says_which(fused: Search) -> None:
    for leg in ("lexical", "dense", "fused"):
        assert {hit.ranking for hit in fused.rank("closest flowers", leg).hits} == {leg}


def test_every_candidate_of_either_leg_has_a_cosine(fused: Search) -> None:
    assert len(fused.rank("Euclidean distance", "dense").hits) == len(
        fused.rank("the closest loss turnover petal", "dense").hits
    )


def test_words_answer_while_vectors_are_being_built(catalog: Catalog, tmp_path: Path) -> None:
    embedder = EmbedderThatWaits()
    with open_search(tmp_path, catalog, embedder=embedder) as search:
        builder = threading.Thread(target=search.ensure_vectors)
        builder.start()
        assert embedder.was_called.wait(timeout=30)
        assert search.rank("closest flowers").hits[0].ranking == "lexical"
        embedder.may_start.set()
        builder.join(timeout=30)
        assert search.has_vectors
        assert search.rank("closest flowers").hits[0].ranking == "fused"


def test_vectors_that_break_under_a_search_leave_it_with_words(
    fused: Search, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    assert fused._semantics is not None
    engine = fused._semantics.vectors._chroma._engine
    engine._bindings.delete_collection("windows", "default_tenant", "default_database")
    hits = fused.rank("closest flowers").hits
    assert hits[0].ranking == "lexical"
    assert "words answer" in caplog.text


def test_many_threads_get_the_same_answer(fused: Search) -> None:
    expected = fused.search("closest flowers vote")
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda: answers.append(fused.search("closest flowers vote")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert answers == [expected] * 8
