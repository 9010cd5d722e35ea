"""The entries for MCP hosts start the command that printed them, and the page shows them as they are."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from mltutor.bundle import manifest, write_bundle
from mltutor.hosts import (
    HOSTS,
    PUBLISHED,
    entry_to_connect,
    entry_to_start,
    in_shell,
    running_command,
    started_with,
)
from tests.mltutor.conftest import Run
from tutor_error import TutorError

ROOT = Path(__file__).parents[2]
COMMAND = ["/home/ada/mltutor/.venv/bin/mltutor", "mcp"]
URL = "https://tutor.example.org/mcp"


@pytest.mark.parametrize("name", HOSTS)
def test_the_page_shows_a_hosts_entries_as_they_are_printed(name: str) -> None:
    page = (ROOT / "docs" / "hosts.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {HOSTS[name].title}\n")[1].split("\n## ")[0]
    shown = re.findall(r"```json\n(.*?)\n```", section, re.DOTALL)
    printed = [entry_to_start(name, COMMAND).text]
    if HOSTS[name].connect is not None:
        printed.append(entry_to_connect(name, URL).text)
    assert shown == printed


def test_the_page_shows_the_command_of_a_published_mltutor() -> None:
    page = (ROOT / "docs" / "hosts.md").read_text(encoding="utf-8")
    section = page.split("\n## Once published\n")[1]
    shown = json.loads(re.findall(r"```json\n(.*?)\n```", section, re.DOTALL)[0])
    assert shown == json.loads(entry_to_start("cursor", [*PUBLISHED, "mcp"]).text)


@pytest.mark.parametrize("name", HOSTS)
def test_an_entry_names_the_command_and_its_arguments_apart(name: str) -> None:
    (servers,) = json.loads(entry_to_start(name, COMMAND).text).values()
    assert (servers["mltutor"]["command"], servers["mltutor"]["args"]) == (COMMAND[0], ["mcp"])


@pytest.mark.parametrize("name", [name for name, host in HOSTS.items() if host.connect is not None])
def test_a_server_of_this_machine_needs_no_token_and_another_does(name: str) -> None:
    here = entry_to_connect(name, "http://127.0.0.1:8765/mcp").text
    assert "Authorization" not in here and "inputs" not in here
    assert "Authorization" in entry_to_connect(name, URL).text
    assert "Authorization" in entry_to_connect(name, "http://127.0.0.1:8765/mcp", secured=True).text


def test_a_script_that_runs_is_named_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "my tools" / "mltutor"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\n", encoding="utf-8")
    script.chmod(0o755)
    assert running_command([str(script), "mcp"]) == [str(script)]
    monkeypatch.chdir(tmp_path)
    assert running_command(["my tools/mltutor"]) == [str(script)]
    monkeypatch.setenv("PATH", str(script.parent))
    assert running_command(["mltutor"]) == [str(script)]


def test_python_with_the_module_is_named_when_that_is_what_runs() -> None:
    argv = ["/usr/lib/python3/dist-packages/mltutor/__main__.py", "mcp"]
    assert running_command(argv, "/opt/py thon/bin/python") == ["/opt/py thon/bin/python", "-m", "mltutor"]


def test_a_windows_path_stands_in_json_and_in_a_line_for_its_shell() -> None:
    command = [r"C:\Program Files\mltutor\mltutor.exe", "mcp"]
    text = entry_to_start("claude-desktop", command).text
    assert json.loads(text)["mcpServers"]["mltutor"]["command"] == command[0]
    assert r"C:\\Program Files\\mltutor" in text
    assert in_shell(command, windows=True) == r'"C:\Program Files\mltutor\mltutor.exe" mcp'
    assert shlex.split(in_shell(command, windows=False)) == command


def test_home_learner_and_roots_that_were_chosen_stay_chosen(tmp_path: Path) -> None:
    assert started_with(["m"], None, None) == ["m", "mcp"]
    chosen = started_with(["m"], str(tmp_path), "ada", [tmp_path / "work"])
    home, root = str(tmp_path), str(tmp_path / "work")
    assert chosen == ["m", "--home", home, "--learner", "ada", "mcp", "--root", root]


def test_a_printed_entry_starts_a_server_from_a_path_with_spaces(mltutor: Run, tmp_path: Path) -> None:
    script = tmp_path / "my tools" / "mltutor"
    script.parent.mkdir()
    start = "from mltutor.cli import main; main()"
    script.write_text(f"#!{sys.executable}\n{start}\n", encoding="utf-8")
    script.chmod(0o755)
    home = tmp_path / "a home"
    printed = _run(script, "--home", str(home), "mcp", "--print-config", "claude-code")
    entry = json.loads(printed)["mcpServers"]["mltutor"]
    assert entry["command"] == str(script) and str(home) in entry["args"]
    assert anyio.run(_tools_of, entry) >= {"run_code", "grade_project"}


def _run(script: Path, *arguments: str) -> str:
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    given = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(
        [str(script), *arguments], env=given, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


async def _tools_of(entry: dict[str, Any]) -> set[str]:
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    given = StdioServerParameters(command=entry["command"], args=entry["args"], env={"PYTHONPATH": paths})
    async with Client(given, read_timeout_seconds=60) as client:
        return {tool.name for tool in (await client.list_tools()).tools}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--print-config", "vscod"], "vscode"),
        (["--print-config", "claude-desktop", "--transport", "http"], "without --transport http"),
        (["--print-config", "zed", "--transport", "http", "--url", "tutor.example.org"], "--url http://"),
        (["--print-config", "zed", "--url", URL], "--transport http"),
        (["--url", URL], "--print-config HOST"),
    ],
)
def test_what_cannot_be_printed_says_what_to_type(mltutor: Run, arguments: list[str], told: str) -> None:
    done = mltutor("mcp", *arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert told in done.stderr


def test_a_bundle_starts_the_installed_command_and_holds_no_code(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mltutor"]
    path = write_bundle(tmp_path / "dist", command)
    with zipfile.ZipFile(path) as bundle:
        assert set(bundle.namelist()) == {"manifest.json", "server/mltutor"}
        assert bundle.getinfo("server/mltutor").external_attr >> 16 & 0o111
        told = json.loads(bundle.read("manifest.json"))
    assert told == manifest(command)
    assert told["user_config"]["command"]["default"] == sys.executable
    assert told["server"]["mcp_config"]["args"] == ["-m", "mltutor", "mcp"]
    assert path.read_bytes() == write_bundle(tmp_path / "again", command).read_bytes()


def test_a_bundle_of_a_command_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TutorError, match="is not there"):
        write_bundle(tmp_path, [str(tmp_path / "mltutor")])


def test_the_registrys_entry_agrees_with_the_package() -> None:
    """The fields and their limits are those of the registry's documented schema of 2025-12-11."""
    entry = json.loads((ROOT / "server.json").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (package,) = entry["packages"]
    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", entry["name"]) and len(entry["name"]) <= 200
    assert 1 <= len(entry["description"]) <= 100 and 1 <= len(entry["title"]) <= 100
    assert entry["version"] == package["version"] == project["version"]
    assert (package["registryType"], package["identifier"]) == ("pypi", project["name"])
    assert package["transport"] == {"type": "stdio"}
    assert [argument["value"] for argument in package["packageArguments"]] == ["mcp"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"<!-- mcp-name: {entry['name']} -->" in readme
