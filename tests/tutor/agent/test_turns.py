"""Whole turns of the real tutor: real content, real MCP client, real graph, no model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import pytest

from knowledge.catalog import load_catalog
from knowledge.unit import ChoiceQuestion, ExplainQuestion
from teaching.answers import pick_options
from tutor.agent import Tutor
from tutor.events import (
    CoverageChanged,
    Event,
    MasteryChanged,
    MoveChosen,
    TaskShown,
    TokenStreamed,
    ToolFinished,
    ToolProgressed,
    TurnFailed,
    TurnFinished,
)

pytestmark = pytest.mark.anyio
Open = Callable[..., Any]


async def turn(tutor: Tutor, text: str, thread: str = "default") -> list[Event]:
    return [event async for event in tutor.turn(text, thread)]


async def answer(tutor: Tutor, text: str, thread: str = "default") -> TurnFinished:
    last = (await turn(tutor, text, thread))[-1]
    assert isinstance(last, TurnFinished), last
    return last


async def test_a_question_is_answered_from_the_content_with_citations(opened: Open) -> None:
    async with opened() as tutor:
        events = await turn(tutor, "what is the bias of a neuron?")
    done = events[-1]
    assert isinstance(done, TurnFinished)
    assert done.scope == "covered" and done.speaker == "embedded" and done.moves == ["answer"]
    assert {"unit": "perceptron", "section": "Idea"} in done.citations
    assert "bias" in done.answer and "learn perceptron" in done.answer
    assert "".join(e.text for e in events if isinstance(e, TokenStreamed)) == done.answer
    catalog = load_catalog()
    for place in done.citations:
        page = catalog.lesson(place["unit"]).page
        assert any(section.title == place["section"] for section in page.sections)


async def test_a_planned_unit_is_named_and_never_taught(opened: Open) -> None:
    async with opened() as tutor:
        asked = await tutor.ask("how does DBSCAN work?")
        refused = (await turn(tutor, "/learn density-clustering"))[-1]
    assert asked.scope == "planned" and "density-clustering" in asked.answer and asked.citations == []
    assert isinstance(refused, TurnFailed) and refused.code == "planned-unit"


async def test_what_is_outside_is_declined(opened: Open) -> None:
    async with opened() as tutor:
        asked = await tutor.ask("what is the best pizza in town?")
    assert asked.scope == "outside" and asked.moves == ["decline"] and asked.citations == []


async def test_a_lesson_goes_from_question_to_question(opened: Open) -> None:
    page = load_catalog().lesson("perceptron")
    choice = next(q for q in page.front.questions if isinstance(q, ChoiceQuestion))
    right = next(option.text for option in choice.options if option.correct)
    async with opened() as tutor:
        begun = await turn(tutor, "teach me the perceptron")
        task = next(event for event in begun if isinstance(event, TaskShown))
        assert choice.ask in task.markdown
        told = await turn(tutor, right)
        assert pick_options([option.text for option in choice.options], right)
    moves = [event.move for event in told if isinstance(event, MoveChosen)]
    assert moves[0] == "confirm" and "ask" in moves
    assert any(isinstance(event, MasteryChanged) and event.mastery > 0.2 for event in told)


async def test_a_question_inside_a_lesson_is_answered_and_the_lesson_goes_on(opened: Open) -> None:
    async with opened() as tutor:
        await turn(tutor, "learn perceptron")
        done = await answer(tutor, "what is the bias of a neuron?")
        after = await answer(tutor, "hint")
    assert done.moves == ["answer", "ask"] and done.citations
    assert after.moves == ["hint"]


async def test_a_lesson_is_resumed_at_the_same_question_with_its_ideas(opened: Open) -> None:
    page = load_catalog().lesson("perceptron")
    explain = next(q for q in page.front.questions if isinstance(q, ExplainQuestion))
    before = [q.id for q in page.front.questions].index(explain.id)
    async with opened() as tutor:
        await turn(tutor, "/learn perceptron", "t1")
        for _ in range(before):
            await turn(tutor, "next", "t1")
        events = await turn(tutor, explain.expectations[0].variants[0], "t1")
        assert CoverageChanged("perceptron", explain.id, 1, len(explain.expectations)) in events
    async with opened() as tutor:
        assert next(said.text for said in tutor.history("t1")) == "/learn perceptron"
        events = await turn(tutor, explain.expectations[1].variants[0], "t1")
        assert CoverageChanged("perceptron", explain.id, 2, len(explain.expectations)) in events
        elsewhere = await turn(tutor, "/learn perceptron", "t2")
        assert isinstance(elsewhere[-1], TurnFinished)


async def test_help_in_a_lesson_is_put_on_record(opened: Open) -> None:
    async with opened() as tutor:
        await turn(tutor, "/learn perceptron")
        await turn(tutor, "I don't know")
        events = tutor._context.records.events("default")  # pyright: ignore[reportPrivateUsage]
    assert [event.kind for event in events] == ["helped"]


async def test_a_project_is_started_checked_and_graded_by_talking(opened: Open) -> None:
    reference = load_catalog().project("iris-knn-classifier").folder / "reference.py"
    async with opened() as tutor:
        started = await turn(tutor, "start project iris knn classifier")
        made = next(e.outcome for e in started if isinstance(e, ToolFinished))
        checked = await turn(tutor, "check my code")
        Path(made["main"]).write_text(reference.read_text(encoding="utf-8"), encoding="utf-8")
        graded = await turn(tutor, f"/grade {made['main']}")
        hint = await answer(tutor, "/hint")
    assert any(isinstance(event, ToolProgressed) for event in checked)
    assert isinstance(checked[-1], TurnFinished) and "Not passed yet" in checked[-1].answer
    report = next(e.outcome for e in graded if isinstance(e, ToolFinished))
    assert report["passed"] is True and report["attempt"].startswith("t-")
    assert isinstance(graded[-1], TurnFinished) and graded[-1].answer.startswith("Passed")
    assert hint.moves == ["hint"]


@pytest.mark.parametrize(
    ("line", "code"),
    [("/grade nowhere.py", "no-file"), ("/check", "no-submission"), ("/hint", "no-project"),
     ("/lern perceptron", "unknown-command"), ("/learn xyzzy", "unknown-unit"), ("/learn", "no-target")],
)  # fmt: skip
async def test_a_failed_turn_tells_what_to_do_and_the_next_one_works(
    opened: Open, line: str, code: str
) -> None:
    async with opened() as tutor:
        failed = (await turn(tutor, line))[-1]
        assert isinstance(failed, TurnFailed) and failed.code == code and failed.remedy
        assert (await answer(tutor, "hello")).moves == ["recap"]


async def test_stopping_a_turn_stops_its_tool_and_keeps_the_tutor(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "endless.py"
    file.write_text("import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.05)", encoding="utf-8")
    async with opened() as tutor:
        seen: list[Event] = []
        with anyio.fail_after(60):
            async for event in tutor.turn(f"/run {file}"):
                seen.append(event)
                if isinstance(event, ToolProgressed):
                    tutor.cancel()
        assert isinstance(seen[-1], TurnFailed) and seen[-1].code == "stopped"
        assert (await answer(tutor, "hello")).answer


async def test_leaving_the_stream_stops_the_turn(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "endless.py"
    file.write_text("import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.05)", encoding="utf-8")
    async with opened() as tutor:
        with anyio.fail_after(60):
            async with aclosing(tutor.turn(f"/run {file}")) as events:
                async for event in events:
                    if isinstance(event, ToolProgressed):
                        break
            assert (await answer(tutor, "hello")).answer


async def test_an_ask_leaves_no_conversation_behind(opened: Open) -> None:
    async with opened() as tutor:
        first = await tutor.ask("what is the bias of a neuron?")
        again = await tutor.ask("/grade the bias of a neuron")
        assert tutor.history("default") == []
        threads = await _threads(tutor)
    assert first.scope == "covered" and again.moves in (["answer"], ["decline"])
    assert threads == []


async def _threads(tutor: Tutor) -> list[str]:
    saver = tutor._graph.checkpointer  # pyright: ignore[reportPrivateUsage]
    return [one.config["configurable"]["thread_id"] async for one in saver.alist(None)]


async def test_the_state_stays_small_over_many_turns(opened: Open) -> None:
    async with opened() as tutor:
        for number in range(9):
            await answer(tutor, "thanks" if number % 2 else "hello")
        config = {"configurable": {"thread_id": "default/default"}}
        state = (await tutor._graph.aget_state(config)).values  # pyright: ignore[reportPrivateUsage]
        history = tutor.history()
    assert len(state["messages"]) == 12 and state["summary"]
    assert len(history) == 18


async def test_two_turns_at_once_are_refused(opened: Open) -> None:
    async with opened() as tutor:
        first = tutor.turn("hello")
        await anext(first)
        second = asyncio.create_task(turn(tutor, "hello"))
        with pytest.raises(Exception, match="still answering"):
            await second
        async for _ in first:
            continue


async def test_a_line_sent_again_after_a_break_keeps_its_attempt(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text("import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.05)", encoding="utf-8")
    config = {"configurable": {"thread_id": "default/default"}}
    async with opened() as tutor:
        graph = tutor._graph  # pyright: ignore[reportPrivateUsage]
        with anyio.fail_after(60):
            async for event in tutor.turn(f"/run {file}"):
                if isinstance(event, ToolProgressed):
                    tutor.cancel()
        broken = (await graph.aget_state(config)).values["attempt"]
        file.write_text("print('done')", encoding="utf-8")
        assert "`ok`" in (await answer(tutor, f"/run {file}")).answer
        assert (await graph.aget_state(config)).values["attempt"] == broken
        await answer(tutor, f"/run {file}")
        assert (await graph.aget_state(config)).values["attempt"] != broken
