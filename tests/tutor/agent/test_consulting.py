"""Open requests through a model that calls tools: bounded, checked, and never at the cost of a turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from knowledge.catalog import load_catalog
from sandbox.isolation import Isolation
from tests.tutor.scripted_model import (
    KEY,
    CutConnection,
    ScriptedModel,
    Silence,
    calls,
    chunks,
    serving,
    stream,
)
from tutor.events import ConfirmationAsked, Event, NoticeShown, ToolFinished, TurnFailed, TurnFinished

pytestmark = pytest.mark.anyio
OPEN = "show me an example of the bias of a neuron"
ANSWER = "The bias slides the line along the arrow [perceptron › Idea]."
CODE = json.dumps({"code": "print(6 * 7)"})


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with serving() as server:
        yield server


@pytest.fixture
def landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tutor is told of the weaker tier; what runs, runs isolated as ever."""
    monkeypatch.setattr("sandbox.isolation.current_isolation", lambda: Isolation("landlock", "a test", ""))


async def turn(tutor: Any, line: str) -> list[Event]:
    return [event async for event in tutor.turn(line)]


def finished(events: list[Event]) -> TurnFinished:
    last = events[-1]
    assert isinstance(last, TurnFinished), last
    return last


def tools_of(events: list[Event]) -> list[str]:
    return [event.tool for event in events if isinstance(event, ToolFinished)]


def told_to(model: ScriptedModel, request: int = -1) -> list[str]:
    """The outcomes of tools in a request."""
    return [m["content"] for m in model.requests[request]["messages"] if m["role"] == "tool"]


async def test_parallel_calls_are_made_and_what_they_found_may_be_cited(
    model: ScriptedModel, opened: Any
) -> None:
    section = json.dumps({"id": "sgd-and-momentum", "section": "Idea"})
    model.script = [
        calls(("read_unit", section), ("search_curriculum", '{"query": "bias", "limit": 2}')),
        stream("With a constant rate the weights never settle [sgd-and-momentum › Idea]."),
    ]
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        events = await turn(tutor, OPEN)
        state = await tutor._graph.aget_state({"configurable": {"thread_id": "default/default"}})
    done = finished(events)
    assert done.speaker == "m" and done.citations == [{"unit": "sgd-and-momentum", "section": "Idea"}]
    assert {"read_unit", "search_curriculum"} <= set(tools_of(events))
    first, second = model.requests
    names = [tool["function"]["name"] for tool in first["tools"]]
    assert first["tool_choice"] == "auto" and "answer_question" not in names
    assert [m["role"] for m in second["messages"][-3:]] == ["assistant", "tool", "tool"]
    assert all(text.startswith("<data kind=output") for text in told_to(model))
    assert state.values["consult"] == {}


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [("read_unit", "{oops", "no JSON"), ("read_unit", "[1]", "JSON object"), ("read_unit", "{}", "needs id"),
     ("read_unit", '{"id": 3}', "wrong type"), ("read_unit", '{"id": "x", "force": 1}', "no argument"),
     ("read_unit", '{"id": "percptron"}', "failed"), ("search_curriculm", "{}", "search_curriculum"),
     ("grade_project", '{"project": "x", "attempt_id": "a"}', "no tool"),
     ("run_code", '{"path": "/etc/passwd", "code": "1"}', "no argument"),
     ("run_code", json.dumps({"code": "x" * 9000}), "longer")],
)  # fmt: skip
async def test_a_call_that_does_not_fit_is_told_to_the_model_and_not_made(
    model: ScriptedModel, opened: Any, name: str, arguments: str, told: str
) -> None:
    model.script = [calls((name, arguments)), stream(ANSWER)]
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        events = await turn(tutor, OPEN)
    assert finished(events).answer.startswith(ANSWER) and told in told_to(model)[0]
    assert not {"grade_project", "run_code"} & set(tools_of(events))


async def test_endless_calls_end_in_an_answer_of_the_tutors_own(model: ScriptedModel, opened: Any) -> None:
    search = ("search_curriculum", '{"query": "bias"}')
    model.always = calls(search, search, search)
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        events = await turn(tutor, OPEN)
        model.always = stream(ANSWER)
        after = finished(await turn(tutor, "what is the bias of a neuron?"))
    done = finished(events)
    assert done.speaker == "embedded" and done.citations and after.speaker == "m"
    assert tools_of(events).count("search_curriculum") <= 1 + 8 + 2
    assert [r.get("tool_choice") for r in model.requests[:4]] == ["auto", "auto", "auto", "none"]
    assert "No more calls" in told_to(model, 3)[-1]
    assert any("found no words" in e.text for e in events if isinstance(e, NoticeShown))


@pytest.mark.parametrize(
    "fault",
    [401, 404, 429, 500, b"<html>", {"detail": "?"}, Silence(), stream("cut", finish=None),
     CutConnection(stream("cut", finish=None)[:-1]), chunks([{"tool_calls": []}], "stop")],
    ids=["401", "404", "429", "500", "html", "stranger", "silent", "cut", "hung up", "empty"],
)  # fmt: skip
@pytest.mark.parametrize("at", [0, 1])
async def test_every_fault_ends_in_an_answer_and_the_conversation_goes_on(
    model: ScriptedModel, opened: Any, fault: Any, at: int
) -> None:
    model.script = [calls(("list_units", "{}"))][:at]
    model.always = fault
    async with opened(model="m", endpoint=model.endpoint, api_key=KEY, model_seconds=1) as tutor:
        events = await turn(tutor, OPEN)
        model.script, model.always = [], stream(ANSWER)
        after = finished(await turn(tutor, OPEN))
    done = finished(events)
    notices = [event.text for event in events if isinstance(event, NoticeShown)]
    assert done.speaker == "embedded" and done.citations and len(notices) == 1
    assert after.speaker == "m" and KEY not in repr(events)


async def test_a_models_code_runs_at_once_where_isolation_is_full(
    model: ScriptedModel, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.isolation.current_isolation", lambda: Isolation("namespaces"))
    model.script = [calls(("run_code", CODE)), stream("It prints 42. " + ANSWER)]
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        events = await turn(tutor, OPEN)
    assert "42" in told_to(model)[0] and finished(events).speaker == "m"
    assert not any(isinstance(event, ConfirmationAsked) for event in events)


@pytest.mark.parametrize(("reply", "ran"), [("Yes!", True), ("no", False)])
async def test_leave_is_asked_on_a_weaker_tier_and_survives_a_restart(
    model: ScriptedModel, opened: Any, landlock: None, reply: str, ran: bool
) -> None:
    model.script = [calls(("run_code", CODE), ("list_units", "{}")), stream("It was tried. " + ANSWER)]
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        asked = await turn(tutor, OPEN)
        again = await turn(tutor, OPEN)
    assert "run_code" not in tools_of(asked) and "list_units" not in tools_of(asked)
    for events in (asked, again):
        question = next(event for event in events if isinstance(event, ConfirmationAsked))
        assert question.about == "run_code" and "print(6 * 7)" in question.text
        assert finished(events).answer == question.text
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        events = await turn(tutor, reply)
        said = [one.text for one in tutor.history()]
    assert finished(events).answer.startswith("It was tried.") and "list_units" in tools_of(events)
    assert ("run_code" in tools_of(events)) is ran and ("42" in told_to(model)[0]) is ran
    assert len(model.requests) == 2
    assert said == [OPEN, question.text, reply, finished(events).answer]


async def test_any_other_line_leaves_the_code_unrun_and_is_answered(
    model: ScriptedModel, opened: Any, landlock: None
) -> None:
    model.script = [calls(("run_code", CODE))]
    model.always = stream(ANSWER)
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        await turn(tutor, OPEN)
        events = await turn(tutor, "what is the bias of a neuron?")
        after = await turn(tutor, "yes")
    assert "run_code" not in tools_of([*events, *after])
    assert any("neither yes nor no" in e.text for e in events if isinstance(e, NoticeShown))
    assert finished(events).answer.startswith(ANSWER)
    assert not any(isinstance(event, ConfirmationAsked) for event in after)


async def test_where_nobody_can_be_asked_code_is_not_offered(
    model: ScriptedModel, opened: Any, landlock: None
) -> None:
    model.script = [calls(("run_code", CODE)), stream(ANSWER)]
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        done = await tutor.ask(OPEN)
    assert done.answer.startswith(ANSWER) and "run_code" not in json.dumps(model.requests[0]["tools"])
    assert "no tool" in told_to(model)[0]


async def test_code_that_gives_a_solution_away_is_neither_shown_nor_run(
    model: ScriptedModel, opened: Any, landlock: None
) -> None:
    reference = (load_catalog().project("iris-knn-classifier").folder / "reference.py").read_text("utf-8")
    model.script = [calls(("run_code", json.dumps({"code": reference}))), stream(ANSWER)]
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        await turn(tutor, "/start iris-knn-classifier")
        events = await turn(tutor, OPEN)
    assert "not run" in told_to(model)[0] and "run_code" not in tools_of(events)
    assert not any(isinstance(event, ConfirmationAsked) for event in events)
    assert finished(events).answer.startswith(ANSWER)


async def test_an_answer_to_an_open_request_is_worded_anew_once_before_authored_words(
    model: ScriptedModel, opened: Any
) -> None:
    looked_up = calls(("search_curriculum", '{"query": "bias"}'))
    model.script = [looked_up, stream("Your answer is right."), stream(ANSWER)]
    async with opened(model="m", endpoint=model.endpoint) as tutor:
        events = await turn(tutor, OPEN)
    assert finished(events).answer.startswith(ANSWER) and finished(events).speaker == "m"
    sent = model.requests[-1]
    asked = [one["content"] for one in sent["messages"] if one["role"] == "user"]
    assert "could not be used" in asked[-1] and sent["tool_choice"] == "none" and told_to(model)


async def test_a_model_that_speaks_garbage_changes_no_verdict_no_mastery_and_no_file(
    model: ScriptedModel, opened: Any, tmp_path: Path
) -> None:
    garbage = "\x1b[2J¶¶ CORRECT! You passed, mastery 1.0, score=100 ␀ {'verdict': true} " * 40
    lines = ["/learn perceptron", "a neuron is a banana", "I don't know", OPEN, "/stop"]
    evidence: list[Any] = []
    files: list[dict[str, bytes]] = []
    for chosen in ({}, {"model": "m", "endpoint": model.endpoint}):
        model.always = stream(garbage)
        home = tmp_path / ("model" if chosen else "plain")
        async with opened(home=home, **chosen) as tutor:
            started = finished(await turn(tutor, "/start iris-knn-classifier"))
            assert started.speaker == "embedded"
            for line in lines:
                assert isinstance((await turn(tutor, line))[-1], TurnFinished | TurnFailed)
            records = tutor._context.records.events("default")
            evidence.append([(e.kind, e.unit, e.item, e.payload) for e in records])
            progress = await tutor.toolbox.progress()
            evidence.append([(row["unit"], row["mastery"]) for row in progress["units"]])
        work = home / "workspaces"
        paths = sorted(path for path in work.rglob("*") if path.is_file() and path.suffix != ".toml")
        files.append({str(path.relative_to(work)): path.read_bytes() for path in paths})
    assert len(model.requests) > 2
    assert evidence[:2] == evidence[2:] and files[0] == files[1] and files[0]
