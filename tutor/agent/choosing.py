"""Which moves a turn makes, given what was asked, found and done. Plain code, no model.

The rule owned here: every fact that a turn may say is fixed here; a speaker adds none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from knowledge.catalog import Catalog
from knowledge.unit import Unit
from teaching.calibration import INVITATION
from teaching.remarks import courtesy
from teaching.speech_act import Act
from tutor.agent import (
    comparing,
    debugging,
    exercises,
    hunting,
    lesson,
    placing,
    self_review,
    solving,
    standing_text,
    talk,
)
from tutor.agent.briefing import keep_report
from tutor.agent.intent import Intent
from tutor.agent.scope import Ruling, judge_scope
from tutor.agent.state import Chosen, Segment, State, passages_of, segment_of
from tutor.speaker.usage import describe_sums

_PROMPTS = Path(__file__).parent / "prompts"
Choose = Callable[[State, Intent, Catalog], Chosen]


def choose_moves(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    return _CHOICES[intent.kind](state, intent, catalog)


def answer_segments(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    """An answer from the passages, or who would have answered, or a kind refusal."""
    passages = passages_of(state)
    ruling = judge_scope(catalog, intent.text, passages)
    if ruling.scope == "planned" and ruling.planned is not None:
        return Chosen((Segment("decline", _planned_text(ruling)),), "planned")
    if ruling.scope == "outside":
        return Chosen((Segment("decline", prompt("outside")),), "outside")
    source = catalog.units.get(passages[0].unit)
    if source is None:  # the learner's own material, which has no lesson to go on with
        return Chosen((Segment("answer", "", verbatim=False),))
    return Chosen((Segment("answer", "", verbatim=False, unit=source.id, next_step=_step_to(source)),))


def _answer(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    answered = answer_segments(state, intent, catalog)
    return replace(answered, segments=(*answered.segments, *placing.ask_again(state)))


def _learn(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    outcome = state.get("outcome", {})
    if "started" in outcome:
        return _start(state, intent, catalog)
    begun, moves = lesson.begin_lesson(catalog, outcome["unit"], outcome["log"])
    unit = catalog.unit(outcome["unit"])
    known = len(outcome["log"].get("answered", ()))
    asks = f"{known} of its questions" if known > 1 else "one of its questions"
    taken_up = f"\n\nYou have answered {asks} before; we go on from there." if known else ""
    opening = Segment("teach", f"**{unit.title}**{taken_up}", unit=unit.id)
    segments = (opening, *(segment_of(move) for move in moves))
    if outcome["log"].get("invites_confidence"):
        segments = (*segments, Segment("pump", INVITATION))
    return Chosen(segments, update={"lesson": begun.as_json(), "noted": "", "placing": None})


def _reply(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    open_lesson = lesson.resume(state.get("lesson"))
    if open_lesson is None:
        return answer_segments(state, intent, catalog)
    act = lesson.act_as_read(catalog, open_lesson, intent.target, intent.text)
    if act.kind == "greeting":
        lead = courtesy(intent.text, f"{len(state.get('messages', []))}/{intent.text}")
        return Chosen((Segment("remark", lead), *lesson.ask_again(catalog, open_lesson)))
    first: tuple[Segment, ...] = ()
    scope = "covered"
    if act.kind == "question":
        answered = answer_segments(state, intent, catalog)
        first, scope = tuple(_without_step(segment) for segment in answered.segments), answered.scope
    after, moves = lesson.lead_on(catalog, open_lesson, act, state.get("outcome", {}).get("judged"))
    segments = (*first, *(segment_of(move) for move in moves))
    return Chosen(segments, scope, {"lesson": None if after.finished else after.as_json()})


def _start(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    started = state.get("outcome", {})
    if "started" not in started:
        return _learn(state, intent, catalog)
    made = started["started"]
    verb = "is ready in" if made["created"] else "is where you left it, in"
    text = (
        f"**{made['title']}** {verb} `{made['folder']}`. Write your solution in `{Path(made['main']).name}`; "
        "the brief is beside it. `/check` runs the visible checks, `/grade` grades it, `/hint` helps."
    )
    update = {"project": made["project"], "path": made["folder"], "lesson": None, "placing": None}
    return Chosen((Segment("teach", text, unit=made["project"]),), update=update)


def _report(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    outcome = state.get("outcome", {})
    if "judged" in outcome:
        return _code_answer(state, outcome["judged"], catalog)
    report = outcome["report"]
    update: dict[str, Any] = {
        "project": report["project"], "path": outcome["path"], "report": keep_report(report)
    }  # fmt: skip
    told = Segment("correct", _verdict_text(report), unit=report["project"])
    opened = debugging.open_on_report(report, outcome["path"])
    if opened is None:
        return Chosen((told,), update=update)
    return Chosen((told, *opened.segments), update=update | opened.update)


def _code_answer(state: State, judged: dict[str, Any], catalog: Catalog) -> Chosen:
    open_lesson = lesson.resume(state.get("lesson"))
    assert open_lesson is not None, "a file was judged as the answer to an open question"
    after, moves = lesson.lead_on(catalog, open_lesson, Act("answer"), judged)
    told = (
        []
        if judged["correct"] is not False
        else [Segment("correct", judged["feedback"], unit=open_lesson.unit)]
    )
    segments = (*told, *(segment_of(move) for move in moves))
    return Chosen(segments, update={"lesson": None if after.finished else after.as_json()})


def _verdict_text(report: dict[str, Any]) -> str:
    """The verdict, then the first failure: what was seen, what was expected and why it matters."""
    graded = "grade" if report["attempt"] else "visible checks"
    points = f"{report['score']:g} of {report['max_score']:g} points"
    if report["passed"]:
        then = "`/next` says what follows." if report["attempt"] else "`/grade` runs the hidden ones too."
        return f"Passed: {points} in the {graded}. {then}"
    failed = [row for row in report["checks"] if row["status"] in ("failed", "error")]
    if not failed:
        return f"Not passed yet: {points} in the {graded}."
    first = failed[0]
    lines = [
        f"Not passed yet: {points} in the {graded}. Look first at **{first['title']}**. {first['message']}"
    ]
    seen = [f"Seen: {first['seen']}"] if first["seen"] else []
    seen += [f"Expected: {first['expected']}"] if first["expected"] else []
    lines += ["; ".join(seen) + "."] if seen else []
    lines += [f"`/hint {first['id']}` leads you on."] if first["hint_available"] else []
    return "\n\n".join(lines)


def _hint(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    hint = state.get("outcome", {})["hint"]
    text = f"Hint {hint['rung']} of {hint['of']} for `{hint['check']}`: {hint['text']}"
    return Chosen((Segment("hint", text, (hint["text"],), unit=hint["project"]),))


def _run(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    run = state.get("outcome", {})["run"]
    told = Segment("correct", f"It ended with `{run['outcome']}` after {run['seconds']:g} s.")
    opened = debugging.open_on_run(run, intent.target)
    return Chosen((told,)) if opened is None else Chosen((told, *opened.segments), update=opened.update)


def _next(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    step = state.get("outcome", {})["next"]
    if step["unit"] is None:
        return Chosen((Segment("recommend", step["reason"], (step["reason"],), False),))
    unit = catalog.unit(step["unit"])
    proposed = f"**{unit.title}** (`{unit.id}`). {step['reason']}"
    open_lesson = lesson.resume(state.get("lesson"))
    if open_lesson is not None:
        here = catalog.unit(open_lesson.unit).title
        text = f"First the rest of **{here}**, which we are in the midst of; `/stop` leaves it."
        text += f" After that: {proposed}" if unit.id != open_lesson.unit else ""
        return Chosen((Segment("recommend", text, unit=unit.id), *lesson.ask_again(catalog, open_lesson)))
    verb = "Review" if step["action"] == "review" else "Next"
    told = Segment("recommend", f"{verb}: {proposed} {_step_to(unit)}", unit=unit.id)
    return Chosen((*_open_project(state, catalog), told))


def _open_project(state: State, catalog: Catalog) -> tuple[Segment, ...]:
    """The project that the learner is in the midst of, before something else is proposed."""
    project, report = state.get("project", ""), state.get("report", {})
    if project not in catalog.units or (report.get("passed") and report.get("project") == project):
        return ()
    title = catalog.unit(project).title
    return (Segment("offer", f"**{title}** is open: `/check` runs it, `/hint` helps on. Otherwise:"),)


def _progress(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    if "history" in state.get("outcome", {}):
        return Chosen((Segment("recap", standing_text.history_text(state.get("outcome", {})["history"])),))
    told = state.get("outcome", {})["progress"]
    if not told["units"]:
        text = "Nothing yet. `/next` proposes a place to start; `/place` finds out what you know already."
        return Chosen((Segment("recap", text),))
    rows = [f"- **{row['title']}**: {row['explanation']}" for row in told["units"]]
    for programme in told["achievements"]:
        reached = [goal for goal in programme["begun"] if goal["state"] == "reached"]
        rows += [f"- {programme['title']}, **{goal['title']}**: {goal['told']}" for goal in reached]
    due = f"\n\n{told['reviews_due']} reviews are due: `/review`." if told["reviews_due"] else ""
    sure = standing_text.calibration_text(told["calibration"])
    return Chosen((Segment("recap", "\n".join(rows) + sure + due),))


def _review(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    if "review" in state.get("outcome", {}):
        return self_review.choose_review(state, intent, catalog)
    cards = state.get("outcome", {})["due"]["cards"]
    if not cards:
        return Chosen((Segment("recap", "Nothing is due. `/next` proposes something new."),))
    rows = [f"- `{card['question'] or card['unit']}`" for card in cards[:10]]
    first = cards[0]["unit"]
    return Chosen(
        (Segment("recap", "\n".join([f"{len(cards)} due:", *rows, f"\n`/learn {first}` takes you there."])),)
    )


def _usage(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    sums = state.get("outcome", {})["usage"]
    if not sums:
        return Chosen((Segment("recap", "No model has spoken here yet, so nothing was used."),))
    rows = [f"- **{name}**: {describe_sums(used)}" for name, used in sums.items()]
    return Chosen((Segment("recap", "\n".join(rows)),))


def _stop(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    return Chosen(
        (Segment("recap", "Until next time. What you have shown is kept."),),
        update={"lesson": None, "placing": None},
    )


def _aside(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    return _ASIDES[intent.target](state, intent, catalog)


def _fixed(move: str, name: str) -> Choose:
    return lambda state, intent, catalog: Chosen((Segment(move, prompt(name)), *placing.ask_again(state)))


def _thanks(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    said = courtesy(intent.text, f"{len(state.get('messages', []))}")
    return Chosen((Segment("recap", f"{said} `/next` says what follows."),))


def _accept(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    return Chosen((Segment("recap", "Agreed; the model answers from the next message on."),))


def _planned_text(ruling: Ruling) -> str:
    assert ruling.planned is not None
    text = (
        f"That belongs to **{ruling.planned.title}** (`{ruling.planned.id}`), which is planned and not "
        "written yet, and I teach only what is written."
    )
    if ruling.near:
        offers = " or ".join(f"`{_verb(unit)} {unit.id}` ({unit.title})" for unit in ruling.near)
        text += f" Written and closest to it: {offers}."
    return text


def _step_to(unit: Unit) -> str:
    does = "sets it up for you to build" if unit.kind == "project" else "takes you through it"
    return f"`{_verb(unit)} {unit.id}` {does}."


def _verb(unit: Unit) -> str:
    return "start" if unit.kind == "project" else "learn"


def _without_step(segment: Segment) -> Segment:
    """Inside a lesson the open question is the next step."""
    return Segment(segment.move, segment.text, segment.facts, segment.verbatim, segment.unit)


def prompt(name: str, **values: str) -> str:
    text = (_PROMPTS / f"{name}.md").read_text(encoding="utf-8").strip()
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    return text


_ASIDES: dict[str, Choose] = {
    "faded": exercises.choose_fill, "predict": exercises.choose_predicted, "debug": debugging.choose_suspect,
    "review": self_review.choose_part, "hunt": hunting.choose_suspicion,
}  # fmt: skip
_CHOICES: dict[str, Choose] = {
    "question": _answer, "learn": _learn, "reply": _reply, "start": _start, "check": _report,
    "grade": _report, "run": _run, "hint": _hint, "next": _next, "progress": _progress, "review": _review,
    "usage": _usage,
    "help": _fixed("recap", "help"), "greeting": _fixed("recap", "welcome"), "thanks": _thanks,
    "stop": _stop, "accept": _accept, "off_topic": _fixed("decline", "outside"), "aside": _aside,
    "place": lambda state, intent, catalog: placing.choose(state),
    "example": exercises.show_example, "fade": exercises.show_faded, "predict": exercises.choose_predict,
    "compare": comparing.choose_compare, "plan": talk.choose_plan, "summary": talk.choose_summary,
    "hunt": hunting.choose_hunt, "solution": solving.choose_solution, "remark": talk.choose_remark,
}  # fmt: skip
