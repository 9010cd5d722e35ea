"""Token files, rates and host names: who may enter over HTTP, how often, and by which name."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from mcp_server.auth import auth_of
from mcp_server.hosts import is_loopback, known_hosts
from mcp_server.http import HttpOptions
from mcp_server.node import Node
from mcp_server.rate import RateLimit
from mcp_server.tokens import TokenFile, new_token, read_tokens
from tutor_error import TutorError

GOOD = "k" * 32


def private(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def never(error: TutorError) -> None:
    raise AssertionError(error)


def test_a_new_token_is_kept_as_its_hash_in_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "tokens.txt"
    ann, bob = new_token(file, "ann"), new_token(file, "Bob B.")
    assert file.stat().st_mode & 0o777 == 0o600
    assert ann not in file.read_text(encoding="utf-8") and len(ann) >= 32 and ann != bob
    tokens = TokenFile(file, never)
    assert (tokens.learner_of(ann), tokens.learner_of(bob)) == ("ann", "Bob B.")
    assert tokens.learner_of(ann[:-1]) is None and tokens.learner_of("") is None
    assert tokens.learner_of("\udcff") is None


def test_plain_tokens_hashes_and_comments_are_read_and_several_tokens_of_a_learner(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"x" * 40).hexdigest()
    text = f"# a class\n\nann {GOOD}\nann sha256:{digest}   \n"
    tokens = TokenFile(private(tmp_path / "t", text), never)
    assert tokens.learner_of(GOOD) == tokens.learner_of("x" * 40) == "ann"
    assert tokens.learner_of(digest) is None


@pytest.mark.parametrize(
    "line",
    ["ann", f"{GOOD}", "ann short", "ann sha256:beef", f"ann {GOOD}é", f"a/b {GOOD}",
     f"ann {GOOD}\nbob {GOOD}"],
)  # fmt: skip
def test_a_broken_line_is_named_without_showing_the_token(tmp_path: Path, line: str) -> None:
    with pytest.raises(TutorError) as caught:
        read_tokens(private(tmp_path / "t", f"# first\n{line}\n"))
    assert caught.value.code == "bad-token-file" and GOOD not in str(caught.value)


def test_a_file_that_others_may_read_is_refused_with_the_command_to_type(tmp_path: Path) -> None:
    file = private(tmp_path / "t", f"ann {GOOD}\n")
    file.chmod(0o640)
    with pytest.raises(TutorError) as caught:
        read_tokens(file)
    assert caught.value.code == "open-token-file" and f"chmod 600 {file}" in caught.value.remedy
    with pytest.raises(TutorError) as missing:
        read_tokens(tmp_path / "none")
    assert missing.value.code == "no-token-file" and "--new-token" in missing.value.remedy


def test_the_file_is_read_again_when_it_changes_and_lets_nobody_in_while_it_is_broken(tmp_path: Path) -> None:
    file, told = private(tmp_path / "t", f"ann {GOOD}\n"), list[TutorError]()
    tokens = TokenFile(file, told.append)
    fresh = tmp_path / "fresh"
    private(fresh, f"bob {GOOD}\n").replace(file)
    assert tokens.learner_of(GOOD) == "bob" and told == []
    private(fresh, f"bob {GOOD}\nnonsense\n").replace(file)
    assert tokens.learner_of(GOOD) is None and tokens.learner_of(GOOD) is None
    assert [error.code for error in told] == ["bad-token-file"]
    private(fresh, f"ann {GOOD}\n").replace(file)
    assert tokens.learner_of(GOOD) == "ann"


def test_a_rate_refuses_who_asks_too_often_and_says_when_to_come_back() -> None:
    now = [0.0]
    limit = RateLimit(2, 3, clock=lambda: now[0])
    assert [limit.wait_of("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert limit.wait_of("b") == 0
    now[0] = 0.5
    assert limit.wait_of("a") == 0 and limit.wait_of("a") == 0.5
    assert RateLimit(0, 1).wait_of("a") == 0


def test_only_named_hosts_and_pages_of_this_machine_are_welcome() -> None:
    here = known_hosts("127.0.0.1", (), ("https://app.example.org",))
    assert all(here.has(host) for host in ("127.0.0.1:8765", "localhost", "[::1]:80", "LOCALHOST:1"))
    bad = ("evil.example:8765", "localhost.evil.example", "", "127.0.0.1:8765@evil", "localhost:", "a b")
    assert not any(here.has(host) for host in bad)
    assert here.welcomes("http://localhost:3000") and here.welcomes("https://app.example.org")
    assert not any(
        here.welcomes(o) for o in ("null", "https://evil.example", "http://localhost.evil.example")
    )
    out = known_hosts("0.0.0.0", ("tutor.example.org", "10.0.0.5:8765"), ())
    assert out.has("tutor.example.org:443") and out.has("10.0.0.5:8765")
    assert not out.has("localhost") and not out.has("10.0.0.5") and not out.welcomes("http://localhost")


def test_an_address_that_others_reach_needs_tokens_and_names(tmp_path: Path) -> None:
    with pytest.raises(TutorError) as tokens:
        HttpOptions(host="0.0.0.0").check()
    assert tokens.value.code == "no-tokens" and "--new-token" in tokens.value.remedy
    with pytest.raises(TutorError) as names:
        HttpOptions(host="192.0.2.1", token_file=tmp_path).check()
    assert names.value.code == "no-hosts" and "--allow-host" in names.value.remedy
    HttpOptions(host="::1").check()
    HttpOptions(host="0.0.0.0", token_file=tmp_path, allow_hosts=("a",)).check()
    assert is_loopback("127.0.0.9") and not is_loopback("tutor.example.org")


@pytest.mark.parametrize(
    "url", ["tutor.example.org", "ftp://tutor.example.org/mcp", "https://t.example/mcp?x=1"]
)
def test_a_public_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    tokens = TokenFile(private(tmp_path / "t", f"ann {GOOD}\n"), never)
    with pytest.raises(TutorError) as caught:
        auth_of(tokens, url)
    assert caught.value.code == "bad-url"


def test_ids_name_their_server_and_another_one_says_whom_to_ask() -> None:
    a, b, alone = Node("a1"), Node("b2"), Node()
    run = a.new_run()
    assert run.startswith("run-a1-") and alone.new_run().count("-") == 1
    a.check_run(run)
    for other in (b, alone):
        with pytest.raises(TutorError) as caught:
            other.check_run(run)
        assert caught.value.code == "other-node" and "`a1`" in caught.value.message
    assert a.told_session("s") == "s@a1" and a.session("s@a1") == a.session("s") == "s"
    assert alone.told_session("me@home") == alone.session("me@home") == "me@home"
    with pytest.raises(TutorError) as elsewhere:
        b.session("s@a1")
    assert elsewhere.value.code == "other-node"
    with pytest.raises(TutorError) as named:
        Node("Node One")
    assert named.value.code == "bad-node"
