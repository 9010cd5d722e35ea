"""Servers that are away, slow, strangers or liars: every call ends in time and says what to do."""

from __future__ import annotations

import json
import logging
import socket
from pathlib import Path

import pytest
from chroma_process import ServerThatAnswers, ServerThatDrips, free_port
from small_content import CountingEmbedder, write_content

from knowledge import chroma_server
from knowledge.catalog import Catalog
from knowledge.chroma_server import (
    TOKEN,
    ChromaServer,
    ServerTrouble,
    checked_address,
    heartbeat,
    open_server,
)
from knowledge.index import build_index, index_status
from knowledge.search import open_search
from tutor_error import TutorError

ID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
LIES: list[object] = [
    [], 7, None, {}, {"id": "none"}, {"id": ID}, {"id": ID, "metadata": 3, "configuration_json": []},
    {"id": ID, "metadata": {"windows": {"id": ID}}, "configuration_json": {"hnsw": {"space": "cosine"}}},
]  # fmt: skip


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(write_content(tmp_path / "content"))


def words_answer(home: Path, catalog: Catalog, url: str) -> str:
    """The trouble that a search tells while its words answer."""
    with open_search(
        home, catalog, embedder=CountingEmbedder(), chroma_url=url, wait_for_vectors=True
    ) as search:
        hit = search.rank("softmax before the loss").hits[0]
        assert (hit.unit, hit.ranking) == ("losses", "lexical")
        assert search.trouble is not None
        return search.trouble


def test_a_server_that_is_away_costs_no_search_and_one_warning(
    catalog: Catalog, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with caplog.at_level(logging.WARNING):
        told = words_answer(tmp_path, catalog, url)
    assert [record.getMessage() for record in caplog.records] == [told]
    assert url in told and "chroma run --host 127.0.0.1" in told and "config chroma_url --unset" in told
    status = build_index(tmp_path, catalog, embedder=CountingEmbedder(), chroma_url=url)
    assert (status.state, status.vectors, status.problem is None) == ("lexical", url, False)


def test_a_server_that_drips_is_given_up_in_time(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma_server, "SEARCH_SECONDS", 0.3)
    with ServerThatDrips() as url:
        assert "gave no whole answer in 0.3 s" in words_answer(tmp_path, catalog, url)


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: json.dumps(lie)[:30])
def test_an_answer_of_another_form_is_trouble(catalog: Catalog, tmp_path: Path, lie: object) -> None:
    with ServerThatAnswers(json.dumps(lie).encode()) as url:
        told = words_answer(tmp_path, catalog, url)
        assert url in told
        assert index_status(tmp_path, catalog, CountingEmbedder(), url).problem


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [(200, b"<html>Welcome</html>", "no JSON"), (200, b"[" * 100_000, "no JSON"),
     (200, b"\xff\xfe", "no JSON"),
     (500, b'{"error": "InternalError", "message": "disk full"}', "disk full"), (404, b"{}", "404"),
     (302, b"{}", "302"), (403, b"{}", TOKEN)],
    ids=["html", "deep", "bytes", "error", "nowhere", "elsewhere", "forbidden"],
)  # fmt: skip
def test_what_is_no_answer_is_told(
    catalog: Catalog, tmp_path: Path, status: int, body: bytes, told: str
) -> None:
    with ServerThatAnswers(body, status) as url:
        assert told in words_answer(tmp_path, catalog, url)


def test_an_answer_that_is_too_long_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chroma_server, "_LONGEST_ANSWER", 1000)
    with ServerThatAnswers(b'"' + b"x" * 2000 + b'"') as url, pytest.raises(ServerTrouble, match="more than"):
        ChromaServer(url).get("/")


def test_cosines_that_are_none_are_trouble(catalog: Catalog, tmp_path: Path) -> None:
    from knowledge.served import ServedIndex

    vector = CountingEmbedder().encode(["a"])[0]
    lies = [{"ids": [["a@0"]], "distances": [[float("nan")]]}, {"ids": [["a@0"]], "distances": [[]]},
            {"ids": [["a@0"]], "distances": [[-5.0]]}, {"ids": [[3]], "distances": [[0.5]]},
            {"ids": []}]  # fmt: skip
    for lie in lies:
        with ServerThatAnswers(json.dumps(lie).encode()) as url:
            server = ChromaServer(url)
            with pytest.raises(ServerTrouble):
                ServedIndex(server, ID).nearest(vector, None, None)
            server.close()


def test_the_token_goes_to_the_server_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "tk-secret")
    answering = ServerThatAnswers(b"{}", 401)
    with answering as url:
        server = open_server(url)
        assert server is not None
        with pytest.raises(ServerTrouble) as caught:
            heartbeat(server)
        server.close()
    assert answering.headers[0]["Authorization"] == "Bearer tk-secret"
    assert TOKEN in caught.value.remedy and "tk-secret" not in f"{caught.value} {caught.value.remedy}"


def test_a_token_of_two_lines_is_refused_before_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "tk-\nsecret")
    with pytest.raises(TutorError) as caught:
        open_server("http://127.0.0.1:1")
    assert TOKEN in caught.value.message and "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8000", "ftp://h:1", "http://", "http://h:0", "http://h:99999", "http://h:x", "http://me:pw@h:1",
     "http://h:1/path", "http://h:1/?q=1", "http://h:1#x"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        checked_address(url)
    assert "pw" not in str(caught.value)


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    with ServerThatAnswers(b'{"nanosecond heartbeat": 1}') as url:
        server = ChromaServer(f"{url}")
        heartbeat(server)
        server.close()


def test_a_connection_that_the_server_closed_is_opened_anew() -> None:
    with ServerThatAnswers(b'{"nanosecond heartbeat": 1}') as url:
        server = ChromaServer(url)
        heartbeat(server)
        server._idle[0].sock.shutdown(socket.SHUT_RDWR)
        heartbeat(server)
        server.close()
