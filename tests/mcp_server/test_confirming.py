"""What needs the learner's yes: they are asked where the client can, on both wires of the protocol."""

from __future__ import annotations

from typing import Any

import pytest
from mcp import Client
from mcp.types import ElicitResult

from knowledge.catalog import load_catalog
from mcp_server.context import ServerContext
from mcp_server.server import build_server
from sandbox.isolation import Isolation

pytestmark = pytest.mark.anyio
ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])
PROJECT = "iris-knn-classifier"


class Asked:
    """A client's user, who answers every question alike and remembers them."""

    def __init__(self, action: Any, yes: bool = True) -> None:
        self.questions: list[str] = []
        self._answer = ElicitResult(action=action, content={"yes": yes} if action == "accept" else None)

    async def __call__(self, _: Any, params: Any) -> ElicitResult:
        self.questions.append(params.message)
        return self._answer


def earn(context: ServerContext) -> None:
    """A grade that passed, as it stands in the records."""
    grade = {"passed": True, "checks": []}
    context.records.append("default", "graded", "g", PROJECT, PROJECT, {"grade": grade, "evidence": []})


async def solution(client: Client, **arguments: Any) -> tuple[str, dict[str, Any]]:
    outcome = await client.call_tool("show_solution", {"project": PROJECT, **arguments})
    fields = outcome.structured_content or {}
    return fields.get("code", "") if not outcome.is_error else fields["error"]["code"], fields


@ERAS
async def test_an_earned_solution_is_shown_after_the_learners_own_yes(
    context: ServerContext, mode: str
) -> None:
    earn(context)
    user = Asked("accept")
    async with Client(build_server(context), mode=mode, elicitation_callback=user) as client:
        code, _ = await solution(client)
    reference = (load_catalog().project(PROJECT).folder / "reference.py").read_text(encoding="utf-8")
    assert code == reference and len(user.questions) == 1 and "costs you nothing" in user.questions[0]


@ERAS
@pytest.mark.parametrize(("action", "yes"), [("decline", True), ("cancel", True), ("accept", False)])
async def test_a_models_word_does_not_stand_in_for_a_learner_who_can_be_asked(
    context: ServerContext, mode: str, action: str, yes: bool
) -> None:
    earn(context)
    user = Asked(action, yes)
    async with Client(build_server(context), mode=mode, elicitation_callback=user) as client:
        code, _ = await solution(client, agreed=True)
    assert code == "declined" and len(user.questions) == 1
    assert context.records.events("default", kind="helped") == []


@ERAS
async def test_nobody_is_asked_for_what_is_not_earned(context: ServerContext, mode: str) -> None:
    user = Asked("accept")
    async with Client(build_server(context), mode=mode, elicitation_callback=user) as client:
        told = await solution(client)
        code, _ = await solution(client, agreed=True)
    assert told[1]["earned"] is False and code == "not-earned" and user.questions == []


async def test_a_client_that_cannot_ask_is_told_to_ask_and_call_again(context: ServerContext) -> None:
    earn(context)
    async with Client(build_server(context)) as client:
        first = await client.call_tool("show_solution", {"project": PROJECT})
        code, _ = await solution(client, agreed=True)
    assert "agreed=true" in first.content[0].text  # pyright: ignore[reportAttributeAccessIssue]
    assert (first.structured_content or {})["code"] == "" and "def " in code


@pytest.fixture
def unheld(context: ServerContext, monkeypatch: pytest.MonkeyPatch) -> ServerContext:
    """A machine that cannot isolate, with the learner's standing consent, serving somebody's client."""
    context.allow_unisolated, context.roots = True, ()
    monkeypatch.setattr(
        "sandbox.isolation.current_isolation",
        lambda: Isolation(tier="none", reason="no namespaces here", remedy="sysctl"),
    )
    return context


@ERAS
async def test_code_without_isolation_runs_only_after_a_yes_to_that_code(
    unheld: ServerContext, mode: str
) -> None:
    user = Asked("decline")
    async with Client(build_server(unheld), mode=mode, elicitation_callback=user) as client:
        calls = [
            ("run_code", {"code": "print('once')"}), ("start_run", {"code": "print('once')"}),
            ("check_project", {"project": PROJECT, "files": {"solution.py": "print('once')"}}),
            ("grade_project", {"project": PROJECT, "attempt_id": "a", "files": {"solution.py": "x"}}),
            ("answer_question", {"question": "perceptron/q3", "answer": "print('once')", "attempt_id": "b"}),
        ]  # fmt: skip
        for name, arguments in calls:
            outcome = await client.call_tool(name, arguments)
            assert (outcome.structured_content or {})["error"]["code"] == "declined", name
        assert len(user.questions) == len(calls) and "print('once')" in user.questions[0]
        in_words = {"question": "perceptron/q1", "answer": "2", "attempt_id": "c"}
        assert not (await client.call_tool("answer_question", in_words)).is_error
        assert len(user.questions) == len(calls)


async def test_without_isolation_and_without_a_way_to_ask_the_model_is_told_what_to_do(
    unheld: ServerContext,
) -> None:
    async with Client(build_server(unheld)) as client:
        outcome = await client.call_tool("run_code", {"code": "print(1)"})
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    told = (outcome.structured_content or {})["error"]
    assert told["code"] == "needs-confirmation" and "mltutor run" in told["remedy"]
    hints = tools["run_code"].annotations
    assert hints is not None and hints.destructive_hint and hints.open_world_hint


async def test_on_landlock_a_client_that_can_ask_asks_and_any_other_runs(
    context: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    context.roots = ()
    monkeypatch.setattr("sandbox.isolation.current_isolation", lambda: Isolation(tier="landlock"))
    user = Asked("decline")
    async with Client(build_server(context), elicitation_callback=user) as client:
        asked = await client.call_tool("run_code", {"code": "print(1)"})
    async with Client(build_server(context)) as client:
        ran = await client.call_tool("run_code", {"code": "print(1)"})
    assert asked.is_error and "Landlock" in user.questions[0]
    assert (ran.structured_content or {})["stdout"] == "1\n"


async def test_asking_for_hints_again_and_again_earns_the_solution(context: ServerContext) -> None:
    """The hints of the first failed check are not all: those of the others follow."""
    hints = load_catalog().project(PROJECT).hints
    failed = list(hints)[1:4:2]
    rows = [{"id": check, "status": "failed" if check in failed else "passed"} for check in hints]
    grade = {"passed": False, "checks": rows}
    context.records.append("default", "graded", "g", PROJECT, PROJECT, {"grade": grade, "evidence": []})
    given: list[str] = []
    async with Client(build_server(context)) as client:
        for left in range(sum(len(hints[check]) for check in failed), 0, -1):
            _, told = await solution(client)
            assert told["earned"] is False and f"Hints left: {left}" in told["told"]
            hint = await client.call_tool("give_hint", {"project": PROJECT})
            given.append((hint.structured_content or {})["check"])
        _, told = await solution(client)
    assert told["earned"] is True and list(dict.fromkeys(given)) == failed
