"""What a model is sent: rules and authored material first, what changes last, within a budget.

The order is the one that servers' prompt caches like: a turn's prefix is that of the turn before.
The rule owned here: however long its parts, a request keeps within the budget of tokens, and the
move, its facts and the learner's words are the last to be shortened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tutor.speaker.prompts import fence, fill_prompt
from tutor.speaker.speaker import Passage, SpeakRequest
from tutor.speaker.usage import estimate_tokens

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam

_ANSWER_TOKENS = 800
"""Kept free for what the model says."""
_FRAME_TOKENS = 4
_CUT = " […]"
_SHARES = {"passages": 0.4, "asked": 0.15, "facts": 0.2, "code": 0.2, "report": 0.1, "material": 0.2}
"""Of the budget, at most."""


def compose_messages(request: SpeakRequest, budget: int = 8000) -> list[ChatCompletionMessageParam]:
    """The request as messages of at most `budget` tokens, by estimate, the answer's included.

    One system message, then earlier turns in turns, then one of the user with the move: the form
    that the strictest chat templates take.
    """
    room = budget - _ANSWER_TOKENS
    opening = fill_prompt("system")
    if request.material:
        material = shorten(request.material, int(room * _SHARES["material"]))
        opening += "\n\n" + fill_prompt("material", material=fence("material", material))
    closing = fill_prompt(
        "turn",
        task=_task(request, room),
        learner=fence("learner", shorten(request.asked or "Go on.", int(room * _SHARES["asked"]))),
    )
    left = room - estimate_tokens(opening) - estimate_tokens(closing) - 2 * _FRAME_TOKENS
    if request.summary and (cost := estimate_tokens(request.summary) + 40) < left:
        opening += "\n\n" + fill_prompt("earlier", summary=fence("earlier", request.summary))
        left -= cost
    messages: list[dict[str, str]] = [{"role": "system", "content": opening}]
    for role, text in _recent(request.history, left):
        _say(messages, "assistant" if role == "tutor" else "user", text)
    _say(messages, "user", closing)
    return cast("list[ChatCompletionMessageParam]", messages)


def shorten(text: str, tokens: int) -> str:
    """The beginning of a text, in at most `tokens` tokens by estimate, with a mark where it was cut."""
    if estimate_tokens(text) <= tokens:
        return text
    kept = text.encode("utf-8", "replace")[: max(4 * tokens - len(_CUT.encode()), 0)]
    return kept.decode("utf-8", "ignore").rstrip() + _CUT


def _recent(history: tuple[tuple[str, str], ...], tokens: int) -> list[tuple[str, str]]:
    """The newest messages that fit, oldest first; they begin with one of the learner's."""
    kept: list[tuple[str, str]] = []
    for role, text in reversed(history):
        tokens -= estimate_tokens(text) + _FRAME_TOKENS
        if tokens < 0:
            break
        kept.append((role, text))
    while kept and kept[-1][0] == "tutor":
        kept.pop()
    return kept[::-1]


def _say(messages: list[dict[str, str]], role: str, text: str) -> None:
    """Add a message; two of one role in a row become one."""
    if messages[-1]["role"] == role:
        messages[-1]["content"] += f"\n\n{text}"
    else:
        messages.append({"role": role, "content": text})


def _task(request: SpeakRequest, room: int) -> str:
    parts = [_move(request, room)]
    if request.misconception:
        parts.append(fill_prompt("misconception", belief=shorten(request.misconception, room // 20)))
    if request.report:
        report = shorten(request.report, int(room * _SHARES["report"]))
        parts.append(fill_prompt("report", report=fence("report", report)))
    if request.code:
        code = shorten(request.code, int(room * _SHARES["code"]))
        parts.append(fill_prompt("code", code=fence("code", code)))
    return "\n\n".join(parts)


def _move(request: SpeakRequest, room: int) -> str:
    facts = "\n".join(f"- {fact}" for fact in request.facts) or request.text
    facts = shorten(facts, int(room * _SHARES["facts"]))
    if request.move != "answer":
        return fill_prompt("move", move=request.move, facts=fence("facts", facts))
    passages = "\n\n".join(_fitting(request.passages, int(room * _SHARES["passages"])))
    opening = shorten(request.text, int(room * _SHARES["facts"]))
    name = "open" if request.may_look_up else "answer"
    return fill_prompt(name, opening=opening, passages=passages)


def _fitting(passages: tuple[Passage, ...], tokens: int) -> list[str]:
    """Passages in their order while they fit; of the first, its beginning in any case."""
    kept: list[str] = []
    for passage in passages:
        text = f"{passage.citation}\n{passage.text}"
        cost = estimate_tokens(text) + _FRAME_TOKENS
        if cost > tokens and kept:
            break
        kept.append(fence("passage", shorten(text, tokens)))
        tokens -= cost
    return kept
