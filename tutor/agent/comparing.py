"""`compare X and Y`: units side by side, from their own sections, each sentence with its source."""

from __future__ import annotations

import re
from typing import Any

from knowledge.catalog import Catalog
from knowledge.passage import page_of
from teaching.comparing import parts_of
from tutor.agent import lesson
from tutor.agent.intent import Intent
from tutor.agent.naming import find_units, resolve_unit
from tutor.agent.state import Chosen, Deps, Segment, State
from tutor.speaker.speaker import Passage
from tutor.toolbox import Emit
from tutor_error import TutorError

MOST = 4
_COMPARES = re.compile(
    r"(?:please |can you |could you )*(?:compare|contrast)\s+(?P<named>.+)|"
    r"(?:what(?:'s| is| are) the |explain the )?differences? between\s+(?P<between>.+)|"
    r"(?P<versus>.+?\s+(?:vs\.?|versus)\s+.+)"
)
_ORDERS = re.compile(r"(?:please |can you |could you )*(?:compare|contrast|explain|what)\b", re.IGNORECASE)
_APART = re.compile(r"\s*(?:,|;|\band\b|\bwith\b|\bto\b|\bvs\.?(?=\s)|\bversus\b)\s*")
_SURE = 0.6


def names_in(line: str) -> list[str]:
    """What a line asks to compare; empty when it asks for something else."""
    found = _COMPARES.fullmatch(" ".join(line.lower().replace("’", "'").split()).strip(" .!?"))
    if found is None:
        return []
    named = found.group("named") or found.group("between") or found.group("versus")
    return split_names(named)


def orders(line: str) -> bool:
    """Whether a line plainly orders or asks a comparison; "k-NN versus naive Bayes" may be an answer."""
    return bool(names_in(line)) and (line.rstrip().endswith("?") or _ORDERS.match(line) is not None)


def split_names(named: str) -> list[str]:
    return [part.strip() for part in _APART.split(named) if part and part.strip()]


def compares_units(catalog: Catalog, line: str) -> bool:
    """Whether a line asks to compare things that are units; other comparisons are questions."""
    names = names_in(line)
    if not 2 <= len(names) <= MOST:
        return False
    best = [find_units(catalog, name, ("lesson", "case_study"))[:1] for name in names]
    written = [
        found[0].unit.id
        for found in best
        if found and found[0].fit >= _SURE and found[0].unit.status != "planned"
    ]
    # "sgd and momentum" are two names of one unit: what is left must still be two.
    return len(written) == len(names) and len(set(written)) > 1


async def compare(state: State, intent: Intent, deps: Deps, emit: Emit) -> dict[str, Any]:
    names = names_in(intent.text) or split_names(intent.target)
    if not 2 <= len(names) <= MOST:
        raise TutorError(
            "no-target", f"Compare takes 2 to {MOST} units.", "For example `/compare k-NN and naive Bayes`."
        )
    named = [resolve_unit(deps.catalog, name, ("lesson", "case_study")) for name in names]
    units = list({unit.id: unit for unit in named}.values())
    for unit in units:
        lesson.require_teachable(deps.catalog, unit.id)
    if len(units) < 2:
        raise TutorError(
            "no-target",
            f"Both names mean `{units[0].id}`.",
            "Name them by their ids; `mltutor list` shows them.",
        )
    return {"compare": [unit.id for unit in units]}


def choose_compare(state: State, intent: Intent, catalog: Catalog) -> Chosen:
    units = [catalog.unit(name) for name in state.get("outcome", {})["compare"]]
    passages: list[Passage] = []
    blocks: list[str] = []
    for unit in units:
        others = [name for other in units if other.id != unit.id for name in (other.title, other.name)]
        rows = [f"**{unit.title}**"]
        for part in parts_of(page_of(catalog, unit), others):
            rows.append(f"{part.label}: {part.text} [{unit.id} › {part.section}]")
            passages.append(Passage(unit.id, part.section, part.text, title=unit.title))
        blocks.append("\n\n".join(rows))
    ask = (
        "Which of them would you take for your own data, and why? "
        f"`/learn {units[0].id}` or `/learn {units[-1].id}` goes deeper."
    )
    again = lesson.ask_again(catalog, lesson.resume(state.get("lesson")), "Back to our question.")
    segments = (
        Segment("compare", "\n\n".join(blocks), unit=units[0].id),
        *(again or (Segment("offer", ask),)),
    )
    return Chosen(segments, update={"passages": [vars(passage) for passage in passages]})
