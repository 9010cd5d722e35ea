"""The published surface: both eras of the protocol, over memory and over pipes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from knowledge.catalog import load_catalog
from mcp_server.context import ServerContext
from mcp_server.server import build_server

pytestmark = pytest.mark.anyio
ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])
TOOLS = {
    "search_curriculum", "list_units", "read_unit", "recommend_next", "plan_study", "start_project",
    "run_code", "check_project", "grade_project", "give_hint", "ask_question", "answer_question",
    "record_prediction", "show_solution", "explain_report", "progress", "review_due", "start_run", "get_run",
    "cancel_run", "sandbox_status", "place_learner", "explain_progress",
}  # fmt: skip
PROMPTS = {
    "tutor", "review_my_attempt", "debug_with_me", "plan_my_week", "case_discussion", "explain_like_i_know",
}  # fmt: skip
READS = {
    "search_curriculum", "list_units", "read_unit", "recommend_next", "plan_study", "ask_question",
    "explain_report", "progress", "review_due", "sandbox_status", "place_learner",
    "explain_progress",
}  # fmt: skip


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    outcome = await client.call_tool(tool, arguments)
    assert not outcome.is_error, outcome.content
    assert outcome.structured_content is not None
    return outcome.structured_content


async def refusal(client: Client, tool: str, **arguments: Any) -> dict[str, str]:
    outcome = await client.call_tool(tool, arguments)
    assert outcome.is_error
    error = (outcome.structured_content or {})["error"]
    text = outcome.content[0].text  # pyright: ignore[reportAttributeAccessIssue]
    assert error["message"] in text and error["remedy"] in text
    return error


@ERAS
async def test_every_tool_of_the_contract_is_listed_and_described(context: ServerContext, mode: str) -> None:
    async with Client(build_server(context), mode=mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == TOOLS
    for name, tool in tools.items():
        assert tool.description and len(tool.description.split()) >= 12, name
        assert tool.output_schema is not None, name
        assert tool.annotations is not None, name
        assert tool.annotations.destructive_hint is (name == "cancel_run"), name
        assert tool.annotations.open_world_hint is False, name
        for argument, schema in tool.input_schema["properties"].items():
            told = [schema, *schema.get("anyOf", ())]
            assert schema.get("description"), (name, argument)
            texts = [one for one in told if one.get("type") == "string"]
            assert all("maxLength" in one or "enum" in one for one in texts), (name, argument)
        assert tool.annotations.read_only_hint is (name in READS), name


async def test_no_tool_takes_a_verdict(context: ServerContext) -> None:
    async with Client(build_server(context)) as client:
        for tool in (await client.list_tools()).tools:
            names = set(tool.input_schema["properties"])
            assert not names & {"score", "verdict", "correct", "passed", "mastery", "points", "learner"}


@ERAS
async def test_the_curriculum_is_read_over_both_eras(context: ServerContext, mode: str) -> None:
    async with Client(build_server(context), mode=mode) as client:
        found = await call(client, "search_curriculum", query="what is the bias of a neuron?", limit=3)
        units = await call(client, "list_units", kind="lessons", status="planned")
        page = await call(client, "read_unit", id="perceptron", section="idea")
        step = await call(client, "recommend_next")
        plan = await call(client, "plan_study", programme="dl-roadmap", minutes_a_day=45)
    assert found["hits"][0]["unit"] == "perceptron"
    assert len(units["units"]) > 200 and {unit["kind"] for unit in units["units"]} == {"lesson"}
    assert page["markdown"].startswith("# Neurons") and "## Why" not in page["markdown"]
    assert step["unit"] and step["reason"]
    assert plan["minutes_a_day"] == 45 and plan["days"]


async def test_a_refusal_names_the_remedy(context: ServerContext) -> None:
    async with Client(build_server(context)) as client:
        unknown = await refusal(client, "read_unit", id="percptron")
        kind = await refusal(client, "list_units", kind="lesion")
        planned = await refusal(client, "read_unit", id="density-clustering")
    assert unknown["code"] == "unknown-unit" and "perceptron" in unknown["remedy"]
    assert kind["code"] == "unknown-kind" and "lesson" in kind["remedy"]
    assert planned["code"] == "planned-unit"


async def test_an_unexpected_error_reaches_the_log_and_not_the_client(
    context: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("mcp_server.curriculum_tools.read_public_unit", fail)
    async with Client(build_server(context)) as client:
        outcome = await client.call_tool("read_unit", {"id": "perceptron"})
    assert outcome.is_error and "swordfish" not in str(outcome)
    assert "swordfish" in (context.logs / "mcp.log").read_text(encoding="utf-8")


async def test_resources_and_prompts_are_read(context: ServerContext) -> None:
    async with Client(build_server(context)) as client:
        templates = {one.uri_template for one in (await client.list_resource_templates()).resource_templates}
        prompts = (await client.list_prompts()).prompts
        unit = await client.read_resource("unit://perceptron")
        programme = await client.read_resource("programme://dl-roadmap")
        study = await client.get_prompt("tutor", {"unit": "perceptron"})
    assert templates == {"unit://{id}", "programme://{id}", "report://{attempt}", "run://{id}"}
    assert {prompt.name for prompt in prompts} == PROMPTS
    assert all(prompt.description for prompt in prompts)
    assert "## Idea" in unit.contents[0].text  # pyright: ignore[reportAttributeAccessIssue]
    assert "perceptron" in programme.contents[0].text  # pyright: ignore[reportAttributeAccessIssue]
    assert "`perceptron`" in study.messages[0].content.text  # pyright: ignore[reportAttributeAccessIssue]


async def test_nothing_public_holds_an_oracle(context: ServerContext) -> None:
    lesson = load_catalog().lesson("perceptron")
    explain = next(q for q in lesson.front.questions if q.kind == "explain")
    secrets = [explain.ideal, *(idea.assertion for idea in explain.expectations)]
    secrets += [idea.says for idea in explain.expectations]
    async with Client(build_server(context)) as client:
        shown = str(await client.call_tool("read_unit", {"id": "perceptron"}))
        shown += str(await client.call_tool("ask_question", {"unit": "perceptron"}))
        shown += str(await client.call_tool("search_curriculum", {"query": "perceptron XOR", "limit": 20}))
        shown += str(await client.read_resource("unit://perceptron"))
        shown += str(await client.call_tool("read_unit", {"id": "iris-knn-classifier"}))
    assert not [secret for secret in secrets if secret in shown]
    assert "def check" not in shown and "sandbox.judge" not in shown


async def test_a_client_over_pipes_is_served(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from mcp_server.context import ServerContext;"
        "from mcp_server.stdio import serve_stdio;"
        f"serve_stdio(ServerContext(Path({str(tmp_path)!r}), embedder_setting='none', vectors='off'))"
    )
    server = StdioServerParameters(command=sys.executable, args=["-c", code])
    async with Client(server, read_timeout_seconds=60) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
        asked = await call(client, "ask_question", unit="perceptron")
    assert asked["question"].startswith("perceptron/")


def test_importing_the_server_loads_nothing_heavy() -> None:
    heavy = ("torch", "chromadb", "sklearn", "jupyter_client")
    code = f"import sys, mcp_server.server; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
