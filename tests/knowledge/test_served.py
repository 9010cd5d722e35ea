"""Vectors on a real Chroma server: built once, shared, counted, rebuilt, and done without."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from chroma_process import ChromaProcess, chroma_run
from small_content import LOSSES, CountingEmbedder, write_content, write_page

from knowledge import search as search_module
from knowledge.catalog import Catalog
from knowledge.chroma_server import ChromaServer, NotThere, collection_path
from knowledge.index import build_index, index_status, read_passages
from knowledge.passage import windows
from knowledge.search import open_search
from knowledge.served import HOMES, PREFIX, find_collection, write_collection
from knowledge.vectors import embed_windows

QUESTION = "softmax before the loss"


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaProcess]:
    with chroma_run(tmp_path_factory.mktemp("chroma")) as running:
        yield running


@pytest.fixture
def server(chroma: ChromaProcess) -> Iterator[ChromaServer]:
    """The server, with none of our collections on it."""
    opened = ChromaServer(chroma.url)
    for name in names(opened):
        opened.delete(collection_path(name))
    yield opened
    opened.close()


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return write_content(tmp_path / "content")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def names(server: ChromaServer) -> set[str]:
    return {str(found["name"]) for found in server.get(collection_path())}


def corpora(server: ChromaServer) -> set[str]:
    return names(server) - {HOMES}


def test_what_a_server_finds_equals_what_a_folder_finds(
    content: Path, tmp_path: Path, server: ChromaServer
) -> None:
    catalog = Catalog(content)
    asked: list[tuple[str, str | None, str | None]] = [
        (QUESTION, None, None), ("closest flowers", None, None), ("closest flowers", "project", None),
        ("the label of a flower", "lesson", "classical-ml"), ("distance", None, "neural-networks"),
    ]  # fmt: skip
    found: list[list[tuple[str, str, float]]] = []
    for folder, url in (("embedded", None), ("served", server.url)):
        with open_search(
            tmp_path / folder, catalog, embedder=CountingEmbedder(), chroma_url=url, wait_for_vectors=True
        ) as search:
            assert search.has_vectors and search.trouble is None
            rankings = [search.rank(text, kind=kind, track=track) for text, kind, track in asked]  # pyright: ignore[reportArgumentType]
            assert rankings[0].hits[0].ranking == "fused"
            found.append([(hit.unit, hit.section, hit.score) for one in rankings for hit in one.hits])
    assert [place[:2] for place in found[0]] == [place[:2] for place in found[1]]
    assert [place[2] for place in found[0]] == pytest.approx([place[2] for place in found[1]], abs=2e-4)


def test_a_second_home_takes_what_the_first_has_written(
    content: Path, tmp_path: Path, server: ChromaServer
) -> None:
    first = build_index(
        tmp_path / "first", Catalog(content), embedder=CountingEmbedder(), chroma_url=server.url
    )
    assert (first.state, first.vectors, first.problem) == ("ready", server.url, None)
    assert first.embedded == first.windows > 0
    second = CountingEmbedder()
    built = build_index(tmp_path / "second", Catalog(content), embedder=second, chroma_url=server.url)
    assert (built.state, second.texts, len(corpora(server))) == ("ready", [], 1)
    assert not list((tmp_path / "first" / "index").glob("vectors-*"))


def test_what_no_home_names_any_more_is_removed(content: Path, home: Path, server: ChromaServer) -> None:
    seen: list[set[str]] = []
    for edition in range(4):
        write_page(content, "losses", LOSSES + f"\nEdition {edition}.\n")
        catalog, embedder = Catalog(content), CountingEmbedder()
        if edition:
            assert index_status(home, catalog, embedder, server.url).state == "stale"
        assert build_index(home, catalog, embedder=embedder, chroma_url=server.url).state == "ready"
        seen.append(corpora(server))
    assert [len(one) for one in seen] == [1, 2, 2, 2]
    assert len(set.union(*seen)) == 4 and not any("draft" in name for name in set.union(*seen))


def test_a_collection_that_another_home_reads_is_not_removed(
    content: Path, tmp_path: Path, server: ChromaServer
) -> None:
    with open_search(
        tmp_path / "reader", Catalog(content), embedder=CountingEmbedder(), chroma_url=server.url,
        wait_for_vectors=True,
    ) as reader:  # fmt: skip
        for edition in range(3):
            write_page(content, "losses", LOSSES + f"\nEdition {edition}.\n")
            build_index(
                tmp_path / "author", Catalog(content), embedder=CountingEmbedder(), chroma_url=server.url
            )
        assert reader.rank(QUESTION).hits[0].ranking == "fused" and reader.trouble is None


def test_a_collection_with_a_window_too_few_is_built_again(
    content: Path, home: Path, server: ChromaServer
) -> None:
    catalog = Catalog(content)
    whole = build_index(home, catalog, embedder=CountingEmbedder(), chroma_url=server.url)
    (name,) = corpora(server)
    number = server.get(collection_path(name))["id"]
    lost = server.post(collection_path(number, "get"), {"limit": 1, "include": []})["ids"]
    server.post(collection_path(number, "delete"), {"ids": lost})
    assert index_status(home, catalog, CountingEmbedder(), server.url).state == "stale"
    again = build_index(home, catalog, embedder=CountingEmbedder(), chroma_url=server.url)
    assert (again.state, again.embedded, again.windows) == ("ready", 0, whole.windows)
    mended = server.get(collection_path(name))["id"]
    assert mended != number and server.get(collection_path(mended, "count")) == whole.windows


def test_half_a_collection_has_no_name_that_a_reader_looks_for(
    content: Path, home: Path, server: ChromaServer
) -> None:
    passages, _ = read_passages(Catalog(content))
    pieces = [window for passage in passages for window in windows(passage)]
    home.mkdir()
    vectors, _ = embed_windows(home / "vectors.db", pieces, CountingEmbedder())
    seen: list[set[str]] = []

    class ServerThatIsWatched(ChromaServer):
        def post(self, path: str, body: object, seconds: float | None = None) -> object:
            if path.endswith("/add"):
                seen.append(corpora(server))
                assert find_collection(server, "key") is None
            return super().post(path, body, seconds)

    watched = ServerThatIsWatched(server.url)
    with pytest.raises(KeyError):
        write_collection(watched, "key", passages[:-1], pieces, vectors)
    assert corpora(server) == set()
    written = write_collection(watched, "key", passages, pieces, vectors)
    assert corpora(server) == {f"{PREFIX}key"}
    assert all("draft" in name for names in seen for name in names) and seen
    assert written.nearest(vectors[0], None, None)[pieces[0].passage] == pytest.approx(1.0, abs=1e-5)
    watched.close()


def test_whoever_publishes_second_takes_the_first_and_leaves_no_draft(
    content: Path, home: Path, server: ChromaServer
) -> None:
    passages, _ = read_passages(Catalog(content))
    pieces = [window for passage in passages for window in windows(passage)]
    home.mkdir()
    vectors, _ = embed_windows(home / "vectors.db", pieces, CountingEmbedder())
    write_collection(server, "key", passages, pieces, vectors)
    number = server.get(collection_path(f"{PREFIX}key"))["id"]
    write_collection(server, "key", passages, pieces, vectors)
    assert corpora(server) == {f"{PREFIX}key"}
    assert server.get(collection_path(f"{PREFIX}key"))["id"] == number


def test_an_abandoned_draft_goes_and_a_young_one_and_a_strangers_stay(
    content: Path, home: Path, server: ChromaServer
) -> None:
    for name, begun in ((f"{PREFIX}draft-old-1", 1), (f"{PREFIX}draft-new-1", 2**40), ("theirs", 1)):
        server.post(collection_path(), {"name": name, "metadata": {"begun": begun}})
    build_index(home, Catalog(content), embedder=CountingEmbedder(), chroma_url=server.url)
    assert names(server) >= {f"{PREFIX}draft-new-1", "theirs"}
    with pytest.raises(NotThere):
        server.get(collection_path(f"{PREFIX}draft-old-1"))


def test_a_server_that_dies_between_two_searches_costs_neither(
    content: Path,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(search_module, "PAUSE_SECONDS", 0.0)
    with (
        chroma_run(tmp_path / "chroma") as mortal,
        open_search(
            home, Catalog(content), embedder=CountingEmbedder(), chroma_url=mortal.url, wait_for_vectors=True
        ) as search,
        caplog.at_level(logging.WARNING),
    ):
        assert search.rank(QUESTION).hits[0].ranking == "fused"
        mortal.stop()
        for _ in range(3):
            hit = search.rank(QUESTION).hits[0]
            assert (hit.unit, hit.ranking) == ("losses", "lexical")
            search.ensure_vectors()
        assert len(caplog.records) == 1 and "chroma run" in caplog.text and mortal.url in caplog.text
        assert search.trouble is not None and not search.has_vectors
        status = index_status(home, Catalog(content), CountingEmbedder(), mortal.url)
        assert (status.state, status.problem is None) == ("lexical", False)

        mortal.start()
        assert search.ensure_vectors() and search.trouble is None
        assert search.rank(QUESTION).hits[0].ranking == "fused"


def test_vectors_return_by_themselves_in_the_background(
    content: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "PAUSE_SECONDS", 0.0)
    with (
        chroma_run(tmp_path / "chroma") as mortal,
        open_search(
            home, Catalog(content), embedder=CountingEmbedder(), chroma_url=mortal.url, wait_for_vectors=True
        ) as search,
    ):
        mortal.stop()
        assert search.rank(QUESTION).hits[0].ranking == "lexical"
        mortal.start()
        assert search.rank(QUESTION).hits[0].ranking == "lexical"
        for thread in threading.enumerate():
            if thread.name == "vectors-again":
                thread.join(timeout=30)
        assert search.has_vectors
        assert search.rank(QUESTION).hits[0].ranking == "fused"
