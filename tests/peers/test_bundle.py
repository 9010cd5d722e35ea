"""The bundle for desktop hosts, as the tool that made the format reads it, starts the tutor's server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters
from peer import PACKAGES, PATIENCE, environment

from mltutor.bundle import write_bundle

MCPB = PACKAGES / "@anthropic-ai" / "mcpb" / "dist"
READ = """
const { getMcpConfigForManifest } = await import(process.argv[1]);
const { readFileSync } = await import("node:fs");
const extensionPath = process.argv[2];
const manifest = JSON.parse(readFileSync(extensionPath + "/manifest.json", "utf-8"));
const options = { manifest, extensionPath, systemDirs: {}, userConfig: {}, pathSeparator: "/" };
console.log(JSON.stringify(await getMcpConfigForManifest(options)));
"""


@pytest.fixture
def opened(tmp_path: Path, peers_node: str) -> Path:
    """The bundle as a host unpacks it."""
    bundle = write_bundle(tmp_path / "dist", [sys.executable, "-m", "mltutor"])
    folder = tmp_path / "opened"
    _node(peers_node, str(MCPB / "cli" / "cli.js"), "unpack", str(bundle), str(folder))
    return folder


def test_the_formats_own_tool_finds_no_fault_in_the_manifest(opened: Path, peers_node: str) -> None:
    told = _node(peers_node, str(MCPB / "cli" / "cli.js"), "validate", str(opened / "manifest.json"))
    assert "passes" in told


def test_a_host_that_opens_the_bundle_starts_the_server(
    opened: Path, peers_node: str, tmp_path: Path
) -> None:
    told = _node(peers_node, "--input-type=module", "-e", READ, str(MCPB / "index.js"), str(opened))
    entry = json.loads(told)
    given = StdioServerParameters(
        command=entry["command"], args=entry["args"], env=environment(tmp_path / "home") | entry["env"]
    )

    async def listed() -> set[str]:
        async with Client(given, read_timeout_seconds=PATIENCE) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert "run_code" in anyio.run(listed)


def _node(node: str, *arguments: str) -> str:
    done = subprocess.run([node, *arguments], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-1000:]
    return done.stdout
