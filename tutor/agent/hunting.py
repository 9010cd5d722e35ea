"""Discussing a case: its leakage hunt, and questions answered from its own sections.

The rule owned here: in a case, "why did they" is about that case; nothing said in a hunt is judged.
"""

from __future__ import annotations

from typing import Any

from knowledge.catalog import Catalog
from teaching.leak_hunt import Suspicion, suspicions
from tutor.agent import lesson
from tutor.agent.intent import Intent
from tutor.agent.naming import resolve_unit
from tutor.agent.reading import leaves_aside
from tutor.agent.state import Chosen, Deps, Segment, State
from tutor.speaker.speaker import Passage
from tutor.toolbox import Emit
from tutor_error import TutorError


async def hunt(state: State, intent: Intent, deps: Deps, emit: Emit) -> dict[str, Any]:
    case = _case_meant(state, intent, deps.catalog)
    lesson.require_teachable(deps.catalog, case)
    if not _hunt_of(deps.catalog, case):
        raise TutorError("no-hunt", f"`{case}` has no leakage hunt.", f"`/learn {case}` discusses it.")
    return {"hunt": case}


def choose_hunt(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    case = state.get("outcome", {})["hunt"]
    found = _hunt_of(catalog, case)
    lead = (
        f"A leakage hunt through **{catalog.unit(case).title}**, {len(found)} suspicions. Say what you think "
        "of each: leak or not, and why. Then I show what the case says. `skip` ends it."
    )
    aside = {"kind": "hunt", "case": case, "at": 0}
    return Chosen((Segment("discuss", lead, unit=case), _pose(case, found, 0)), update={"aside": aside})


def choose_suspicion(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    """What the case says of the suspicion, then the next one."""
    aside = dict(state.get("aside") or {})
    case, found = aside["case"], _hunt_of(catalog, aside["case"])
    again = lesson.ask_again(catalog, lesson.resume(state.get("lesson")), "Back to our question.")
    if leaves_aside(intent.text) or aside["at"] >= len(found):
        return Chosen((Segment("discuss", "Then let us leave it there.", unit=case), *again))
    one = found[aside["at"]]
    told = f"Compare with the case: {one.told} [{case} › {one.section}]"
    passage = Passage(case, one.section, one.told, title=catalog.unit(case).title)
    update: dict[str, Any] = {"passages": [vars(passage)]}
    aside["at"] += 1
    if aside["at"] == len(found):
        end = Segment("discuss", "That was the last. Which of them would have fooled you?", unit=case)
        return Chosen((Segment("discuss", told, unit=case), end, *again), update=update)
    segments = (Segment("discuss", told, unit=case), _pose(case, found, aside["at"]))
    return Chosen(segments, update=update | {"aside": aside})


def open_case(state: State, catalog: Catalog) -> str | None:
    """The case under discussion, if one is."""
    open_lesson = lesson.resume(state.get("lesson"))
    spoken = open_lesson.unit if open_lesson is not None else str((state.get("aside") or {}).get("case", ""))
    unit = catalog.units.get(spoken)
    return spoken if unit is not None and unit.kind == "case_study" else None


def _case_meant(state: State, intent: Intent, catalog: Catalog) -> str:
    if intent.target:
        return resolve_unit(catalog, intent.target, ("case_study",)).id
    spoken = open_case(state, catalog)
    if spoken is None:
        written = [unit.id for unit in catalog.find(kind="case_study") if unit.status != "planned"]
        example = f"For example `/hunt {written[0]}`." if written else "`mltutor list cases` shows them."
        raise TutorError("no-target", "A leakage hunt through which case?", example)
    return spoken


def _hunt_of(catalog: Catalog, case: str) -> tuple[Suspicion, ...]:
    return suspicions(catalog.case(case)) if catalog.unit(case).kind == "case_study" else ()


def _pose(case: str, found: tuple[Suspicion, ...], at: int) -> Segment:
    one = found[at]
    return Segment(
        "discuss",
        f"**{at + 1} of {len(found)}.** Somebody asks: “{one.practice}”\n\n{one.guide} Leak or not?",
        unit=case,
    )
