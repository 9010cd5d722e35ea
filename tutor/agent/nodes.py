"""The steps of a turn: understand, retrieve, act, choose, speak, guard, remember.

Each node takes the state and gives what changes in it. The rule owned here: plain code
decides in every node but `speak`, and what `speak` says passes the guard.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from knowledge.catalog import Catalog
from tutor.agent import comparing, lesson, placing
from tutor.agent.choosing import choose_moves, prompt
from tutor.agent.errands import note_help, run_errand
from tutor.agent.exercises import has_example
from tutor.agent.guard import Blocked, Watch, cited, watch_of
from tutor.agent.guard.injection import without_orders
from tutor.agent.hunting import open_case
from tutor.agent.intent import Intent, read_intent
from tutor.agent.naming import resolve_unit
from tutor.agent.reading import read_beside
from tutor.agent.retrieval import find_passages
from tutor.agent.state import MOST_MESSAGES, Deps, Segment, State, passages_of
from tutor.events import ConfirmationAsked, MoveChosen, NoticeShown, TokenStreamed
from tutor.speaker.embedded import EmbeddedSpeaker
from tutor.speaker.prose import terms
from tutor.speaker.speaker import Passage, SpeakRequest, Spoken
from tutor_error import TutorError

if TYPE_CHECKING:
    from langgraph.runtime import Runtime

Update = dict[str, Any]
_SUMMARY_CHARACTERS = 600
_WORDINGS = 2
"""A model may word a move this often before the authored words are said."""
_LONGEST_MESSAGE = 4000
_LONGEST_ASKED = 300
_ONE_LINE: Update = {"aside": None, "confirming": None, "pressed": 0}
"""What waits for one line only, unless that line's move opens it again."""


async def understand(state: State, runtime: Runtime[Deps]) -> Update:
    """The intent of the line; in a lesson, what it does there. Fixes the attempt id of the turn."""
    catalog = runtime.context.catalog
    open_lesson, gone = lesson.resume(state.get("lesson")), ""
    if open_lesson is not None and open_lesson.unit not in catalog.units:
        open_lesson, gone = None, open_lesson.unit
        runtime.stream_writer(NoticeShown(_why_gone(catalog, gone)))
    intent = read_intent(state.get("line", ""), in_lesson=open_lesson is not None)
    if intent.kind == "question" and comparing.compares_units(catalog, intent.text):
        intent = Intent("compare", intent.text)
    said = not state.get("line", "").startswith("/")
    if said and intent.kind == "example" and intent.target and not has_example(catalog, intent.target):
        intent = Intent("question", intent.text)
    beside = read_beside(state, intent, open_lesson, catalog, lambda other: _leaves_lesson(catalog, other))
    if beside is not None:
        intent = beside
    elif open_lesson is not None and not intent.text.startswith("/") and not _leaves_lesson(catalog, intent):
        intent = Intent("reply", intent.text)
    if open_lesson is not None and intent.kind in ("hint", "stop") and not intent.target:
        intent = Intent("reply", intent.kind)
    intent = placing.read(state, intent)
    if open_lesson is not None and intent.kind == "reply":
        intent = Intent("reply", intent.text, lesson.act_of(catalog, open_lesson, intent.text).kind)
    fresh: Update = {
        "passages": [],
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
    kept = [_as_data(deps.catalog, passage) for passage in found]
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
    asked: dict[str, Any] | None = update["confirming"]
    if asked is not None:
        emit(ConfirmationAsked(state.get("attempt", ""), asked["text"]))
    after = lesson.resume(update.get("lesson"))
    if after is not None:
        moves = [segment for segment in chosen.segments if segment.question]
        for event in lesson.events_of(deps.catalog, after, moves):
            emit(event)
        open_question = f"{after.unit}/{after.question}"
        if lesson.is_helped(moves, after.question) and state.get("noted") != open_question:
            await note_help(deps, after.unit, str(after.question))
            update["noted"] = open_question
    segments = [segment.as_json() for segment in chosen.segments]
    moves_made = [segment.move for segment in chosen.segments]
    return {**update, "segments": segments, "scope": chosen.scope, "moves": moves_made}


async def speak(state: State, runtime: Runtime[Deps]) -> Update:
    """The segments in words, streamed as far as the guard lets them through."""
    deps, emit = runtime.context, runtime.stream_writer
    said: list[str] = []
    speakers: list[str] = []
    watch = cache(lambda: watch_of(state, deps.catalog))
    for segment in map(Segment.from_json, state.get("segments", [])):
        if said:
            emit(TokenStreamed("\n\n"))
        spoken = await _say(state, segment, watch, runtime)
        said.append(spoken.text)
        speakers.append(spoken.speaker)
        if spoken.notice:
            emit(NoticeShown(spoken.notice))
    model = next((name for name in speakers if name != EmbeddedSpeaker.name), EmbeddedSpeaker.name)
    return {"answer": "\n\n".join(said), "speaker": model}


async def guard(state: State, runtime: Runtime[Deps]) -> Update:
    """The whole answer once more. What fails here is said in authored words instead."""
    answer = state.get("answer", "")
    watch = watch_of(state, runtime.context.catalog)
    moves = state.get("moves", [])
    kind = moves[0] if len(set(moves)) == 1 else ""
    if watch.fault(answer, kind) is not None:
        embedded = EmbeddedSpeaker()
        parts = [
            (await embedded.speak(_request(state, segment), _silently)).text
            for segment in map(Segment.from_json, state.get("segments", []))
        ]
        authored = "\n\n".join(parts)
        if watch.fault(authored, kind) is not None:
            authored = prompt("nothing_found")
        return {"answer": authored, "citations": cited(authored), "speaker": embedded.name}
    return {"citations": cited(answer)}


async def remember(state: State, runtime: Runtime[Deps]) -> Update:
    """The transcript gets the turn, the state keeps the last messages and a line about the rest."""
    # Imported late: SQLAlchemy.
    from teaching.transcript import append_turn

    deps, line, answer = runtime.context, state.get("line", ""), state.get("answer", "")
    if deps.keeps:
        key, who, meta = state.get("attempt", ""), deps.settings.learner, _notes(state)
        append_turn(deps.transcript, who, deps.thread, "learner", line, key=f"{key}-l", meta=meta)
        append_turn(deps.transcript, who, deps.thread, "tutor", answer, key=f"{key}-t")
    messages = [
        *state.get("messages", []),
        {"role": "learner", "text": _cut(line)},
        {"role": "tutor", "text": _cut(answer)},
    ]
    dropped = messages[:-MOST_MESSAGES]
    earlier = [one["text"][:80] for one in dropped if one["role"] == "learner"]
    summary = "; ".join(filter(None, [state.get("summary", ""), *earlier]))[-_SUMMARY_CHARACTERS:]
    cites = state.get("citations", [])
    kept: Update = {"sources": cites[:3]} if cites else {}
    return {**kept, "messages": messages[-MOST_MESSAGES:], "summary": summary}


def _notes(state: State) -> Update:
    """What a summary of the conversation tells of this turn: from the record, no judgement of its own."""
    intent, outcome = intent_of(state), state.get("outcome", {})
    notes: Update = {"intent": intent.kind}
    if "judged" in outcome:
        unit, question = outcome["judged"]["question"].split("/")[:2]
        notes |= {"unit": unit, "question": question, "judged": outcome["judged"]["correct"]}
    elif "report" in outcome:
        notes |= {"unit": outcome["report"]["project"], "graded": outcome["report"]["passed"]}
    elif intent.kind == "learn" and "unit" in outcome:
        notes["unit"] = outcome["unit"]
    return notes


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]} …"


async def _say(state: State, segment: Segment, watch: Callable[[], Watch], runtime: Runtime[Deps]) -> Spoken:
    """One segment by the chosen speaker, else in authored words, with the reason as a notice.

    What the guard blocks is asked for once more, with the reason, before the authored words are said.
    """
    emit = runtime.stream_writer
    request = _request(state, segment)
    embedded = EmbeddedSpeaker()
    speaker = runtime.context.speaker
    if segment.verbatim or speaker.name == embedded.name:
        return await embedded.speak(request, lambda text: emit(TokenStreamed(text)))
    has_shown, notice = False, ""

    def show(text: str) -> None:
        nonlocal has_shown
        has_shown = True
        emit(TokenStreamed(text))

    for _ in range(_WORDINGS):
        stream = watch().stream(segment.move, _silently if has_shown else show)
        try:
            spoken = await speaker.speak(request, stream.write)
            said = watch().finish(stream, segment.move)
            return _with_step(Spoken(said.strip(), spoken.speaker), segment, stream.emit)
        except Blocked as blocked:
            request = replace(request, objection=blocked.why)
            notice = f"The model's words were held back twice: {blocked.why}."
        except TutorError as error:
            notice = f"{error} I answer by myself."
            break
    instead = await embedded.speak(request, _silently if has_shown else show)
    return Spoken(instead.text, instead.speaker, notice)


def _with_step(spoken: Spoken, segment: Segment, emit: Any) -> Spoken:
    """The next step that code chose closes an answer."""
    if not segment.next_step:
        return spoken
    emit(f"\n\n{segment.next_step}")
    return Spoken(f"{spoken.text}\n\n{segment.next_step}", spoken.speaker)


def _request(state: State, segment: Segment) -> SpeakRequest:
    return SpeakRequest(
        move=segment.move,
        asked=intent_of(state).text,
        text=segment.text,
        facts=segment.facts,
        passages=passages_of(state) if segment.move == "answer" else (),
        next_step=segment.next_step,
        history=tuple((message["role"], message["text"]) for message in state.get("messages", [])),
    )


def _as_data(catalog: Catalog, passage: Passage) -> Passage:
    """What is not of the curriculum, the learner's own material or a pack's, loses its orders."""
    unit = catalog.units.get(passage.unit)
    is_ours = unit is not None and not unit.namespace
    return passage if is_ours else replace(passage, text=without_orders(passage.text))


def intent_of(state: State) -> Intent:
    stored = state.get("intent", {})
    return Intent(stored["kind"], stored["text"], stored["target"])


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


def _silently(_: str) -> None:
    """Words that replace what was shown: they arrive with the whole answer, not as a stream."""
