"""The worked solution of a project: only once it is earned, and only after a yes.

The rule owned here: what it costs is said before it is shown, and the yes is the learner's next line.
"""

from __future__ import annotations

from typing import Any

from knowledge.catalog import Catalog
from tutor.agent import lesson
from tutor.agent.intent import Intent
from tutor.agent.naming import resolve_unit
from tutor.agent.state import Chosen, Deps, Segment, State
from tutor.toolbox import Emit
from tutor_error import TutorError

KIND = "solution"


async def ask_solution(state: State, intent: Intent, deps: Deps, emit: Emit) -> dict[str, Any]:
    """Whether it is earned, and what it costs."""
    if not intent.target and not state.get("project"):
        raise TutorError("no-project", "No project is open.", "Start one with `/start PROJECT` first.")
    project = state.get("project", "")
    if intent.target:
        project = resolve_unit(deps.catalog, intent.target, ("project", "case_study")).id
    return {"solution": await deps.toolbox.call("show_solution", {"project": project})}


def choose_ask(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    told = state.get("outcome", {})["solution"]
    if not told["earned"]:
        return Chosen((Segment("decline", told["told"], unit=told["project"]),))
    text = f"{told['told']} Shall I show it? yes or no"
    confirming = {"kind": KIND, "text": text, "payload": {"project": told["project"]}}
    return Chosen((Segment("offer", text, unit=told["project"]),), update={"confirming": confirming})


async def show(state: State, intent: Intent, deps: Deps, emit: Emit) -> dict[str, Any]:
    """The solution, after a yes. Its text goes to the learner and not into the events of a tool."""
    project = (state.get("confirming") or {})["payload"]["project"]
    return {"solution": await deps.toolbox.call("show_solution", {"project": project, "agreed": True})}


def choose_show(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    told = state.get("outcome", {})["solution"]
    title = catalog.unit(told["project"]).title
    text = f"One way to write **{title}**:\n\n```python\n{told['code'].rstrip()}\n```"
    then = "Where does yours differ, and which of the two would you rather read in a year?"
    again = lesson.ask_again(catalog, lesson.resume(state.get("lesson")), "Back to our question.")
    return Chosen((Segment("solution", text, unit=told["project"]), *(again or (Segment("offer", then),))))


def choose_refused(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    again = lesson.ask_again(catalog, lesson.resume(state.get("lesson")))
    return Chosen((Segment("remark", "Then it stays hidden. `/hint` is there when you want it."), *again))
