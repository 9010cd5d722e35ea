"""A formula question through line mode and through MCP, as a learner and as an IDE meet it."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tutor.line import converse

Open = Callable[..., Any]
UNIT = "loss-functions"
SKIPS = ["skip", "skip", "skip"]
RIGHT = "(1 - y)·p − 3y(1 − p)"


def lines(opened: Open, *said: str) -> list[str]:
    """What stands after each line, in line mode."""
    stdout = io.StringIO()
    stdin = io.StringIO("".join(f"{line}\n" for line in said))
    marks: list[int] = []
    read = stdin.readline

    class Told(io.StringIO):
        def __next__(self) -> str:
            marks.append(len(stdout.getvalue()))
            if line := read():
                return line
            raise StopIteration

        def __iter__(self) -> Told:
            return self

    assert converse(lambda: opened(), Told(), stdout) == 0
    text = stdout.getvalue()
    return [text[a:b] for a, b in pairwise(marks)]


def test_line_mode_asks_reads_judges_and_confirms_a_formula(opened: Open) -> None:
    *_, asked, unread, wrong, right = lines(
        opened, f"/learn {UNIT}", *SKIPS, "p/2y", "p - y", f"{RIGHT}, sure"
    )
    assert "`p`: the probability σ(s)" in asked and "such as 2*x^2" in asked
    assert "Put brackets" in unread and "mastery" not in unread
    assert "Not quite." in wrong and "3(p − y)" not in wrong
    assert "Write three losses" in right and right.lstrip().startswith(("Right", "Yes", "Correct", "Exactly"))


@pytest.mark.parametrize(
    ("line", "meant"),
    [("what is p?", "question"), ("I don't know", "help"), ("is it p - 3y?", "answer"), ("hint", "help"),
     ("p", "answer"), ("3", "answer")],
)  # fmt: skip
@pytest.mark.anyio
async def test_a_line_before_a_formula_question_is_taken_for_what_it_is(
    opened: Open, line: str, meant: str
) -> None:
    async with opened() as tutor:
        for said in (f"/learn {UNIT}", *SKIPS):
            [event async for event in tutor.turn(said)]
        last = [event async for event in tutor.turn(line)][-1]
        judged = tutor._context.records.events("default", kind="answered")  # pyright: ignore[reportPrivateUsage]
    assert len(judged) == (meant == "answer"), last.answer
    if meant == "help":
        assert last.moves == ["hint"]


@pytest.mark.anyio
async def test_an_ide_gets_the_symbols_and_a_verdict_and_an_unreadable_formula_costs_nothing(
    tmp_path: Path,
) -> None:
    from mcp import Client

    from mcp_server.context import ServerContext
    from mcp_server.server import build_server

    context = ServerContext(tmp_path, embedder_setting="none", vectors="off")
    async with Client(build_server(context)) as client:

        async def call(tool: str, **arguments: Any) -> dict[str, Any]:
            outcome = await client.call_tool(tool, arguments)
            assert not outcome.is_error, outcome
            return dict(outcome.structured_content or {})

        question = f"{UNIT}/q6"
        for number, answer in enumerate(("0.4763", "3", "4"), 1):
            await call(
                "answer_question", question=f"{UNIT}/q{number}", answer=answer, attempt_id=f"a{number}"
            )
        asked = await call("ask_question", unit=UNIT)
        assert asked["question"] == question and set(asked["symbols"]) == {"p", "y"}
        unread = await call("answer_question", question=question, answer="p/2y", attempt_id="b")
        wrong = await call("answer_question", question=question, answer="p - y", attempt_id="c")
        right = await call(
            "answer_question", question=question, answer=RIGHT, attempt_id="d", confidence=0.95
        )
        again = await call("answer_question", question=question, answer="p", attempt_id="d")
    context.close()
    assert [one["correct"] for one in (unread, wrong, right)] == [None, False, True]
    assert again["correct"] is True and again["is_new"] is False
