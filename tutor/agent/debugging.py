"""Debugging with the learner, after a failed check or a run that broke.

The failure is read together, a suspicion is asked for, and authored hints and named misconceptions
narrow it down. The rule owned here: the fix is never told; each hint given goes on record.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from knowledge.catalog import Catalog
from knowledge.unit import Misconception
from teaching.answers import judge_repair
from teaching.debugging import advise, ask_for_hypothesis, read_failure, suggest_test
from tutor.agent import lesson
from tutor.agent.intent import Intent
from tutor.agent.reading import gives_up, leaves_aside
from tutor.agent.state import Chosen, Deps, Segment, State
from tutor.toolbox import Emit
from tutor_error import TutorError

_LONGEST_SOURCE = 200_000
_UNWRITTEN = "NotImplementedError"


def open_on_report(report: dict[str, Any], path: str) -> Chosen | None:
    """The question after a report that did not pass; None when nothing failed by itself."""
    failed = next((row for row in report["checks"] if row["status"] in ("failed", "error")), None)
    if report["passed"] or failed is None or str(failed["seen"]).startswith(_UNWRITTEN):
        return None  # what is not written yet has no fault to look for
    aside = {
        "kind": "debug", "project": report["project"], "path": path, "check": failed["id"],
        "belief": failed.get("misconception") or "", "stage": "suspect",
    }  # fmt: skip
    text = ask_for_hypothesis(f"{failed['id']}/{report['score']}")
    return Chosen((Segment("debug", text, unit=report["project"]),), update={"aside": aside})


def open_on_run(run: dict[str, Any], path: str) -> Chosen | None:
    """A broken run read aloud, and the question that narrows it down; None for one that ended well."""
    if run["outcome"] in ("ok", "refused"):
        return None
    error = run.get("error")
    name = error["name"] if error else ""
    asks = advise(name, run["outcome"]).ask
    text = f"{read_failure(run, _source(path))} {asks}"
    aside = {"kind": "debug", "path": path, "check": "", "error": name, "stage": "suspect"}
    return Chosen((Segment("debug", text),), update={"aside": aside})


async def suspect(state: State, intent: Intent, deps: Deps, emit: Emit) -> dict[str, Any]:
    """What helps next: the misconception that the check named, else the next hint of its ladder."""
    aside = state.get("aside") or {}
    if leaves_aside(intent.text):
        return {"help": "left"}
    if not aside["check"]:
        return {"help": "experiment"}
    belief = _belief(deps.catalog, aside)
    if aside["stage"] == "suspect" and belief is not None:
        return {"help": "belief"}
    if aside["stage"] == "repair" and belief is not None and not gives_up(intent.text):
        right = bool(judge_repair(belief, intent.text).correct)
        return {"help": "repaired" if right else "contrast"}
    try:
        return {"help": "hint", "hint": await deps.toolbox.hint(aside["project"], aside["check"], emit)}
    except TutorError as error:
        if error.code != "no-hint":
            raise
        return {"help": "experiment"}


def choose_suspect(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    aside, outcome = dict(state.get("aside") or {}), state.get("outcome", {})
    belief = _belief(catalog, aside)
    seed = f"{aside.get('check')}/{aside['stage']}/{len(intent.text)}"
    again = lesson.ask_again(catalog, lesson.resume(state.get("lesson")), "Back to our question.")
    test = suggest_test(seed, run=not aside["check"])
    match outcome["help"]:
        case "left":
            text, stays = "All right. It waits where you left it.", False
        case "belief" if belief is not None:
            text, stays = f"Keep that in mind, and look at a case. {belief.contrast}\n\n{belief.repair}", True
            aside["stage"] = "repair"
        case "repaired":
            text, stays = f"Right. So where does your code do otherwise? {test}", False
        case "contrast" if belief is not None:
            text, stays = (
                f"Not quite. {belief.contrast} Find the place in your code that this is about. {test}",
                False,
            )
        case "hint":
            hint = outcome["hint"]
            last = hint["rung"] == hint["of"]
            text = f"Hint {hint['rung']} of {hint['of']}: {hint['text']}"
            text += (
                f"\n\n{test}"
                if last
                else "\n\nDoes that fit your suspicion? Say on, or change one thing and `/check`."
            )
            stays = not last
            aside["stage"] = "hints"
        case _:
            text, stays = test, False
    update = {"aside": aside} if stays else {}
    segment = Segment("debug", text, unit=aside.get("project"))
    return Chosen((segment,) if stays else (segment, *again), update=update)


def _belief(catalog: Catalog, aside: dict[str, Any]) -> Misconception | None:
    project = aside.get("project", "")
    return catalog.misconceptions_of(project).get(aside.get("belief", "")) if project else None


def _source(path: str) -> str:
    file = Path(path)
    if file.suffix != ".py" or not file.is_file():
        return ""
    return file.read_text(encoding="utf-8", errors="replace")[:_LONGEST_SOURCE]
