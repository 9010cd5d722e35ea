"""The worked solution of a project: only once it is earned, and only after a yes.

The rule owned here: what it costs is said before it is shown, and the yes is the learner's next line.
"""

from __future__ import annotations

from typing import Any

from knowledge.catalog import Catalog
from tutor.agent import lesson
from tutor.agent.confirming import Confirmation, confirm
from tutor.agent.intent import Intent
from tutor.agent.naming import resolve_unit
from tutor.agent.state import Chosen, Deps, Segment, State
from tutor.toolbox import Emit
from tutor_error import TutorError

_TOOL = "show_solution"


async def show_solution(state: State, intent: Intent, deps: Deps, emit: Emit) -> dict[str, Any]:
    """Whether it is earned and what it costs; after a yes, the solution, which counts as help.

    Its text goes to the learner and not into the events of a tool.
    """
    if not intent.target and not state.get("project"):
        raise TutorError("no-project", "No project is open.", "Start one with `/start PROJECT` first.")
    project = state.get("project", "")
    if intent.target:
        project = resolve_unit(deps.catalog, intent.target, ("project", "case_study")).id
    told = await deps.toolbox.call(_TOOL, {"project": project})
    if not told["earned"]:
        return {"solution": told, "agreed": False}
    asked = Confirmation(_TOOL, f"{told['told']} Shall I show it? yes or no", ("show it", "show me"))
    if not confirm(asked, deps):
        return {"solution": told, "agreed": False}
    return {"solution": await deps.toolbox.call(_TOOL, {"project": project, "agreed": True}), "agreed": True}


def choose_solution(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    outcome = state.get("outcome", {})
    told = outcome["solution"]
    open_lesson = lesson.resume(state.get("lesson"))
    if not told["earned"]:
        return Chosen((Segment("decline", told["told"], unit=told["project"]),))
    if not outcome["agreed"]:
        hidden = Segment("remark", "Then it stays hidden. `/hint` is there when you want it.")
        return Chosen((hidden, *lesson.ask_again(catalog, open_lesson)))
    title = catalog.unit(told["project"]).title
    text = f"One way to write **{title}**:\n\n```python\n{told['code'].rstrip()}\n```"
    then = "Where does yours differ, and which of the two would you rather read in a year?"
    again = lesson.ask_again(catalog, open_lesson, "Back to our question.")
    return Chosen((Segment("solution", text, unit=told["project"]), *(again or (Segment("offer", then),))))
