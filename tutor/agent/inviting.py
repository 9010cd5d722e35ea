"""How sure the learner is: when it is worth asking, and what they said.

The rule owned here: it is asked before an answer that nobody has helped with, it may always be left
out, and a word in the answer counts more than the choice beside it.
"""

from __future__ import annotations

from typing import Any

from knowledge.catalog import Catalog
from teaching.calibration import split_confidence
from tutor.agent import lesson
from tutor.agent.state import Deps, State
from tutor.events import ConfidenceInvited


def read_confidence(answer: str, state: State, deps: Deps) -> tuple[str, float | None]:
    """The answer without the confidence at its end, and that, else what was chosen beside it."""
    if not deps.settings.ask_confidence:
        return answer, None
    said, sure = split_confidence(answer)
    return said, state.get("confidence") if sure is None else sure


def invitation(state: State, update: dict[str, Any], catalog: Catalog) -> ConfidenceInvited | None:
    """The invitation for the next line, if it may be an answer that nobody has helped with."""
    if aside := update.get("aside"):
        return ConfidenceInvited(str(aside["path"])) if aside["kind"] == "predict" else None
    if opened := update.get("placing", state.get("placing")):
        return ConfidenceInvited(str(opened["question"]))
    after = lesson.resume(update.get("lesson", state.get("lesson")))
    if after is None or after.question is None or after.expects != "answer":
        return None
    helped = after.helped or after.wrong_tries or after.covered
    noted = update.get("noted", state.get("noted")) == f"{after.unit}/{after.question}"
    if helped or noted or lesson.waits_for_code(catalog, after):
        return None
    return ConfidenceInvited(lesson.question_id(after))
