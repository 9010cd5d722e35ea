"""The MCP Inspector's command line, a client that nobody here wrote, strict about what the tools declare.

Each step is a process of its own, as the Inspector works: over stdio it starts the server anew.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from peer import INSPECTOR, PATIENCE, PRODUCT, environment, record

TOOLS = {
    "search_curriculum", "list_units", "read_unit", "recommend_next", "plan_study",
    "start_project", "run_code", "check_project", "grade_project", "give_hint",
    "ask_question", "answer_question", "record_prediction", "explain_report", "progress",
    "review_due", "start_run", "get_run", "cancel_run", "sandbox_status",
    "place_learner", "explain_progress", "show_solution",
}  # fmt: skip
ERAS = ("legacy", "modern")
PASSED_ON = ("MLTUTOR_HOME", "MLTUTOR_EMBEDDER", "PYTHONPATH")
"""What a host would not hand on by itself."""


class Inspector:
    """One target, asked step by step."""

    def __init__(self, node: str, home: Path, target: Sequence[str], era: str) -> None:
        self._command = [node, str(INSPECTOR), "--cli"]
        self._target = [*target, "--protocol-era", era, "--connect-timeout", str(int(1000 * PATIENCE))]
        self._home = home

    def ask(self, method: str, *options: str) -> Any:
        """The result of `method`; nothing may be said beside it, but what the Inspector says of itself."""
        command = [*self._command, *self._target, "--method", method, "--format", "json", *options]
        done = subprocess.run(
            command,
            cwd=self._home.parent,
            env=environment(self._home)
            | {"HOME": str(self._home.parent), "MCP_INSPECTOR_SECRET_STORE": "memory"},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, f"{done.stdout[-500:]}{done.stderr[-2000:]}"
        said = [line for line in done.stderr.splitlines() if line and not line.startswith("[mcp-inspector]")]
        assert not said, said
        return json.loads(done.stdout)["result"]

    def call(self, tool: str, **arguments: Any) -> Any:
        told = json.dumps(arguments)
        return self.ask("tools/call", "--tool-name", tool, "--tool-args-json", told)


@pytest.fixture
def inspector_over_stdio(peers_node: str, tmp_path: Path, era: str) -> Inspector:
    home = tmp_path / "home"
    given = environment(home)
    settings = [part for name in PASSED_ON for part in ("-e", f"{name}={given[name]}")]
    return Inspector(peers_node, home, [*PRODUCT, *settings], era)


@pytest.fixture
def inspector_over_http(peers_node: str, tmp_path: Path, era: str, product: str) -> Inspector:
    return Inspector(peers_node, tmp_path / "home", ["--server-url", product, "--transport", "http"], era)


@pytest.mark.parametrize("era", ERAS)
def test_all_tools_are_strictly_portable_over_stdio(inspector_over_stdio: Inspector, era: str) -> None:
    _assert_lists_all_tools(inspector_over_stdio, f"stdio, {era}")


@pytest.mark.parametrize("era", ["modern"])
def test_a_unit_is_read_over_stdio(inspector_over_stdio: Inspector) -> None:
    _assert_reads(inspector_over_stdio)


def test_a_host_starts_the_server_by_the_entry_that_is_printed_for_it(
    peers_node: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    given = environment(home)
    command = [*PRODUCT, "--print-config", "claude-code"]
    printed = subprocess.run(command, env=given, capture_output=True, text=True, check=True, timeout=PATIENCE)
    entry = json.loads(printed.stdout)
    entry["mcpServers"]["mltutor"]["env"] = {name: given[name] for name in PASSED_ON}
    config = tmp_path / "host.json"
    config.write_text(json.dumps(entry), encoding="utf-8")
    _assert_runs(Inspector(peers_node, home, ["--config", str(config), "--server", "mltutor"], "legacy"))


@pytest.mark.parametrize("era", ERAS)
def test_all_tools_are_strictly_portable_over_http(inspector_over_http: Inspector, era: str) -> None:
    _assert_lists_all_tools(inspector_over_http, f"http, {era}")


@pytest.mark.parametrize("era", ERAS)
def test_resources_and_prompts_are_listed_over_http(inspector_over_http: Inspector) -> None:
    assert "resources" in inspector_over_http.ask("resources/list")
    templates = inspector_over_http.ask("resources/templates/list")["resourceTemplates"]
    assert {template["uriTemplate"] for template in templates} >= {
        "unit://{id}",
        "programme://{id}",
        "report://{attempt}",
    }
    prompts = inspector_over_http.ask("prompts/list")["prompts"]
    assert prompts and all(prompt["description"] for prompt in prompts)


@pytest.mark.parametrize("era", ERAS)
def test_code_runs_and_a_unit_is_read_over_http(inspector_over_http: Inspector) -> None:
    _assert_runs(inspector_over_http)
    _assert_reads(inspector_over_http)


def _assert_lists_all_tools(inspector: Inspector, way: str) -> None:
    tools = inspector.ask("tools/list", "--strict")["tools"]
    assert {tool["name"] for tool in tools} == TOOLS
    assert all(tool["description"] and tool["annotations"]["title"] for tool in tools)
    record(f"inspector {way}", f"exit 0: strict, no problem reported in {len(tools)} tools")


def _assert_runs(inspector: Inspector) -> None:
    run = inspector.call("run_code", code="print(6 * 7)")["structuredContent"]
    assert (run["outcome"], run["stdout"]) == ("ok", "42\n")


def _assert_reads(inspector: Inspector) -> None:
    unit = inspector.call("read_unit", id="perceptron")
    assert "decision boundary" in unit["content"][0]["text"]
    assert not unit.get("isError")
