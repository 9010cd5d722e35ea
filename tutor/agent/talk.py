"""Moves that need no lesson: a reply to a remark, the study plan, a summary of the conversation.

The rule owned here: a remark gets its fixed reply, and the question that was open stays open.
"""

from __future__ import annotations

from typing import Any

from knowledge.catalog import Catalog
from teaching import dialogue
from teaching.dialogue_state import DialogueState
from teaching.remarks import PRESSURE, how_judged, notebook_cells, reply_to
from teaching.summary import Exchange, summarise
from tutor.agent import lesson, placing
from tutor.agent.exercises import show_example
from tutor.agent.intent import Intent
from tutor.agent.state import Chosen, Deps, Segment, State
from tutor.toolbox import Emit
from tutor_error import TutorError

_DAYS_SHOWN = 5
_MOST_EXCHANGES = 150


def choose_remark(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    """The reply; then what was open, asked again."""
    open_lesson = lesson.resume(state.get("lesson"))
    if intent.target == "confused" and "example" in state.get("outcome", {}):
        return show_example(state, intent, catalog, lead=_say(state, "confused"))
    if open_lesson is not None and intent.target in ("too_easy", "why", "doubt"):
        return _in_lesson(state, intent.target, open_lesson, catalog)
    text, update = _reply(state, intent), {}
    if intent.target in PRESSURE:
        update["pressed"] = state.get("pressed", 0) + 1
        text = _say(state, intent.target, times=update["pressed"])
    if intent.target == "elsewhere":
        update |= {"aside": state.get("aside")}
    again = lesson.ask_again(catalog, open_lesson) or placing.ask_again(state)
    return Chosen((Segment("remark", text), *again), update=update)


def _in_lesson(state: State, remark: str, open_lesson: DialogueState, catalog: Catalog) -> Chosen:
    again = lesson.ask_again(catalog, open_lesson)
    if remark == "too_easy":
        quick = dialogue.hasten(open_lesson).as_json()
        return Chosen((Segment("remark", _say(state, "too_easy_lesson")), *again), update={"lesson": quick})
    page = lesson.page_of(catalog, open_lesson.unit)
    settled = dialogue.reason_of(page, open_lesson)
    if settled is None:
        return Chosen(
            (Segment("remark", _say(state, "why_nothing" if remark == "why" else "sure_nothing")), *again)
        )
    name, why = settled
    question = page.question(name)
    if remark == "doubt" and question is not None:
        text = _say(state, "sure_verdict", how=how_judged(question.kind))
    else:
        text = why or how_judged("code")
    return Chosen((Segment("remark", text, (why,), unit=open_lesson.unit), *again))


def _reply(state: State, intent: Intent) -> str:
    line, sources = state.get("line", ""), state.get("sources", [])
    match intent.target:
        case "huge":
            return _say(state, "huge", size=f"{len(line):,}")
        case "notebook":
            return _say(state, "notebook", cells=notebook_cells(line) or "cut off")
        case "confused":
            return _say(state, "confused_lost")
        case "doubt" if sources:
            told = "; ".join(f"{place['unit']}, {place['section']}" for place in sources)
            return _say(state, "sure_sources", sources=told, unit=sources[0]["unit"])
        case "doubt":
            return _say(state, "sure_nothing")
        case "why":
            return _say(state, "why_nothing")
        case remark:
            return _say(state, remark)


def _say(state: State, remark: str, *, times: int = 1, **values: str) -> str:
    return reply_to(
        remark,
        seed=f"{remark}/{len(state.get('messages', []))}/{state.get('line', '')}",
        times=times,
        **values,
    )


async def plan(state: State, intent: Intent, deps: Deps, emit: Emit) -> dict[str, Any]:
    """The plan of a programme; without a name, the programmes there are."""
    name, minutes = _programme(deps.catalog, intent.target)
    if not name:
        return {"programmes": [[one.id, one.title] for one in deps.catalog.programmes.values()]}
    told = await deps.toolbox.call("plan_study", {"programme": name, "minutes_a_day": minutes}, emit)
    kept = ("programme", "title", "minutes_a_day", "minutes")
    days = told["days"][:_DAYS_SHOWN]
    counts = {"count": len(told["days"])} | {key: len(told[key]) for key in ("planned", "finished")}
    return {"plan": {key: told[key] for key in kept} | counts | {"days": days}}


def _programme(catalog: Catalog, target: str) -> tuple[str, int | None]:
    """A programme by its id or by words of its title, and minutes a day when a number stands there."""
    words = target.lower().split()
    minutes = next((int(word) for word in words if word.isdigit()), None)
    named = " ".join(
        word for word in words if not word.isdigit() and word not in ("minutes", "a", "day", "min")
    )
    if not named or named in catalog.programmes:
        return named, minutes
    wanted = named.replace("-", " ").split()
    titles = {
        one.id: f"{one.id.replace('-', ' ')} {one.title.lower()}" for one in catalog.programmes.values()
    }
    fitting = [name for name, title in titles.items() if all(word in title for word in wanted)]
    return (fitting[0] if len(fitting) == 1 else named), minutes


def choose_plan(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    outcome = state.get("outcome", {})
    if "programmes" in outcome:
        rows = [f"- `/plan {name}`: {title}" for name, title in outcome["programmes"]]
        return Chosen((Segment("plan", "\n".join(["Which programme?", *rows])),))
    told = outcome["plan"]
    head = (
        f"**{told['title']}**, {told['minutes_a_day']} minutes a day: {told['count']} days, "
        f"{round(told['minutes'] / 60)} hours in all, for what is written."
    )
    rows = [f"- Day {day['number']}: {_day(day)}" for day in told["days"]]
    more = [f"- and {told['count'] - len(rows)} days more"] if told["count"] > len(rows) else []
    tail = (
        f"\n\nDone already: {told['finished']} unit{'s' * (told['finished'] != 1)}."
        if told["finished"]
        else ""
    )
    if told["planned"]:
        tail += f"\n\n{told['planned']} of its units are planned and not written yet; they take no time here."
    return Chosen((Segment("plan", "\n".join([head, "", *rows, *more]) + tail),))


def _day(day: dict[str, Any]) -> str:
    sessions = [
        f"{one['title']} (`{one['unit']}`{_part(one)}), {one['minutes']} min" for one in day["sessions"]
    ]
    return "; ".join(sessions)


def _part(session: dict[str, Any]) -> str:
    return f", part {session['part']} of {session['parts']}" if session["parts"] > 1 else ""


async def summary(state: State, intent: Intent, deps: Deps, emit: Emit) -> dict[str, Any]:
    """What the transcript of this thread holds, told from its notes."""
    # Imported late: SQLAlchemy.
    from teaching.transcript import last_turns

    learner = deps.settings.learner
    turns = last_turns(deps.transcript, learner, deps.thread, limit=2 * _MOST_EXCHANGES, characters=400_000)
    exchanges = [Exchange.from_meta(turn.text, turn.meta) for turn in turns if turn.role == "learner"]
    titles = {unit.id: unit.title for unit in deps.catalog.units.values()}
    return {"summary": summarise(exchanges, titles)}


def choose_summary(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    again = lesson.ask_again(catalog, lesson.resume(state.get("lesson")))
    return Chosen((Segment("summary", state.get("outcome", {})["summary"]), *again))


async def remark(state: State, intent: Intent, deps: Deps, emit: Emit) -> dict[str, Any]:
    """Who is confused after an explanation gets an example of it, when there is one."""
    from tutor.agent.exercises import example  # the errand of `/example`

    if intent.target != "confused" or state.get("lesson") is not None or not state.get("sources"):
        return {}
    try:
        return await example(state, Intent("example", intent.text), deps, emit)
    except TutorError as error:
        if error.code not in ("no-example", "no-target", "unknown-unit"):
            raise
        return {}
