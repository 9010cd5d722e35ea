"""Worked example, faded example, predict-then-run: exercises on code, beside any lesson.

The rule owned here: they are practice. What is filled in is judged by its syntax or by running it
in the sandbox, and leaves no evidence; a prediction is recorded, and its run judges it.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from knowledge.catalog import Catalog
from teaching import worked
from teaching.calibration import SAYINGS
from teaching.moves import vary
from teaching.speech_act import classify
from tutor.agent import lesson
from tutor.agent.debugging import open_on_run
from tutor.agent.intent import Intent
from tutor.agent.naming import resolve_unit
from tutor.agent.reading import gives_up, leaves_aside
from tutor.agent.state import Chosen, Deps, Segment, State
from tutor.speaker.speaker import Passage
from tutor.toolbox import Emit
from tutor_error import TutorError

Outcome = dict[str, Any]
_LONGEST_OUTPUT = 1500
_WAIT = 20.0
_MOST_WAITS = 30
_CONFIDENCE = re.compile(r"[,;( ]+(?:i(?:'m| am) )?(sure|think so|guess(?:ing)?)[).! ]*$", re.IGNORECASE)


async def example(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    """The next block of a unit's page, run."""
    unit, found = _blocks(state, intent, deps.catalog)
    number = state.get("shown", {}).get(unit, 0) % len(found)
    # Its output is part of the answer, so the call is not told as events of its own.
    run = await deps.toolbox.call("run_code", {"code": found[number].code})
    shown = {key: run[key] for key in ("outcome", "figures")} | {"stdout": run["stdout"][:_LONGEST_OUTPUT]}
    return {"example": {"unit": unit, "number": number + 1, "run": shown}}


def show_example(state: State, intent: Intent, catalog: Catalog, lead: str = "") -> Chosen:
    told = state.get("outcome", {})["example"]
    unit = told["unit"]
    one = worked.examples(lesson.page_of(catalog, unit).page)[told["number"] - 1]
    parts = [lead, f"**{catalog.unit(unit).title}**, example {one.number} of {one.of}. {one.lead}".strip()]
    parts.append(f"```python\n{one.code.rstrip()}\n```")
    if told["run"]["stdout"].strip():
        parts.append(f"It prints:\n\n```text\n{told['run']['stdout'].rstrip()}\n```")
    parts += [f"figure: {path}" for path in told["run"]["figures"]]
    parts.append(f"[{unit} › {one.section}]")
    then = vary(
        f"{unit}/{one.number}",
        (
            "Say to yourself which line carries the idea. `/fade` takes it out, and you put it back.",
            "When each line makes sense, `/fade`: one expression goes missing and you fill it in.",
        ),
    )
    passage = Passage(unit, one.section, f"{one.lead}\n\n{one.code}", title=catalog.unit(unit).title)
    shown = {**state.get("shown", {}), unit: told["number"]}
    again = lesson.ask_again(catalog, lesson.resume(state.get("lesson")), "Our question is still open.")
    segments = (
        Segment("example", "\n\n".join(filter(None, parts)), unit=unit),
        Segment("offer", then),
        *again,
    )
    return Chosen(segments, update={"shown": shown, "example": unit, "passages": [vars(passage)]})


async def fade(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    unit, found = _blocks(state, intent, deps.catalog)
    first = max(state.get("shown", {}).get(unit, 1) - 1, 0)
    order = [*found[first:], *found[:first]]
    number = next((one.number for one in order if worked.fade(one.code)), 0)
    if not number:
        raise TutorError(
            "no-example", f"No line of `{unit}` makes a good blank.", f"`/example {unit}` shows its code."
        )
    return {"fade": {"unit": unit, "number": number}}


def show_faded(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    told = state.get("outcome", {})["fade"]
    faded = _faded(catalog, told)
    text = (
        f"Example {told['number']} of **{catalog.unit(told['unit']).title}**, with one expression missing "
        f"in line {faded.line}:\n\n```python\n{faded.code.rstrip()}\n```\n\n"
        f"What belongs at `{worked.BLANK}`? "
        "Type that expression alone. “I don't know” gets you a hint, `skip` leaves it."
    )
    aside = {"kind": "faded", **told, "tries": 0}
    return Chosen((Segment("fade", text, unit=told["unit"]),), update={"aside": aside})


async def fill(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    """The verdict on a filled blank: exact by its syntax, else by what the code then prints."""
    aside = state.get("aside") or {}
    faded = _faded(deps.catalog, aside)
    if leaves_aside(intent.text) or classify(intent.text).kind == "meta":
        return {"filled": "left"}
    if gives_up(intent.text):
        return {"filled": "asked"}
    try:
        said = worked.read_fill(faded, intent.text)
    except TutorError as error:
        return {"filled": "unreadable", "told": str(error)}
    if worked.is_same(faded, said):
        return {"filled": "exact"}
    block = worked.examples(lesson.page_of(deps.catalog, aside["unit"]).page)[aside["number"] - 1]
    if not block.tells or not worked.may_stand(faded, said):
        return {"filled": "other"}
    meant = await deps.toolbox.call("run_code", {"code": block.code})
    ran = await deps.toolbox.call("run_code", {"code": worked.put_in(faded, said)})
    if ran["outcome"] == "ok" and ran["stdout"] == meant["stdout"]:
        return {"filled": "same_output"}
    if ran["error"]:
        return {"filled": "fails", "told": f"{ran['error']['name']}: {ran['error']['message']}"[:300]}
    return {"filled": "differs", "told": _first_difference(meant["stdout"], ran["stdout"])}


def choose_fill(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    aside, outcome = dict(state.get("aside") or {}), state.get("outcome", {})
    faded = _faded(catalog, aside)
    again = lesson.ask_again(catalog, lesson.resume(state.get("lesson")), "Back to our question.")
    done = {"exact": f"Exactly: `{faded.answer}`.", "left": "Left it is.",
            "same_output": f"Yes, that prints the same. The page has `{faded.answer}`."}  # fmt: skip
    verdict = outcome["filled"]
    if verdict in done:
        return Chosen((Segment("fade", done[verdict], unit=aside["unit"]), *again))
    aside["tries"] += verdict != "unreadable"
    aside["unread"] = aside.get("unread", 0) + (verdict == "unreadable")
    if aside["unread"] > 1:
        text = "Let us leave the blank for now; `/fade` brings it back."
        return Chosen((Segment("fade", text, unit=aside["unit"]), *again))
    hints = worked.fill_hints(faded)
    if aside["tries"] > len(hints):
        text = f"It is `{faded.answer}`. Read the line once more with it in place."
        return Chosen((Segment("fade", text, unit=aside["unit"]), *again))
    lead = {
        "asked": "",
        "unreadable": outcome.get("told", ""),
        "fails": f"With that, the code stops: {outcome.get('told', '')}.",
        "differs": f"With that, the output changes: {outcome.get('told', '')}",
        "other": "Not that.",
    }[verdict]
    hint = "" if verdict == "unreadable" else hints[aside["tries"] - 1]
    asks = f"What belongs at `{worked.BLANK}` in line {faded.line}?"
    text = " ".join(filter(None, [lead.strip(), hint, asks]))
    return Chosen((Segment("fade", text, unit=aside["unit"]),), update={"aside": aside})


def choose_predict(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    """`/predict FILE` asks first; the file runs when the prediction is there."""
    path = Path(intent.target).expanduser().absolute()
    if not intent.target or not path.is_file():
        raise TutorError(
            "no-file",
            f"There is no file at {path}." if intent.target else "Which file?",
            "For example `/predict solution.py`.",
        )
    text = (
        f"Before `{path.name}` runs: what will the last line of its output be? Type it as you expect it; add "
        "`sure`, `think so` or `guess` if you like. `skip` runs it without."
    )
    return Chosen((Segment("predict", text),), update={"aside": {"kind": "predict", "path": str(path)}})


async def predicted(state: State, intent: Intent, deps: Deps, emit: Emit) -> Outcome:
    """Start the file, record the prediction, then wait for the run, which judges it."""
    path, said = str((state.get("aside") or {})["path"]), intent.text
    if leaves_aside(said) or gives_up(said):
        return {
            "run": await deps.toolbox.call("run_code", {"path": path}, emit),
            "prediction": None,
            "path": path,
        }
    found = _CONFIDENCE.search(said)
    prediction = said[: found.start()].strip() if found else said.strip()
    sure = SAYINGS[found.group(1).lower().replace("guessing", "guess")] if found else state.get("confidence")
    run = (await deps.toolbox.call("start_run", {"path": path}))["run"]
    noted = {"run": run, "prediction": prediction or said, "attempt_id": f"{state.get('attempt', '')}-{run}",
             "confidence": sure}  # fmt: skip
    try:
        await deps.toolbox.call("record_prediction", noted, emit)
        seen = await _wait_for(deps, run)
    except asyncio.CancelledError:
        await asyncio.shield(deps.toolbox.call("cancel_run", {"id": run}))
        raise
    if seen["report"] is None:
        raise TutorError(
            "no-outcome",
            f"The run ended as `{seen['state']}` and told nothing.",
            f"`/run {path}` tries again.",
        )
    judged = next(iter(seen["predictions"]), None)
    return {"run": seen["report"], "prediction": judged, "path": path}


async def _wait_for(deps: Deps, run: str) -> Outcome:
    """The run once it has ended; one that goes on too long is stopped."""
    for _ in range(_MOST_WAITS):
        seen = await deps.toolbox.call("get_run", {"id": run, "wait": _WAIT})
        if seen["state"] != "running":
            return seen
    return await deps.toolbox.call("cancel_run", {"id": run})


def choose_predicted(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    outcome = state.get("outcome", {})
    run, judged = outcome["run"], outcome["prediction"]
    shown = run["stdout"][-_LONGEST_OUTPUT:].rstrip()
    parts = [f"```text\n{shown}\n```"] if judged is not None and shown else []
    if judged is not None and judged["correct"] is not None:
        actual = f"`{judged['actual']}`" if judged["actual"] else "nothing"
        if judged["correct"]:
            parts.append(f"As you predicted: {actual}.")
        else:
            parts.append(
                f"You predicted `{judged['prediction']}`; its last line is {actual}. Which step of the "
                "program did you picture otherwise?"
            )
    elif judged is None:
        parts.append(f"It ended with `{run['outcome']}`.")
    opened = open_on_run(run, outcome["path"])
    segments = [Segment("predict", "\n\n".join(parts))] if parts else []
    again = lesson.ask_again(catalog, lesson.resume(state.get("lesson")), "Back to our question.")
    if opened is None:
        return Chosen((*segments, *again))
    return Chosen((*segments, opened.segments[0]), update=opened.update)


def _blocks(state: State, intent: Intent, catalog: Catalog) -> tuple[str, tuple[worked.Example, ...]]:
    """The unit that is meant, or else the one spoken of, and its blocks of code."""
    unit = _unit_meant(state, intent, catalog)
    lesson.require_teachable(catalog, unit)
    if catalog.unit(unit).kind == "project":
        raise TutorError(
            "no-example",
            f"`{unit}` is a project: its code is yours to write.",
            f"`/start {unit}` sets it up.",
        )
    found = worked.examples(lesson.page_of(catalog, unit).page)
    if not found:
        raise TutorError(
            "no-example", f"`{unit}` has no code to show.", f"`/learn {unit}` takes you through it."
        )
    return unit, found


def has_example(catalog: Catalog, name: str) -> bool:
    """Whether `example of NAME` names a written unit with code; else it is a question like others."""
    try:
        unit = resolve_unit(catalog, name, ("lesson", "case_study"))
    except TutorError:
        return False
    if unit.status == "planned" or unit.kind == "project":
        return False
    return bool(worked.examples(lesson.page_of(catalog, unit.id).page))


def _unit_meant(state: State, intent: Intent, catalog: Catalog) -> str:
    if intent.target:
        return resolve_unit(catalog, intent.target, ("lesson", "case_study")).id
    if state.get("example") in catalog.units:
        return str(state.get("example"))
    open_lesson = lesson.resume(state.get("lesson"))
    if open_lesson is not None:
        return open_lesson.unit
    sources = [place["unit"] for place in state.get("sources", []) if place["unit"] in catalog.units]
    spoken = [*sources, *reversed(state.get("shown", {}))]
    if not spoken:
        raise TutorError(
            "no-target", f"`/{intent.kind}` of what?", f"For example `/{intent.kind} perceptron`."
        )
    return spoken[0]


def _faded(catalog: Catalog, told: dict[str, Any]) -> worked.Faded:
    found = worked.examples(lesson.page_of(catalog, told["unit"]).page)
    faded = worked.fade(found[told["number"] - 1].code) if told["number"] <= len(found) else None
    if faded is None:
        raise TutorError(
            "no-example", "That lesson has changed meanwhile.", f"`/fade {told['unit']}` begins anew."
        )
    return faded


def _first_difference(meant: str, got: str) -> str:
    """The first line that came out otherwise; the one meant stays unsaid."""
    old, new = meant.splitlines(), got.splitlines()
    place = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    return (
        f"line {place + 1} becomes `{new[place][:120]}`."
        if place < len(new)
        else f"it ends after {len(new)} lines."
    )
