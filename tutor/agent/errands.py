"""What a turn does before it speaks: the calls of tools that an intent asks for.

The rule owned here: at most a handful of calls a turn, and evidence goes under the attempt
id that the turn was given when it began.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from mcp_server.workspace import find_workspace
from tutor.agent import (
    comparing,
    debugging,
    exercises,
    hunting,
    lesson,
    placing,
    self_review,
    solving,
    talk,
)
from tutor.agent.intent import Intent
from tutor.agent.inviting import read_confidence
from tutor.agent.naming import resolve_unit
from tutor.agent.state import Deps, State
from tutor.events import MasteryChanged
from tutor.speaker.usage import read_usage
from tutor.toolbox import Emit
from tutor_error import TutorError

Outcome = dict[str, Any]
Errand = Callable[[State, Intent, Deps, Emit], Awaitable[Outcome]]
_LONGEST_FILE = 50_000


async def run_errand(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    """The outcome of an intent's tools; empty for an intent that needs none."""
    errand = _ERRANDS.get(intent.kind)
    return await errand(state, intent, deps, emit) if errand else {}


async def _learn(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    unit = resolve_unit(deps.catalog, _required(intent, "/learn perceptron"), ("lesson", "case_study"))
    lesson.require_teachable(deps.catalog, unit.id)
    if unit.kind == "project":
        return await _start(state, Intent("start", intent.text, unit.id), deps, emit)
    log = await deps.toolbox.call("ask_question", {"unit": unit.id})
    log["invites_confidence"] &= deps.settings.ask_confidence
    return {"unit": unit.id, "log": log}


async def _start(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    name = _required(intent, "/start iris-knn-classifier")
    unit = resolve_unit(deps.catalog, name, ("project", "case_study"))
    lesson.require_teachable(deps.catalog, unit.id)
    if unit.kind == "lesson":
        return await _learn(state, Intent("learn", intent.text, unit.id), deps, emit)
    return {"started": await deps.toolbox.start(unit.id, emit)}


async def _check(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    if (answered := await _answer_with_file(state, intent, deps, emit)) is not None:
        return answered
    project, path = _work(state, intent)
    return {"report": await deps.toolbox.check(project, path, emit), "path": path}


async def _grade(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    if (answered := await _answer_with_file(state, intent, deps, emit)) is not None:
        return answered
    project, path = _work(state, intent)
    report = await deps.toolbox.grade(project, path, state.get("attempt", ""), emit)
    await _tell_mastery(deps, emit, {project})
    return {"report": report, "path": path}


async def _hint(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    project = state.get("project", "")
    if not project:
        raise TutorError("no-project", "No project is open.", "Start one with `/start PROJECT` first.")
    return {"hint": await deps.toolbox.hint(project, intent.target or None, emit)}


async def _run(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    path = str(_existing(_required(intent, "/run solution.py")))
    return {"run": await deps.toolbox.call("run_code", {"path": path}, emit)}


async def _next(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    return {"next": await deps.toolbox.recommend(intent.target or None, emit)}


async def _progress(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    if intent.target:
        unit = resolve_unit(deps.catalog, intent.target)
        return {"history": await deps.toolbox.call("explain_progress", {"unit": unit.id}, emit)}
    told = await deps.toolbox.progress(emit)
    # The attempts behind each row grow with the log, and a checkpoint of every step would hold them.
    rows = [{key: row[key] for key in ("unit", "title", "explanation")} for row in told["units"]]
    return {"progress": told | {"units": rows}}


async def _review(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    """What is due; with a file, or "my code", the review of a submission."""
    if intent.target or (intent.text != "/review" and " my " in f" {intent.text.lower()} "):
        project, path = _work(state, intent)
        return await self_review.review_submission(project, path, deps, emit)
    return {"due": await deps.toolbox.call("review_due", {}, emit)}


async def _usage(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    return {"usage": read_usage(deps.settings.home, deps.settings.learner)}


async def _reply(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    """An answer to the open question is judged; other acts need no tool."""
    open_lesson = lesson.resume(state.get("lesson"))
    if open_lesson is None or intent.target != "answer":
        return {}
    return await _judge(open_lesson, intent.text, state, deps, emit)


async def _judge(
    open_lesson: lesson.DialogueState, answer: str, state: State, deps: Deps, emit: Emit
) -> Outcome:
    said, sure = read_confidence(answer, state, deps)
    judged = await deps.toolbox.answer(
        lesson.question_id(open_lesson), said, state.get("attempt", ""), emit, confidence=sure
    )
    if judged["correct"] is not None or judged["covered"]:
        await _tell_mastery(deps, emit, {open_lesson.unit})
    return {"judged": judged}


async def _answer_with_file(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome | None:
    """A file handed in while a code question is open is the answer to it."""
    open_lesson = lesson.resume(state.get("lesson"))
    if not intent.target or open_lesson is None or not lesson.waits_for_code(deps.catalog, open_lesson):
        return None
    path = _existing(intent.target)
    if path.is_dir() or find_workspace(path) is not None:
        return None
    text = path.read_text(encoding="utf-8", errors="replace")[:_LONGEST_FILE]
    return await _judge(open_lesson, text, state, deps, emit)


def _work(state: State, intent: Intent) -> tuple[str, str]:
    """The project and the path that are meant: those named, else those of the conversation."""
    if not intent.target and not state.get("path"):
        raise TutorError(
            "no-submission", "I do not know which file you mean.", "Name it: `/check solution.py`."
        )
    path = _existing(intent.target or state.get("path", ""))
    workspace = find_workspace(path)
    project = workspace.project if workspace is not None else state.get("project", "")
    if not project:
        raise TutorError(
            "no-workspace",
            f"{path} does not say which project it belongs to.",
            "Start the project first with `/start PROJECT`, or work in its folder.",
        )
    return project, str(path)


def _existing(name: str) -> Path:
    path = Path(name).expanduser().absolute()
    if not path.exists():
        raise TutorError("no-file", f"There is nothing at {path}.", "Check the path; Tab completes it.")
    return path


def _required(intent: Intent, example: str) -> str:
    if not intent.target:
        raise TutorError("no-target", f"`/{intent.kind}` of what?", f"For example `{example}`.")
    return intent.target


async def _tell_mastery(deps: Deps, emit: Emit, units: set[str]) -> None:
    told = await deps.toolbox.progress()
    for row in told["units"]:
        if row["unit"] in units:
            emit(MasteryChanged(row["unit"], row["mastery"]))


async def note_help(deps: Deps, unit: str, question: str) -> None:
    """Put on record that the learner was helped with a question, so that its answer counts for less."""
    try:
        await deps.toolbox.hint(unit, question)
    except TutorError as error:
        # Without authored hints there is no rung to note; what follows a miss counts as help anyway.
        if error.code != "no-hint":
            raise


async def _aside(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    errand = _ASIDES.get(intent.target)
    return await errand(state, intent, deps, emit) if errand else {}


_ASIDES: dict[str, Errand] = {
    "faded": exercises.fill, "predict": exercises.predicted, "debug": debugging.suspect,
}  # fmt: skip
_ERRANDS: dict[str, Errand] = {
    "learn": _learn, "start": _start, "check": _check, "grade": _grade, "hint": _hint, "run": _run,
    "next": _next, "progress": _progress, "review": _review, "reply": _reply, "aside": _aside,
    "place": placing.ask, "usage": _usage,
    "example": exercises.example, "fade": exercises.fade, "compare": comparing.compare, "plan": talk.plan,
    "summary": talk.summary, "hunt": hunting.hunt, "solution": solving.show_solution, "remark": talk.remark,
}  # fmt: skip
