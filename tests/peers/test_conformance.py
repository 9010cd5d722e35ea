"""The protocol's official conformance suite against the product's server, over HTTP on loopback.

Whole with the suite's fixtures on the product's server object; and on the server as it is wherever a
scenario asks for nothing but a server.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from peer import CONFORMANCE, PATIENCE, record

REVISIONS = ("2025-11-25", "2026-07-28")
EXTENSION = "tasks-"
"""Scenarios of an extension that the server does not have, and that no requirement set counts."""
FOR_ANY_SERVER = {
    "2025-11-25": (
        "server-initialize",
        "server-session-lifecycle",
        "ping",
        "tools-list",
        "resources-list",
        "prompts-list",
        "server-sse-multiple-streams",
        "dns-rebinding-protection",
    ),
    "2026-07-28": (
        "tools-list",
        "resources-list",
        "prompts-list",
        "server-sse-multiple-streams",
        "dns-rebinding-protection",
        "caching",
        "sep-2164-resource-not-found",
    ),
}


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_server_meets_every_requirement_of_a_revision(
    revision: str, product_with_fixtures: str, peers_node: str, tmp_path: Path
) -> None:
    done = _judge(peers_node, tmp_path, product_with_fixtures, "--requirements", revision)
    summary = done.stdout[done.stdout.rfind("=== SUMMARY") :]
    record(f"conformance {revision}", f"exit {done.returncode}\n{summary}")
    failed = _failed(done.stdout)
    assert done.returncode == 0, f"{failed}\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
    assert _passed(done.stdout) > 70, done.stdout[-3000:]
    assert [name for name in failed if not name.startswith(EXTENSION)] == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_server_as_it_is_passes_what_needs_no_fixture(
    revision: str, product: str, peers_node: str, tmp_path: Path
) -> None:
    done = _judge(peers_node, tmp_path, product, "--requirements", revision)
    passed = set(re.findall(r"^✓ ([\w-]+): [1-9]\d* passed", done.stdout, re.MULTILINE))
    assert set(FOR_ANY_SERVER[revision]) <= passed, f"{done.stdout[-3000:]}{done.stderr[-1000:]}"


def _judge(node: str, folder: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [node, str(CONFORMANCE), "server", "--url", url, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def _failed(told: str) -> list[str]:
    return re.findall(r"^✗ ([\w-]+):", told, re.MULTILINE)


def _passed(told: str) -> int:
    total = re.search(r"^Total: (\d+) passed", told, re.MULTILINE)
    return int(total.group(1)) if total else 0
