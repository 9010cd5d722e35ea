"""The steps of a turn: understand, retrieve, act, choose, speak, guard, remember.

Each node takes the state and gives what changes in it. The rule owned here: plain code
decides in every node but `speak`, and what `speak` says passes the guard.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from knowledge.catalog import Catalog
from tutor.agent import lesson
from tutor.agent.briefing import brief_model
from tutor.agent.choosing import choose_moves
from tutor.agent.consulting import speaker_for
from tutor.agent.errands import note_help, run_errand
from tutor.agent.guard import Blocked, GuardedStream, Oracle, cited, find_fault, oracle_of
from tutor.agent.intent import Intent, read_intent
from tutor.agent.naming import resolve_unit
from tutor.agent.retrieval import find_passages
from tutor.agent.state import MOST_MESSAGES, Deps, Segment, State, passages_of
from tutor.events import MoveChosen, NoticeShown, TokenStreamed
from tutor.speaker.embedded import EmbeddedSpeaker
from tutor.speaker.prose import terms
from tutor.speaker.speaker import SpeakRequest, Spoken
from tutor_error import TutorError

if TYPE_CHECKING:
    from langgraph.runtime import Runtime

Update = dict[str, Any]
_SUMMARY_CHARACTERS = 600


async def understand(state: State, runtime: Runtime[Deps]) -> Update:
    """The intent of the line; in a lesson, what it does there. Fixes the attempt id of the turn."""
    catalog = runtime.context.catalog
    open_lesson, gone = lesson.resume(state.get("lesson")), ""
    if open_lesson is not None and open_lesson.unit not in catalog.units:
        open_lesson, gone = None, open_lesson.unit
        runtime.stream_writer(NoticeShown(_why_gone(catalog, gone)))
    intent = read_intent(state.get("line", ""), in_lesson=open_lesson is not None)
    if open_lesson is not None and not intent.text.startswith("/") and not _leaves_lesson(catalog, intent):
        intent = Intent("reply", intent.text)
    if open_lesson is not None and intent.kind in ("hint", "stop") and not intent.target:
        intent = Intent("reply", intent.kind)
    if open_lesson is not None and intent.kind == "reply":
        intent = Intent("reply", intent.text, lesson.act_of(catalog, open_lesson, intent.text).kind)
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
    found = await find_passages(deps.toolbox, deps.catalog, question, runtime.stream_writer)
    return {"passages": [vars(passage) for passage in found]}


async def act(state: State, runtime: Runtime[Deps]) -> Update:
    outcome = await run_errand(state, intent_of(state), runtime.context, runtime.stream_writer)
    return {"outcome": outcome}


async def choose(state: State, runtime: Runtime[Deps]) -> Update:
    """The moves, and what follows from them at once: events, and help put on record."""
    deps, emit = runtime.context, runtime.stream_writer
    chosen = choose_moves(state, intent_of(state), deps.catalog)
    for segment in chosen.segments:
        emit(MoveChosen(segment.move, segment.unit, segment.question))
    update = dict(chosen.update)
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
    oracle = _oracle(state, deps.catalog)
    for segment in map(Segment.from_json, state.get("segments", [])):
        if said:
            emit(TokenStreamed("\n\n"))
        spoken = await _say(state, segment, oracle, runtime)
        said.append(spoken.text)
        speakers.append(spoken.speaker)
        if spoken.notice:
            emit(NoticeShown(spoken.notice))
    model = next((name for name in speakers if name != EmbeddedSpeaker.name), EmbeddedSpeaker.name)
    return {"answer": "\n\n".join(said), "speaker": model}


async def guard(state: State, runtime: Runtime[Deps]) -> Update:
    """The whole answer once more. What fails here is said in authored words instead."""
    passages = passages_of(state)
    oracle = _oracle(state, runtime.context.catalog)
    answer = state.get("answer", "")
    if find_fault(answer, passages, oracle, _allowed(state)) is not None:
        embedded = EmbeddedSpeaker()
        parts = [
            (await embedded.speak(_request(state, segment), _silently)).text
            for segment in map(Segment.from_json, state.get("segments", []))
        ]
        return {
            "answer": "\n\n".join(parts),
            "citations": cited("\n\n".join(parts)),
            "speaker": embedded.name,
        }
    return {"citations": cited(answer)}


async def remember(state: State, runtime: Runtime[Deps]) -> Update:
    """The transcript gets the turn, the state keeps the last messages and a line about the rest."""
    # Imported late: SQLAlchemy.
    from teaching.transcript import append_turn

    deps, line, answer = runtime.context, state.get("line", ""), state.get("answer", "")
    if deps.keeps:
        key = state.get("attempt", "")
        append_turn(deps.transcript, deps.settings.learner, deps.thread, "learner", line, key=f"{key}-l")
        append_turn(deps.transcript, deps.settings.learner, deps.thread, "tutor", answer, key=f"{key}-t")
    messages = [
        *state.get("messages", []), {"role": "learner", "text": line}, {"role": "tutor", "text": answer}
    ]  # fmt: skip
    dropped = messages[:-MOST_MESSAGES]
    earlier = [one["text"][:80] for one in dropped if one["role"] == "learner"]
    summary = "; ".join(filter(None, [state.get("summary", ""), *earlier]))[-_SUMMARY_CHARACTERS:]
    return {"messages": messages[-MOST_MESSAGES:], "summary": summary, "consult": {}}


async def _say(state: State, segment: Segment, oracle: Oracle, runtime: Runtime[Deps]) -> Spoken:
    """One segment by the chosen speaker, else in authored words, with the reason as a notice."""
    emit = runtime.stream_writer
    request = _request(state, segment)
    embedded = EmbeddedSpeaker()
    deps = runtime.context
    speaker = speaker_for(state, segment, deps)
    if segment.verbatim or speaker.name == embedded.name:
        return await embedded.speak(request, lambda text: emit(TokenStreamed(text)))
    request = brief_model(request, state, segment, deps)
    allowed = (*_allowed(state), *segment.facts, segment.text)
    stream = GuardedStream(
        lambda text: emit(TokenStreamed(text)),
        lambda text: find_fault(text, request.passages, oracle, allowed),
    )
    try:
        spoken = await speaker.speak(request, stream.write)
        stream.finish()
        deps.troubles.over()
        return _with_sources(spoken, segment, request, stream.emit)
    except Blocked:
        notice = "The model's words were held back: they went beyond the sources."
    except TutorError as error:
        notice = deps.troubles.meet(error)
    instead = await embedded.speak(request, stream.emit if not stream.passed else _silently)
    return Spoken(instead.text, instead.speaker, notice)


def _with_sources(spoken: Spoken, segment: Segment, request: SpeakRequest, emit: Any) -> Spoken:
    """An answer that names no source gets the best passage's; and the next step that code chose."""
    text = spoken.text
    added = ""
    if segment.move == "answer" and not cited(text):
        added += f" {request.passages[0].citation}"
    if segment.next_step:
        added += f"\n\n{segment.next_step}"
    if added:
        emit(added)
    return Spoken(text + added, spoken.speaker, spoken.notice)


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


def _oracle(state: State, catalog: Catalog) -> Oracle:
    """The secrets of the units in play: the lesson's, the project's, those of the best passages."""
    stored = state.get("lesson")
    units = [passage.unit for passage in passages_of(state)[:3]]
    units += [segment["unit"] for segment in state.get("segments", []) if segment["unit"]]
    units += [stored["unit"]] if stored else []
    units += [project] if (project := state.get("project")) else []
    return oracle_of(catalog, tuple(units))


def _allowed(state: State) -> tuple[str, ...]:
    """What this turn is there to say: the authored words of its moves; and the learner's own."""
    told = [text for s in state.get("segments", []) for text in (s["text"], *s["facts"])]
    return (*told, state.get("line", ""))


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
