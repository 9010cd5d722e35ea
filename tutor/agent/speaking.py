"""The words of a turn: each segment by the chosen speaker, past the guard; then the whole once more.

The rule owned here: what fails, at the model or at the guard, is said in authored words, and the
learner is told why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from tutor.agent.briefing import brief_model, request_of
from tutor.agent.choosing import prompt
from tutor.agent.consulting import speaker_for
from tutor.agent.guard import Blocked, Watch, cited, watch_of
from tutor.agent.state import Deps, Segment, State
from tutor.events import NoticeShown, TokenStreamed
from tutor.speaker.embedded import EmbeddedSpeaker
from tutor.speaker.speaker import Spoken
from tutor_error import TutorError

if TYPE_CHECKING:
    from langgraph.runtime import Runtime

Update = dict[str, Any]
_WORDINGS = 2
"""A model may word a move this often before the authored words are said."""


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
            (await embedded.speak(request_of(state, segment), _silently)).text
            for segment in map(Segment.from_json, state.get("segments", []))
        ]
        authored = "\n\n".join(parts)
        if watch.fault(authored, kind) is not None:
            authored = prompt("nothing_found")
        return {"answer": authored, "citations": cited(authored), "speaker": embedded.name}
    return {"citations": cited(answer)}


async def _say(state: State, segment: Segment, watch: Callable[[], Watch], runtime: Runtime[Deps]) -> Spoken:
    """One segment by the chosen speaker, else in authored words, with the reason as a notice.

    What the guard blocks is asked for once more, with the reason, before the authored words are said.
    """
    deps, emit = runtime.context, runtime.stream_writer
    request = request_of(state, segment)
    embedded = EmbeddedSpeaker()
    speaker = speaker_for(state, segment, deps)
    if segment.verbatim or speaker.name == embedded.name:
        return await embedded.speak(request, lambda text: emit(TokenStreamed(text)))
    request = brief_model(request, state, segment, deps)
    has_shown, notice = False, ""

    def show(text: str) -> None:
        nonlocal has_shown
        has_shown = True
        emit(TokenStreamed(text))

    for _ in range(_WORDINGS):
        stream = watch().stream(segment.move, _silently if has_shown else show)
        try:
            spoken = await speaker.speak(request, stream.write)
            deps.troubles.over()
            said = watch().finish(stream, segment.move)
            return _with_step(replace(spoken, text=said.strip()), segment, stream.emit)
        except Blocked as blocked:
            deps.troubles.over()
            request = replace(request, objection=blocked.why)
            notice = f"The model's words were held back twice: {blocked.why}."
        except TutorError as error:
            notice = deps.troubles.meet(error)
            break
    instead = await embedded.speak(request, _silently if has_shown else show)
    return Spoken(instead.text, instead.speaker, notice)


def _with_step(spoken: Spoken, segment: Segment, emit: Any) -> Spoken:
    """The next step that code chose closes an answer."""
    if not segment.next_step:
        return spoken
    emit(f"\n\n{segment.next_step}")
    return replace(spoken, text=f"{spoken.text}\n\n{segment.next_step}")


def _silently(_: str) -> None:
    """Words that replace what was shown: they arrive with the whole answer, not as a stream."""
