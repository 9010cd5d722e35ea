"""The steps of a turn up to its words: understand, retrieve or act, choose.

Each node takes the state and gives what changes in it. The rule owned here: plain code decides
in every one of them. The words come from `speaking`, the end from `remembering`.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from knowledge.catalog import Catalog
from tutor.agent import comparing, lesson, placing
from tutor.agent.choosing import choose_moves
from tutor.agent.errands import note_help, run_errand
from tutor.agent.exercises import has_example
from tutor.agent.hunting import open_case
from tutor.agent.intent import Intent, intent_of, read_intent
from tutor.agent.inviting import invitation
from tutor.agent.naming import resolve_unit
from tutor.agent.reading import read_alone, read_beside, read_skip
from tutor.agent.retrieval import as_read, find_passages
from tutor.agent.state import Deps, State
from tutor.events import MoveChosen, NoticeShown
from tutor.speaker.prose import terms
from tutor_error import TutorError

if TYPE_CHECKING:
    from langgraph.runtime import Runtime

    from teaching.dialogue_state import DialogueState

Update = dict[str, Any]
_LONGEST_ASKED = 300
_WAITED_FOR = frozenset({"reply", "aside", "place"})
"""Intents of a line that is about what the thread waits for: not what the learner sees, if that has moved."""
_ONE_LINE: Update = {"aside": None, "pressed": 0}
"""What waits for one line only, unless that line's move opens it again."""


async def understand(state: State, runtime: Runtime[Deps]) -> Update:
    """The intent of the line; in a lesson, what it does there. Fixes the attempt id of the turn."""
    catalog, embedder = runtime.context.catalog, runtime.context.embedder
    open_lesson, gone = lesson.resume(state.get("lesson")), ""
    if open_lesson is not None and open_lesson.unit not in catalog.units:
        open_lesson, gone = None, open_lesson.unit
        runtime.stream_writer(NoticeShown(_why_gone(catalog, gone)))
    intent = read_intent(state.get("line", ""), in_lesson=open_lesson is not None)
    if _compares(catalog, intent, open_lesson):
        intent = Intent("compare", intent.text)
    said = not state.get("line", "").startswith("/")
    if said and intent.kind == "example" and intent.target and not has_example(catalog, intent.target):
        intent = Intent("question", intent.text)
    beside = read_beside(state, intent, open_lesson, catalog, lambda other: _leaves_lesson(catalog, other))
    if beside is not None:
        intent = beside
    elif open_lesson is not None and not intent.text.startswith("/") and not _leaves_lesson(catalog, intent):
        intent = Intent("reply", intent.text)
    if intent.kind == "skip":
        intent = read_skip(state, open_lesson)
    if open_lesson is not None and intent.kind in ("hint", "stop") and not intent.target:
        intent = Intent("reply", intent.kind)
    if open_lesson is None:
        intent = read_alone(state, intent)
    intent = placing.read(state, intent)
    if state.get("elsewhere") and intent.kind in _WAITED_FOR:
        intent = Intent("remark", intent.text, "elsewhere")
    if open_lesson is not None and intent.kind == "reply":
        intent = Intent("reply", intent.text, lesson.act_of(catalog, open_lesson, intent.text, embedder).kind)
    fresh: Update = {
        "passages": [],
        "consult": {},
        "outcome": {},
        "segments": [],
        "answer": "",
        "citations": [],
        "moves": [],
    }
    if gone:
        fresh["lesson"] = None
    if intent.kind == "question" and intent.text in state.get("line", ""):
        fresh["asked"] = intent.text[:_LONGEST_ASKED]
    return {**fresh, "intent": intent.as_json(), "attempt": f"t-{secrets.token_hex(8)}"}


def route(state: State) -> str:
    """After understanding: a question is looked up, all else acted on."""
    intent = intent_of(state)
    asks = intent.kind == "question" or (intent.kind == "reply" and intent.target == "question")
    return "retrieve" if asks else "act"


async def retrieve(state: State, runtime: Runtime[Deps]) -> Update:
    deps = runtime.context
    question = intent_of(state).text
    for unit in deps.catalog.unproved:
        if unit in question.lower():
            raise deps.catalog.unproved[unit].error()
    found = await find_passages(
        deps.toolbox, deps.catalog, question, runtime.stream_writer, open_case(state, deps.catalog)
    )
    kept = [as_read(deps.catalog, passage) for passage in found]
    return {"passages": [vars(passage) for passage in kept if passage.text.strip()]}


async def act(state: State, runtime: Runtime[Deps]) -> Update:
    outcome = await run_errand(state, intent_of(state), runtime.context, runtime.stream_writer)
    return {"outcome": outcome}


async def choose(state: State, runtime: Runtime[Deps]) -> Update:
    """The moves, and what follows from them at once: events, and help put on record."""
    deps, emit = runtime.context, runtime.stream_writer
    chosen = choose_moves(state, intent_of(state), deps.catalog)
    for segment in chosen.segments:
        emit(MoveChosen(segment.move, segment.unit, segment.question))
    update: Update = {**_ONE_LINE, **chosen.update}
    after = lesson.resume(update.get("lesson"))
    if after is not None:
        moves = [segment for segment in chosen.segments if segment.question]
        for event in lesson.events_of(deps.catalog, after, moves):
            emit(event)
        open_question = f"{after.unit}/{after.question}"
        if lesson.is_helped(moves, after.question) and state.get("noted") != open_question:
            await note_help(deps, after.unit, str(after.question))
            update["noted"] = open_question
    invited = invitation(state, update, deps.catalog) if deps.settings.ask_confidence else None
    if invited is not None:
        emit(invited)
    segments = [segment.as_json() for segment in chosen.segments]
    moves_made = [segment.move for segment in chosen.segments]
    return {**update, "segments": segments, "scope": chosen.scope, "moves": moves_made}


def _compares(catalog: Catalog, intent: Intent, open_lesson: DialogueState | None) -> bool:
    """Units side by side are asked for; before an open question only if the line answers nothing."""
    if intent.kind == "reply" and open_lesson is not None:
        if lesson.is_short_answer(catalog, open_lesson, intent.text) or not comparing.orders(intent.text):
            return False
    elif intent.kind != "question":
        return False
    return comparing.compares_units(catalog, intent.text)


def _leaves_lesson(catalog: Catalog, intent: Intent) -> bool:
    """`learn backpropagation` asks for another unit; `learn from the data` may be an answer."""
    if intent.kind not in ("learn", "start"):
        return True
    try:
        unit = resolve_unit(catalog, intent.target)
    except TutorError:
        return False
    return set(terms(unit.name.replace("-", " "))) <= set(terms(intent.target))


def _why_gone(catalog: Catalog, unit_id: str) -> str:
    """Why the unit of an open lesson, which a pack had, is no longer taught."""
    known = catalog.unproved.get(unit_id)
    return (
        str(known.error()) if known else f"`{unit_id}` is no longer in the catalogue; its lesson ends here."
    )
