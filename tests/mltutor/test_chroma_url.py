"""The setting `chroma_url` on the command line, with a server that is away."""

from __future__ import annotations

import pytest

from tests.knowledge.chroma_process import free_port
from tests.mltutor.conftest import Run, document

QUESTION = "what is gradient descent?"


@pytest.fixture
def away() -> str:
    return f"http://127.0.0.1:{free_port()}"


@pytest.mark.parametrize("command", ["search", "ask"])
def test_words_answer_and_one_line_says_what_to_type(mltutor: Run, away: str, command: str) -> None:
    done = mltutor(command, QUESTION, "--json", MLTUTOR_CHROMA_URL=away)
    assert done.returncode == 0 and document(done)
    told = [line for line in done.stderr.splitlines() if away in line]
    assert len(told) == 1 and "Words answer meanwhile" in told[0] and "chroma_url --unset" in told[0]


def test_status_and_doctor_tell_where_vectors_lie_and_what_is_wrong(mltutor: Run, away: str) -> None:
    assert mltutor("config", "chroma_url", away).returncode == 0
    status = document(mltutor("index", "status", "--json"))
    told = document(mltutor("doctor", "--json"))["index"]
    for found in (status, told):
        assert found["vectors"] == away and "cannot be reached" in found["problem"]
    assert mltutor("index", "build").returncode == 1
    assert mltutor("config", "chroma_url", "--unset").returncode == 0
    status = document(mltutor("index", "status", "--json"))
    assert (status["state"], status["problem"]) == ("lexical", None) and away not in status["vectors"]


def test_what_is_no_address_is_a_users_error(mltutor: Run) -> None:
    done = mltutor("search", QUESTION, MLTUTOR_CHROMA_URL="localhost:8000")
    assert done.returncode == 2 and "MLTUTOR_CHROMA_URL" in done.stderr and "http://" in done.stderr
