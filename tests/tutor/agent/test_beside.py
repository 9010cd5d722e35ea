"""Moves beside a lesson, as whole turns: examples, blanks, predictions, debugging, plans, solutions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from knowledge.catalog import load_catalog
from teaching.worked import examples, fade
from tutor.agent import Tutor
from tutor.events import ConfirmationAsked, Event, ToolFinished, TurnFailed, TurnFinished

pytestmark = pytest.mark.anyio
Open = Callable[..., Any]
LESSON = "gradient-descent"


async def say(tutor: Tutor, *lines: str) -> list[TurnFinished]:
    said: list[TurnFinished] = []
    for line in lines:
        last = [event async for event in tutor.turn(line)][-1]
        assert isinstance(last, TurnFinished), (line, last)
        said.append(last)
    return said


async def events_of(tutor: Tutor, line: str) -> list[Event]:
    return [event async for event in tutor.turn(line)]


def records(tutor: Tutor, kind: str) -> list[Any]:
    return tutor._context.records.events("default", kind=kind)  # pyright: ignore[reportPrivateUsage]


async def test_a_worked_example_is_run_and_its_blank_is_judged_by_syntax_and_by_running(opened: Open) -> None:
    blank = fade(examples(load_catalog().lesson(LESSON).page)[0].code)
    assert blank is not None
    async with opened() as tutor:
        shown, faded = await say(tutor, f"/example {LESSON}", "/fade")
        assert shown.moves == ["example", "offer"] and "It prints:" in shown.answer
        assert shown.citations == [{"unit": LESSON, "section": "In code"}]
        assert "____" in faded.answer and blank.answer not in faded.answer
        wrong, ran, again, exact = await say(
            tutor, f"{blank.answer} + 1", f"0 + {blank.answer}", "/fade", blank.answer
        )
        assert "output changes" in wrong.answer or "code stops" in wrong.answer
        assert ran.answer.startswith("Yes, that prints the same")
        assert "____" in again.answer and exact.answer.startswith("Exactly")
        assert records(tutor, "answered") == []


async def test_a_blank_gives_two_hints_and_then_itself(opened: Open) -> None:
    blank = fade(examples(load_catalog().lesson(LESSON).page)[0].code)
    assert blank is not None
    async with opened() as tutor:
        *_, first, second, third = await say(tutor, f"/fade {LESSON}", "no idea", "no idea", "no idea")
    assert (
        "made of" in first.answer and "begins with" in second.answer and f"`{blank.answer}`" in third.answer
    )


async def test_a_prediction_is_recorded_before_the_run_that_judges_it(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "mean.py"
    file.write_text("print('sum first')\nprint((1 + 2 + 3) / 3)\n", encoding="utf-8")
    async with opened() as tutor:
        asked, right, _, wrong = await say(tutor, f"/predict {file}", "2.0, sure", f"/predict {file}", "6")
        events = records(tutor, "predicted")
    assert asked.moves == ["predict"] and "sum first" not in asked.answer
    assert "As you predicted" in right.answer and "You predicted `6`" in wrong.answer
    made = [event.payload for event in events if "of" not in event.payload]
    judged = [event.payload["correct"] for event in events if "of" in event.payload]
    assert [(one["prediction"], one["confidence"]) for one in made] == [("2.0", 0.95), ("6", None)]
    assert judged == [True, False]


async def test_a_broken_run_is_read_together_and_the_fix_is_not_told(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "shapes.py"
    file.write_text("import numpy as np\na = np.ones((2, 3))\nprint(a @ a)\n", encoding="utf-8")
    async with opened() as tutor:
        told, then = await say(tutor, f"/run {file}", "the shapes do not fit")
    assert told.moves == ["correct", "debug"] and "print(a @ a)" in told.answer and "?" in told.answer
    assert then.moves == ["debug"] and ".T" not in told.answer + then.answer


async def test_a_failed_check_leads_to_a_suspicion_then_to_what_the_check_named(opened: Open) -> None:
    project = load_catalog().project("iris-knn-classifier")
    wrong = sorted((project.folder / "wrong").glob("*.py"))
    async with opened() as tutor:
        started = await events_of(tutor, "/start iris-knn-classifier")
        main = Path(next(e.outcome for e in started if isinstance(e, ToolFinished))["main"])
        for file in wrong:
            main.write_bytes(file.read_bytes())
            report, helped = await say(tutor, f"/grade {main}", "I think it is the distance")
            assert report.moves == ["correct", "debug"] and helped.moves[0] == "debug", file.name
            reference = (project.folder / "reference.py").read_text(encoding="utf-8")
            code = [line.strip() for line in reference.splitlines() if len(line.strip()) > 30]
            assert not any(line in helped.answer for line in code)
            break


async def test_a_solution_is_earned_then_confirmed_then_shown(opened: Open) -> None:
    reference = (load_catalog().project("iris-knn-classifier").folder / "reference.py").read_text(
        encoding="utf-8"
    )
    async with opened() as tutor:
        started = await events_of(tutor, "/start iris-knn-classifier")
        main = Path(next(e.outcome for e in started if isinstance(e, ToolFinished))["main"])
        (refused,) = await say(tutor, "/solution")
        assert refused.moves == ["decline"] and "Not yet" in refused.answer
        main.write_text(reference, encoding="utf-8")
        await say(tutor, "/grade")
        asked = await events_of(tutor, "/solution")
        assert any(isinstance(event, ConfirmationAsked) and "yes or no" in event.text for event in asked)
        kept, _, dropped, _ = await say(tutor, "no", "/solution", "what is a distance?", "yes")
        assert "hidden" in kept.answer and dropped.moves == ["answer"]
        assert not any(event.payload.get("solution") for event in records(tutor, "helped"))
        await say(tutor, "/solution")
    async with opened() as tutor:  # the question waits over a restart
        (shown,) = await say(tutor, "yes please")
        assert shown.moves == ["solution", "offer"] and reference.strip()[:200] in shown.answer
        assert all(event.payload["solution"] for event in records(tutor, "helped"))


async def test_a_submission_is_reviewed_in_steps_without_points(opened: Open) -> None:
    async with opened() as tutor:
        await say(tutor, "/start iris-knn-classifier")
        first, second, left = await say(tutor, "review my code", "it reads well", "skip")
        graded = records(tutor, "graded")
    assert "What running it decides" in first.answer and "1 of 5" in first.answer
    assert "2 of 5" in second.answer and "1 of 5 parts" in left.answer and graded == []


async def test_units_are_compared_in_their_own_words(opened: Open) -> None:
    async with opened() as tutor:
        (told,) = await say(tutor, "compare k-nearest neighbors and naive bayes")
        assert told.moves[0] == "compare"
        assert {place["unit"] for place in told.citations} == {"k-nearest-neighbors", "naive-bayes"}
        (question,) = await say(tutor, "compare apples and oranges")
    assert question.moves != ["compare"]


async def test_plan_and_summary_tell_what_is_on_record(opened: Open) -> None:
    async with opened() as tutor:
        plan, listed, _, _, summary = await say(
            tutor,
            "/plan ninety 60",
            "/plan",
            "what is the bias of a neuron?",
            "/learn perceptron",
            "/summary",
        )
        failed = (await events_of(tutor, "/plan nothing of the kind"))[-1]
    assert "60 minutes a day" in plan.answer and "- Day 1: " in plan.answer and "`" in plan.answer
    assert listed.answer.count("`/plan ") == 5
    assert summary.moves[0] == "summary" and "“what is the bias of a neuron?”" in summary.answer
    assert isinstance(failed, TurnFailed) and failed.code == "unknown-programme"


async def test_a_case_is_discussed_from_its_own_sections(opened: Open) -> None:
    async with opened() as tutor:
        hunt, told, _ = await say(tutor, "/hunt case-porto-seguro", "a leak, the test rows were seen", "skip")
        await say(tutor, "/learn case-porto-seguro")
        (why,) = await say(tutor, "why did they use a denoising autoencoder?")
    assert (
        "1 of 2" in hunt.answer and "[case-porto-seguro › Leakage]" in told.answer and "2 of 2" in told.answer
    )
    assert {place["unit"] for place in why.citations} == {"case-porto-seguro"} and why.moves[-1] == "ask"
