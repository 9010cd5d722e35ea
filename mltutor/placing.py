"""The command of a placement: a few questions, then what need not be learned again.

The rule owned here: it asks on stdin and ends with it; what was answered is kept, so the same
session goes on where it ended.
"""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mltutor.output import Json, note, plain, print_json, table, wrap
from tutor.plain import question_text

if TYPE_CHECKING:
    from tutor.toolbox import Toolbox

_TRIES = 3
_UNKNOWN = "I don't know"


def register(app: typer.Typer) -> None:
    app.command("place")(place)


def place(
    context: typer.Context,
    scope: Annotated[str | None, typer.Argument(help="A programme or a track; else all of it.")] = None,
    session: Annotated[str | None, typer.Option(help="Go on with this placement.")] = None,
    as_json: Json = False,
) -> None:
    """Find out in at most twelve questions what you know, so that `next` and `plan` pass it over."""
    # Imported late: the SDK and asyncio's client cost half a second, which `--help` does not pay.
    import asyncio

    name = session or f"p-{uuid.uuid4().hex[:12]}"
    told = asyncio.run(_converse(context, scope, name))
    if told["question"] is not None:
        note(f"Not finished. Go on with: mltutor place {scope or ''} --session {name}".replace("  ", " "))
    if as_json:
        print_json(told)
    elif told["question"] is None:
        print("\n".join(_outcome_lines(told)))


async def _converse(context: typer.Context, scope: str | None, session: str) -> dict[str, Any]:
    """Asks until the placement is over or the input ends; the last step."""
    from mcp_server.server import build_server
    from mltutor.tools import open_context
    from tutor.toolbox import open_toolbox

    opened = open_context(context)
    try:
        async with open_toolbox(build_server(opened)) as toolbox:
            asking = {"session": session, "scope": scope}
            while (step := await toolbox.call("place_learner", asking))["question"] is not None:
                if not await _ask(toolbox, step, session):
                    break
            return step
    finally:
        opened.close()


async def _ask(toolbox: Toolbox, step: dict[str, Any], session: str) -> bool:
    """One question, put again while its answer cannot be read; False at the end of the input."""
    question = step["question"]
    _show(f"\n[{step['asked'] + 1} of at most {step['most']}]\n{wrap(plain(question_text(question)))}")
    for _ in range(_TRIES):
        _show("Your answer (or: don't know, stop)")
        line = sys.stdin.readline()
        if not line or line.strip().lower() in ("stop", "quit", "exit", "/quit", "/stop"):
            return False
        judged = await _answer(toolbox, question["question"], line.strip() or _UNKNOWN, session)
        if judged["correct"] is not None:
            return True
        _show(wrap(plain(judged["feedback"])))
    await _answer(toolbox, question["question"], _UNKNOWN, session)
    return True


async def _answer(toolbox: Toolbox, question: str, answer: str, session: str) -> dict[str, Any]:
    attempt = f"{session}-{uuid.uuid4().hex[:8]}"
    return await toolbox.answer(question, answer, attempt, placement=session)


def _outcome_lines(told: dict[str, Any]) -> list[str]:
    lines = ["", wrap(told["told"])]
    if told["passed_over"]:
        rows = [[one["title"], f"{one['p']:.2f}", one["why"]] for one in told["passed_over"]]
        lines.append(table(rows, ["passed over", "likely", "why"]))
    if told["start"]:
        lines.append(f"Begin with: mltutor learn {told['start']}")
    return lines


def _show(text: str) -> None:
    """Questions go to stderr, so that with --json stdout is the outcome alone."""
    print(text, file=sys.stderr, flush=True)
