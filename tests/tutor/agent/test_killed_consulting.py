"""Kill -9 while a model is consulted or its code runs: the turn is finished, and nothing stands twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.isolation import Isolation
from tests.tutor.scripted_model import ScriptedModel, Silence, calls, serving, stream
from tutor.events import NoticeShown, ToolStarted, TurnFinished

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[3]
OPEN = "show me an example of the bias of a neuron"
ANSWER = "The bias slides the line along the arrow [perceptron › Idea]."
SEARCH = ("search_curriculum", '{"query": "bias"}')
NEVER_ENDS = json.dumps({"code": "import time\nwhile True: time.sleep(0.1)"})
_PATIENCE = 60.0


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with serving() as server:
        yield server


def kill_when(
    home: Path, model: ScriptedModel, tier: str, lines: list[str], is_there: Callable[[], bool]
) -> None:
    """A child says the lines; it is killed as soon as `is_there`."""
    home.mkdir(exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "tests.tutor.agent.talking_child",
        str(home),
        model.endpoint,
        tier,
        *lines,
    ]
    with (home / "child.log").open("wb") as log:
        child = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    until = time.monotonic() + _PATIENCE
    while not is_there() and child.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    alive = child.poll() is None
    if alive:
        os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert alive, (home / "child.log").read_text(encoding="utf-8")


def told(home: Path) -> list[str]:
    path = home / "told"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


async def say(tutor: Any, line: str) -> tuple[TurnFinished, list[str]]:
    events = [event async for event in tutor.turn(line)]
    assert isinstance(events[-1], TurnFinished), events[-1]
    return events[-1], [event.text for event in events if isinstance(event, NoticeShown)]


def said(tutor: Any) -> list[tuple[str, str]]:
    return [(one.role, one.text) for one in tutor.history()]


@pytest.mark.parametrize("node", ["consult", "use_tools"])
async def test_a_turn_killed_with_the_model_is_finished_in_authored_words_first(
    model: ScriptedModel, opened: Any, tmp_path: Path, node: str
) -> None:
    home = tmp_path / "home"
    if node == "consult":
        model.script = [calls(SEARCH), Silence()]
        kill_when(home, model, "namespaces", [OPEN], lambda: len(model.requests) == 2)
    else:
        model.script = [calls(("run_code", NEVER_ENDS))]
        kill_when(home, model, "namespaces", [OPEN], lambda: "run_code" in told(home))
    asked = len(model.requests)
    model.script = [stream("A slope says how fast it rises [derivatives-and-chain-rule › Idea].")]
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        state = await tutor._graph.aget_state({"configurable": {"thread_id": "default/default"}})
        assert state.next == (node,)
        await say(tutor, "what is a slope?")
        lines = said(tutor)
    assert [text for role, text in lines if role == "learner"] == [OPEN, "what is a slope?"]
    assert "perceptron" in lines[1][1]
    assert all(OPEN not in request["messages"][-1]["content"] for request in model.requests[asked:])


async def test_the_same_line_again_goes_on_with_the_model(
    model: ScriptedModel, opened: Any, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    model.script = [calls(SEARCH), Silence()]
    kill_when(home, model, "namespaces", [OPEN], lambda: len(model.requests) == 2)
    model.script = [stream(ANSWER)]
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        done, _ = await say(tutor, OPEN)
        lines = said(tutor)
    assert done.answer.startswith(ANSWER) and [role for role, _ in lines] == ["learner", "tutor"]
    assert model.requests[-1]["messages"][-1]["role"] == "tool", (
        "what was found before is not looked up again"
    )


@pytest.mark.parametrize("then", ["yes", "what is a slope?"])
async def test_a_yes_that_was_cut_off_stands_once_and_is_not_asked_for_again(
    model: ScriptedModel, opened: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    monkeypatch.setattr("sandbox.isolation.current_isolation", lambda: Isolation("landlock", "a test", ""))
    home, code = tmp_path / "home", json.dumps({"code": "print(6 * 7)"})
    model.script = [calls(("run_code", code)), Silence()]
    kill_when(home, model, "landlock", [OPEN, "yes"], lambda: len(model.requests) == 2)
    model.always = stream(ANSWER)
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        done, _ = await say(tutor, then)
        lines = said(tutor)
    learner = [text for role, text in lines if role == "learner"]
    assert learner == [OPEN, "yes"] if then == "yes" else learner == [OPEN, "yes", then]
    if then == "yes":
        assert done.answer.startswith(ANSWER)


async def test_a_yes_whose_turn_is_stopped_stands_once(
    model: ScriptedModel, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.isolation.current_isolation", lambda: Isolation("landlock", "a test", ""))
    model.script = [calls(("run_code", NEVER_ENDS))]
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        await say(tutor, OPEN)
        async for event in tutor.turn("yes"):
            if isinstance(event, ToolStarted) and event.tool == "run_code":
                tutor.cancel()
        assert [text for role, text in said(tutor) if role == "learner"] == [OPEN, "yes"]
